//! The fuzz targets on a few thousand inputs, the same each time: their seeds, and their seeds with bytes changed.

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

const ROUNDS: usize = 400;

/// xorshift
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n.max(1)
    }
}

/// Shows the input that was being read when something failed.
struct Showing<'a>(&'a str, &'a [u8]);

impl Drop for Showing<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("target {}, input \"{}\"", self.0, self.1.escape_ascii());
        }
    }
}

fn run(target: &fuzz::Target, input: &[u8]) {
    let _showing = Showing(target.name, input);
    fuzz::run(target.name, input);
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let at = random.below(input.len());
    match random.below(7) {
        0 if !input.is_empty() => input[at] = random.below(256) as u8,
        1 if !input.is_empty() => input[at] ^= 1 << random.below(8),
        2 => input.insert(at, random.below(32) as u8),
        3 => {
            // a cell of any maker
            let cell = [b',', b'0' + random.below(120) as u8, random.below(20) as u8, random.below(256) as u8];
            input.splice(at..at, cell);
        }
        4 => drop(input.drain(at..(at + random.below(40)).min(input.len()))),
        5 => {
            let other = &seeds[random.below(seeds.len())];
            let from = random.below(other.len());
            input.splice(at..at, other[from..].iter().take(random.below(80)).copied());
        }
        _ => {
            let part = input[at..].iter().take(random.below(60)).copied().collect::<Vec<_>>();
            input.splice(at..at, part);
        }
    }
}

#[test]
fn targets_hold_on_seeds_and_their_changes() {
    for (n, target) in fuzz::TARGETS.iter().enumerate() {
        let seeds = fuzz::seeds(target);
        seeds.iter().for_each(|s| run(target, s));
        let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ n as u64);
        for _ in 0..ROUNDS {
            let mut input = seeds[random.below(seeds.len())].clone();
            for _ in 0..=random.below(8) {
                change(&mut input, &seeds, &mut random);
            }
            run(target, &input);
        }
    }
    run(&fuzz::TARGETS[0], b"");
    assert!(!fuzz::input::dictionary().is_empty());
}
