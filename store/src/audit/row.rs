//! A row of the access log: its line in the file, and its place in the chain.
//!
//! `hash` = BLAKE3 over the `hash` of the row before (64 hex digits; 64 zeros before the first) and the other columns
//! in their order, each as `<bytes>:<text>,` where the text is that of `audit export --format csv`. So an
//! exported csv is enough to check the chain without this program.

use jiff::{Timestamp, Zoned, tz};
use serde::{Deserialize, Serialize};

/// `hash` before the first row.
pub const ORIGIN: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// `source` of what the log says about itself.
pub const LOG: &str = "log";
/// Names bytes that a crash left unfinished.
pub const SEAL: &str = "seal";
/// Says that `head.json` was not there.
pub const HEAD_LOST: &str = "head_lost";

/// One look, as logged. The fields stand in the order of the line and of the export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// from 1, without gaps
    pub seq: u64,
    #[serde(serialize_with = "write_time", deserialize_with = "read_time")]
    pub at: Timestamp,
    pub user: Option<String>,
    /// `command`, `review` or `api` with the address it came from, or `log` for what the log says about itself
    pub source: String,
    pub action: String,
    pub target: String,
    pub rows: u64,
    pub persons: Option<u64>,
    pub hash: String,
}

/// Japan's time all year.
pub(super) fn japan(at: Timestamp) -> Zoned {
    at.to_zoned(tz::TimeZone::fixed(tz::offset(9)))
}

/// A moment as output writes it.
fn time(at: Timestamp) -> String {
    at.display_with_offset(tz::offset(9)).to_string()
}

fn write_time<S: serde::Serializer>(at: &Timestamp, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&time(*at))
}

fn read_time<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Timestamp, D::Error> {
    String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
}

impl Row {
    /// The hash that this row has after a row with hash `previous`.
    pub fn link(&self, previous: &str) -> String {
        let number = |n: Option<u64>| n.map_or(String::new(), |n| n.to_string());
        let mut hasher = blake3::Hasher::new();
        hasher.update(previous.as_bytes());
        for text in [
            &number(Some(self.seq)),
            &time(self.at),
            self.user.as_deref().unwrap_or_default(),
            &self.source,
            &self.action,
            &self.target,
            &number(Some(self.rows)),
            &number(self.persons),
        ] {
            hasher.update(format!("{}:{text},", text.len()).as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// The line of this row, with its end.
    pub(super) fn line(&self) -> String {
        // a struct of texts and numbers always has a JSON form
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }

    /// The row of a line without its end. Only the very bytes that [`Row::line`] writes are a row.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let row: Self = serde_json::from_slice(line).ok()?;
        (row.line().as_bytes().strip_suffix(b"\n") == Some(line)).then_some(row)
    }

    /// The day in Japan, `YYYY-MM-DD`.
    pub fn day(&self) -> String {
        japan(self.at).date().to_string()
    }
}

/// Unfinished bytes, as a seal names them.
pub(super) fn seal_target(file: &str, start: u64, end: u64, hash: &blake3::Hash) -> String {
    format!("{file} {start}..{end} {}", hash.to_hex())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    prop_compose! {
        fn rows()(
            seq in 1..u64::MAX,
            at in -377_705_023_201_i64..253_402_207_200,
            milli in 0..1000_i32,
            user in proptest::option::of(".{1,9}"),
            source in "[a-z]{0,7}",
            action in "[a-z ,:0-9]{0,12}",
            target in "\\PC{0,40}|[\\x00-\\x1f\"\\\\/:,0-9]{0,12}",
            rows in any::<u64>(),
            persons in any::<Option<u64>>(),
        ) -> Row {
            let at = Timestamp::new(at.max(-377_000_000_000), milli * 1_000_000).unwrap_or_default();
            Row { seq, at, user, source, action, target, rows, persons, hash: String::new() }
        }
    }

    proptest! {
        #[test]
        fn a_line_is_read_back_and_nothing_else_is(mut row in rows(), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
            row.hash = row.link(ORIGIN);
            let line = row.line();
            let line = line.strip_suffix('\n').unwrap();
            prop_assert!(!line.contains('\n'));
            prop_assert_eq!(Row::parse(line.as_bytes()), Some(row.clone()));
            // any one byte changed: no row, or another row with a hash that does not fit
            let mut changed = line.as_bytes().to_vec();
            changed[at.index(line.len())] ^= flip;
            if let Some(other) = Row::parse(&changed) {
                prop_assert!(other != row && other.hash != other.link(ORIGIN));
            }
            // other spellings of the same JSON are no row
            prop_assert_eq!(Row::parse(format!("{line} ").as_bytes()), None);
        }

        #[test]
        fn different_rows_have_different_hashes(a in rows(), b in rows(), cut in any::<prop::sample::Index>()) {
            prop_assert_eq!(a == b, a.link(ORIGIN) == b.link(ORIGIN));
            prop_assert_ne!(a.link(ORIGIN), a.link(&a.link(ORIGIN)));
            // text moved from one column to the next is another row
            let chars: Vec<char> = a.target.chars().collect();
            if !chars.is_empty() {
                let at = cut.index(chars.len());
                let mut moved = a.clone();
                moved.action.extend(&chars[..=at]);
                moved.target = chars[at + 1..].iter().collect();
                prop_assert_ne!(a.link(ORIGIN), moved.link(ORIGIN));
            }
        }
    }

    /// The canonical form is a contract: a log of today must verify with every later release.
    #[test]
    fn the_chain_of_today() {
        let row = Row {
            seq: 1,
            at: "2026-10-05T08:59:30.25+09:00".parse().unwrap(),
            user: Some("点検 花子".into()),
            source: "command".into(),
            action: "claim".into(),
            target: "225b10274d7f8df4".into(),
            rows: 1,
            persons: None,
            hash: String::new(),
        };
        let form = "1:1,28:2026-10-05T08:59:30.25+09:00,13:点検 花子,7:command,5:claim,16:225b10274d7f8df4,1:1,0:,";
        assert_eq!(row.link(ORIGIN), blake3::hash(format!("{ORIGIN}{form}").as_bytes()).to_hex().to_string());
        assert_eq!(row.day(), "2026-10-05");
        assert_eq!(
            row.line(),
            "{\"seq\":1,\"at\":\"2026-10-05T08:59:30.25+09:00\",\"user\":\"点検 花子\",\"source\":\"command\",\
             \"action\":\"claim\",\"target\":\"225b10274d7f8df4\",\"rows\":1,\"persons\":null,\"hash\":\"\"}\n"
        );
    }
}
