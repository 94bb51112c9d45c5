//! A small seeded generator of numbers (SplitMix64): the same on every machine and in every release.

#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    #[expect(clippy::should_implement_trait, reason = "a generator has no end")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low + 1) as u64) as i64
    }

    /// True in `percent` of the cases.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.between(0, 99) < percent
    }

    pub fn pick<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[(self.next() % list.len() as u64) as usize]
    }

    /// Different days of a month, in order.
    pub fn days(&mut self, count: usize, of: u8) -> Vec<u8> {
        let mut days: Vec<u8> = Vec::new();
        while days.len() < count.min(usize::from(of)) {
            let d = self.between(1, i64::from(of)) as u8;
            if !days.contains(&d) {
                days.push(d);
            }
        }
        days.sort_unstable();
        days
    }
}
