use std::sync::Barrier;

use proptest::prelude::*;

use super::*;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A log opened anew, as another process would.
    fn log(&self) -> Log {
        Log { folder: self.0.path().join(FOLDER) }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(FOLDER).join(file)
    }

    fn look(&self, at: &str) -> Row {
        let look = Look::new("claim").target("225b10274d7f8df4").rows(1).persons(Some(1)).by(Some("見本".into()));
        self.log().append_at(&look, at.parse().unwrap()).unwrap()
    }

    /// Five looks in two months.
    fn five() -> Self {
        let place = Self::new();
        for at in ["2026-09-01T08:00+09", "2026-09-29T08:00+09", "2026-09-30T23:59:59.9999+09"] {
            place.look(at);
        }
        for at in ["2026-10-01T00:00+09", "2026-10-02T08:00+09"] {
            place.look(at);
        }
        place
    }

    fn edit(&self, file: &str, edit: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = fs::read(self.path(file)).unwrap();
        edit(&mut bytes);
        fs::write(self.path(file), bytes).unwrap();
    }

    fn lines(&self, file: &str, edit: impl FnOnce(&mut Vec<String>)) {
        self.edit(file, |bytes| {
            let mut lines: Vec<String> =
                String::from_utf8_lossy(bytes).split_inclusive('\n').map(str::to_owned).collect();
            edit(&mut lines);
            *bytes = lines.concat().into_bytes();
        });
    }

    fn verified(&self) -> Verified {
        self.log().verify(None).unwrap()
    }

    /// File, line and what of everything that is wrong.
    fn found(&self) -> Vec<(String, Option<u64>, What)> {
        self.verified().trouble.into_iter().map(|t| (t.file, t.line, t.what)).collect()
    }

    fn whole(&self) -> Anchor {
        let v = self.verified();
        assert_eq!(v.trouble, []);
        assert_eq!(self.log().state().unwrap().trouble, []);
        assert_eq!(self.log().state().unwrap().anchor, v.anchor);
        assert_eq!(self.log().state().unwrap().last_at, v.last_at);
        v.anchor.unwrap()
    }
}

const SEPTEMBER: &str = "2026-09.jsonl";
const OCTOBER: &str = "2026-10.jsonl";

fn at(file: &str, line: u64, what: What) -> (String, Option<u64>, What) {
    (file.to_owned(), Some(line), what)
}

fn lost(file: &str, what: What) -> (String, Option<u64>, What) {
    (file.to_owned(), None, what)
}

#[test]
fn an_empty_log_is_whole() {
    let place = Place::new();
    assert_eq!(place.verified(), Verified::default());
    assert!(!place.path("").exists(), "looking makes nothing");
}

#[test]
fn the_chain_holds_over_months_and_a_clock_set_back() {
    let place = Place::five();
    assert_eq!(place.whole().seq, 5);
    let lines = |file| fs::read_to_string(place.path(file)).unwrap().lines().count();
    assert_eq!((lines(SEPTEMBER), lines(OCTOBER)), (3, 2));
    place.look("2026-09-01T08:00+09");
    assert_eq!((lines(SEPTEMBER), lines(OCTOBER)), (3, 3));
    assert_eq!(place.whole().seq, 6);
    let mut rows = Vec::new();
    place.log().read(None, &mut |r| rows.push(r.clone())).unwrap();
    assert_eq!(rows.iter().map(|r| r.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(rows[0].link(ORIGIN), rows[0].hash);
    assert_eq!(rows[5].link(&rows[4].hash), rows[5].hash);
    assert_eq!(rows[5].day(), "2026-09-01");
}

#[test]
fn long_texts_are_cut() {
    let place = Place::new();
    let look = Look::new("sql").target(&"\u{1}".repeat(5_000)).by(Some("字".repeat(2_000)));
    let row = place.log().append(&look).unwrap();
    assert_eq!(row.target.chars().count(), CHARS_MAX + 1);
    assert!((row.line().len() as u64) < ROW_BYTES_MAX);
    place.look("2026-09-01T08:00+09");
    place.whole();
}

#[test]
fn threads_with_handles_of_their_own_keep_the_chain() {
    const THREADS: usize = 4;
    const LOOKS: usize = 15;
    let place = Place::new();
    let start = Barrier::new(THREADS + 1);
    std::thread::scope(|s| {
        for _ in 0..THREADS {
            s.spawn(|| {
                start.wait();
                for _ in 0..LOOKS {
                    place.look("2026-09-01T08:00+09");
                }
            });
        }
        start.wait();
        // a reader in between sees whole rows only
        for _ in 0..20 {
            assert_eq!(place.verified().trouble, []);
        }
    });
    assert_eq!(place.whole().seq, (THREADS * LOOKS) as u64);
}

#[test]
fn changes_are_named() {
    let place = Place::five();
    let anchor = place.whole();
    place.lines(SEPTEMBER, |l| l[1] = l[1].replace("225b", "225c"));
    assert_eq!(place.found(), [at(SEPTEMBER, 2, What::Changed { seq: 2 })]);
    let range = place.verified().trouble[0].range.unwrap();
    let text = fs::read_to_string(place.path(SEPTEMBER)).unwrap();
    assert!(text[range.0 as usize..range.1 as usize].contains("225c"));

    let place = Place::five();
    place.lines(SEPTEMBER, |l| {
        let at = l[1].len() - 4;
        let other = if &l[1][at..=at] == "0" { "1" } else { "0" };
        l[1].replace_range(at..=at, other);
    });
    assert_eq!(place.found(), [at(SEPTEMBER, 2, What::Changed { seq: 2 })], "the hash alone");

    // changed with a hash that fits: the next row does not follow
    let place = Place::five();
    place.lines(SEPTEMBER, |l| {
        let before = Row::parse(l[0].trim_end().as_bytes()).unwrap();
        let mut row = Row::parse(l[1].trim_end().as_bytes()).unwrap();
        row.target = "別".into();
        row.hash = row.link(&before.hash);
        l[1] = row.line();
    });
    assert_eq!(place.found(), [at(SEPTEMBER, 3, What::Changed { seq: 3 })]);

    let place = Place::five();
    place.lines(SEPTEMBER, |l| l[1] = l[1].replace("\"seq\"", "\"seqq\""));
    assert_eq!(place.found(), [at(SEPTEMBER, 2, What::Unreadable)]);

    // a whole new chain: only an anchor tells
    let place = Place::five();
    assert_eq!(place.log().verify(Some(&anchor)).unwrap().trouble, []);
    fs::remove_dir_all(place.path("")).unwrap();
    (0..6).for_each(|_| drop(place.look("2026-09-01T08:00+09")));
    place.whole();
    let found = |anchor: &Anchor| place.log().verify(Some(anchor)).unwrap().trouble.remove(0);
    assert_eq!((found(&anchor).what, found(&anchor).line), (What::AnchorDiffers { seq: 5 }, Some(5)));
    assert_eq!(found(&Anchor { seq: 9, ..anchor.clone() }).what, What::AnchorMissing { seq: 9 });
    assert_eq!(anchor.to_string().parse(), Ok(anchor));
    for wrong in ["", "5", "0:00", "5:xyz", "x:1"] {
        assert!(wrong.parse::<Anchor>().is_err(), "{wrong}");
    }
}

#[test]
fn missing_rows_are_named() {
    let place = Place::five();
    place.lines(SEPTEMBER, |l| drop(l.remove(1)));
    assert_eq!(place.found(), [at(SEPTEMBER, 2, What::Missing { from: 2, to: 2 })]);

    let place = Place::five();
    fs::remove_file(place.path(SEPTEMBER)).unwrap();
    assert_eq!(place.found(), [at(OCTOBER, 1, What::Missing { from: 1, to: 3 })]);

    let place = Place::five();
    place.lines(SEPTEMBER, |l| l.swap(0, 1));
    let found = place.found();
    assert!(found.contains(&at(SEPTEMBER, 2, What::OutOfOrder { seq: 1, expected: 3 })), "{found:?}");

    let place = Place::five();
    place.lines(SEPTEMBER, |l| l.insert(2, l[1].clone()));
    assert_eq!(place.found(), [at(SEPTEMBER, 3, What::OutOfOrder { seq: 2, expected: 3 })]);
}

#[test]
fn a_cut_end_is_found_and_never_forgotten() {
    let place = Place::five();
    place.lines(OCTOBER, |l| l.truncate(1));
    assert_eq!(place.found(), [lost(OCTOBER, What::Missing { from: 5, to: 5 })]);
    assert!(place.log().state().unwrap().is_damaged());
    place.look("2026-10-03T08:00+09");
    assert_eq!(place.found(), [at(OCTOBER, 2, What::Missing { from: 5, to: 5 })]);
    place.look("2026-10-03T08:00+09");
    assert_eq!(place.found().len(), 1);
    assert_eq!(place.verified().rows, 7);

    // in the middle of a line
    let place = Place::five();
    place.edit(OCTOBER, |b| b.truncate(b.len() - 20));
    assert_eq!(place.found(), [at(OCTOBER, 2, What::Unreadable), lost(OCTOBER, What::Missing { from: 5, to: 5 })]);
    assert!(place.log().state().unwrap().is_damaged());
    place.look("2026-10-03T08:00+09");
    assert_eq!(place.found(), [at(OCTOBER, 2, What::Unreadable)]);

    // of its line end alone
    let place = Place::five();
    place.edit(OCTOBER, |b| b.truncate(b.len() - 1));
    assert!(place.verified().is_damaged());

    // the last month, then everything
    let place = Place::five();
    fs::remove_file(place.path(OCTOBER)).unwrap();
    assert_eq!(place.found(), [lost(OCTOBER, What::Missing { from: 4, to: 5 })]);
    fs::remove_file(place.path(SEPTEMBER)).unwrap();
    assert_eq!(place.found(), [lost(OCTOBER, What::Missing { from: 1, to: 5 })]);
    place.look("2026-11-03T08:00+09");
    assert_eq!(place.found(), [at("2026-11.jsonl", 1, What::Missing { from: 1, to: 5 })]);
}

#[test]
fn the_note_of_the_last_row_is_missed() {
    let place = Place::five();
    fs::remove_file(place.path(HEAD)).unwrap();
    assert_eq!(place.found(), [lost(HEAD, What::HeadMissing)]);
    place.look("2026-10-03T08:00+09");
    assert_eq!(place.found(), [at(OCTOBER, 3, What::HeadLost)]);
    assert_eq!(place.verified().rows, 7);

    let place = Place::five();
    place.edit(HEAD, |b| b.clear());
    assert_eq!(place.found(), [lost(HEAD, What::HeadUnreadable)]);
    assert!(place.log().state().unwrap().is_damaged());

    let place = Place::five();
    let hash = place.whole().hash;
    place.edit(HEAD, |b| *b = String::from_utf8_lossy(b).replace(&hash, ORIGIN).into_bytes());
    assert_eq!(place.found(), [at(OCTOBER, 2, What::HeadDiffers { seq: 5 })]);
    assert!(place.log().state().unwrap().is_damaged());
}

/// What a crash leaves: any part of the last row, with the head of the row before, or zeros in its place.
#[test]
fn what_a_crash_left_is_sealed() {
    let whole = Place::five();
    let (before, last) = {
        let text = fs::read(whole.path(OCTOBER)).unwrap();
        let cut = text.iter().position(|b| *b == b'\n').unwrap() + 1;
        (text[..cut].to_vec(), text[cut..].to_vec())
    };
    let crashed = |rest: &[u8]| {
        let place = Place::new();
        ["2026-09-01T08:00+09", "2026-09-29T08:00+09", "2026-09-30T23:59:59.9999+09", "2026-10-01T00:00+09"]
            .into_iter()
            .for_each(|at| drop(place.look(at)));
        fs::write(place.path(OCTOBER), [&before, rest].concat()).unwrap();
        place
    };
    // the whole row: it counts
    let place = crashed(&last);
    assert_eq!(place.whole().seq, 5);
    place.look("2026-10-02T08:00+09");
    assert_eq!((place.whole().seq, place.verified().sealed), (6, 0));

    let zeros = vec![0; last.len()];
    let zeros_ended = [&zeros[1..], b"\n"].concat();
    let two_lines = [b"x\n\n".as_slice(), &last[..30]].concat();
    for rest in [&last[..1], &last[..last.len() / 2], &last[..last.len() - 1], &zeros, &zeros_ended, &two_lines] {
        let place = crashed(rest);
        assert_eq!(place.found(), [at(OCTOBER, 2, What::HalfLine)]);
        assert!(!place.verified().is_damaged());
        assert!(!place.log().state().unwrap().trouble.is_empty());
        // next month: the seal stands beside what it seals
        place.look("2026-11-02T08:00+09");
        assert_eq!((place.whole().seq, place.verified().sealed), (6, 1));
        assert!(fs::read(place.path(OCTOBER)).unwrap().starts_with(&[&before, rest].concat()), "nothing is removed");
        assert_eq!(fs::read_to_string(place.path("2026-11.jsonl")).unwrap().lines().count(), 1);
        // sealed bytes are part of the chain
        place.edit(OCTOBER, |b| b[before.len()] ^= 4);
        assert_eq!(place.found(), [at(OCTOBER, 2, What::Unreadable)]);
    }

    // in the very first row, and in the first row of a month
    let place = crashed(&last);
    fs::write(place.path("2026-11.jsonl"), &last[..40]).unwrap();
    assert_eq!(place.found(), [at("2026-11.jsonl", 1, What::HalfLine)]);
    place.look("2026-11-02T08:00+09");
    assert_eq!((place.whole().seq, place.verified().sealed), (7, 1));
    let place = Place::new();
    place.look("2026-10-02T08:00+09");
    place.edit(OCTOBER, |b| b.truncate(9));
    let head = Head { seq: 0, hash: ORIGIN.into(), file: String::new(), bytes: 0 };
    place.log().write_head(&head).unwrap();
    assert_eq!(place.found(), [at(OCTOBER, 1, What::HalfLine)]);
    place.look("2026-10-02T08:00+09");
    assert_eq!((place.whole().seq, place.verified().sealed), (2, 1));
}

#[test]
fn where_it_cannot_be_written_nothing_may_be_shown() {
    let place = Place::new();
    fs::write(place.0.path().join(FOLDER), b"a file where the folder belongs").unwrap();
    let failed = place.log().append(&Look::new("claim")).unwrap_err();
    assert!(matches!(failed, Error::Audit { .. }), "{failed}");
    let place = Place::five();
    fs::remove_file(place.path(HEAD)).unwrap();
    fs::create_dir(place.path(HEAD)).unwrap();
    let failed = place.log().append(&Look::new("claim")).unwrap_err();
    assert!(matches!(failed, Error::Audit { .. }), "{failed}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any byte that is changed, put in or taken out is found.
    #[test]
    fn no_byte_can_change(file in 0..2_usize, at in any::<prop::sample::Index>(), flip in 1..=255_u8, how in 0..3) {
        let place = Place::five();
        let mut last_end = false;
        place.edit([SEPTEMBER, OCTOBER][file], |b| {
            let at = at.index(b.len());
            last_end = file == 1 && how == 2 && at == b.len() - 1;
            match how {
                0 => b[at] ^= flip,
                1 => b.insert(at, flip),
                _ => drop(b.remove(at)),
            }
        });
        prop_assert!(place.verified().is_damaged(), "{:?}", place.found());
        // and stays found, but for the very last line end, which the next row puts back
        place.look("2026-10-03T08:00+09");
        prop_assert_eq!(place.verified().is_damaged(), !last_end, "{:?}", place.found());
    }
}
