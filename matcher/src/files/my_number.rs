//! 個人番号 is refused at the door (registry-files.md section 1): by the name of a column, and by its values.

use super::error::{Error, SeenIn};
use unicode_normalization::{UnicodeNormalization, char::decompose_compatible};

/// What the name of a column may not contain, in comparison form.
const NAMES: [&str; 3] = ["個人番号", "マイナンバー", "mynumber"];

/// Whether a name says 個人番号: NFKC, without spaces, `_`, `-` and case.
pub fn names_my_number(name: &str) -> bool {
    let form: String = name.nfkc().filter(|c| !c.is_whitespace() && *c != '_' && !is_hyphen(*c)).collect();
    let form = form.to_lowercase();
    NAMES.iter().any(|n| form.contains(n))
}

/// The twelfth digit of eleven digits. Nothing for other text.
pub fn check_digit(body: &str) -> Option<u8> {
    let digits: &[u8; 11] = body.as_bytes().try_into().ok()?;
    digits.iter().all(u8::is_ascii_digit).then(|| twelfth(&digits.map(|b| b - b'0')))
}

fn twelfth(body: &[u8; 11]) -> u8 {
    // P1 is the digit left of the check digit
    let sum: u32 = body.iter().rev().zip(1..).map(|(p, n)| u32::from(*p) * if n <= 6 { n + 1 } else { n - 5 }).sum();
    match sum % 11 {
        0 | 1 => 0,
        r => (11 - r) as u8,
    }
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Whether a value is twelve digits, of any width, with the right check digit. Spaces and hyphens between
/// groups do not hide it.
pub fn is_my_number(value: &str) -> bool {
    if value.len() < 12 {
        return false;
    }
    let mut digits = [0u8; 12];
    let mut count = 0;
    for c in value.chars() {
        let mut is_other = false;
        let mut take = |c: char| match c.to_digit(10) {
            Some(d) if count < 12 => {
                digits[count] = d as u8;
                count += 1;
            }
            _ if c.is_whitespace() || is_hyphen(c) => {}
            _ => is_other = true,
        };
        if c.is_ascii() {
            take(c)
        } else {
            decompose_compatible(c, take)
        }
        if is_other {
            return false;
        }
    }
    let [body @ .., last] = &digits;
    count == 12 && twelfth(body) == *last
}

/// The test of a column by its values, whatever its name.
#[derive(Clone, Copy, Debug, Default)]
pub struct ValueTest {
    values: u64,
    hits: u64,
}

impl ValueTest {
    pub fn see(&mut self, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.values += 1;
            self.hits += u64::from(is_my_number(value));
        }
    }

    /// At least five, and at least 20 % of what is not empty.
    pub fn refuses(&self) -> bool {
        self.hits >= 5 && self.hits * 5 >= self.values
    }
}

/// Refuses a CSV in which a column is 個人番号, by its name or by its values. For files that have no layout here: the
/// calculators' inputs.
///
/// # Errors
/// [`Error::MyNumber`] with the column.
pub fn refuse(file: &str, csv: &str) -> Result<(), Error> {
    let found = |column: &str, seen| Error::MyNumber { file: file.to_owned(), column: column.to_owned(), seen };
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    // what is no CSV is said by whoever reads it
    let Ok(header) = reader.headers().cloned() else { return Ok(()) };
    if let Some(column) = header.iter().find(|h| names_my_number(h)) {
        return Err(found(column, SeenIn::Name));
    }
    let mut tests: Vec<ValueTest> = vec![ValueTest::default(); header.len()];
    for record in reader.records().map_while(Result::ok) {
        for (test, value) in tests.iter_mut().zip(&record) {
            test.see(value);
        }
    }
    match tests.iter().position(ValueTest::refuses) {
        Some(at) => Err(found(&header[at], SeenIn::Values)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(body: u64) -> String {
        let body = format!("{body:011}");
        format!("{body}{}", check_digit(&body).unwrap())
    }

    #[test]
    fn any_csv_is_refused_by_name_or_values() {
        let numbers: String = (0..5).map(|n| format!("{},1\n", number(n + 77))).collect();
        for (csv, column) in [
            ("個人 番号,x\n1,2\n".to_owned(), Some("個人 番号")),
            (format!("a,b\n{numbers}"), Some("a")),
            ("a,b\n1,2\n".to_owned(), None),
            (String::new(), None),
        ] {
            match (refuse("f.csv", &csv), column) {
                (Err(Error::MyNumber { column, .. }), Some(want)) => assert_eq!(column, want),
                (Ok(()), None) => {}
                (got, want) => panic!("{want:?}: {got:?}"),
            }
        }
    }

    /// Worked by hand with the weights 6 5 4 3 2 7 6 5 4 3 2.
    #[test]
    fn check_digits() {
        for (body, want) in [
            ("12345678901", Some(8)),
            ("00000000000", Some(0)),
            ("00000000001", Some(9)),
            // 2·6 = 12, r = 1
            ("00000000006", Some(0)),
            // 9·27 + 9·20 = 423, r = 5
            ("99999999999", Some(6)),
            ("1234567890", None),
            ("1234567890x", None),
        ] {
            assert_eq!(check_digit(body), want, "{body}");
        }
    }

    #[test]
    fn values() {
        for (value, want) in [
            ("123456789018", true),
            ("１２３４５６７８９０１８", true),
            (" 1234 5678 9018 ", true),
            ("1234-5678-9018", true),
            ("123456789019", false),
            ("12345678901", false),
            ("1234567890180", false),
            ("123456789018x", false),
            ("090-1234-5678", false),
            ("見本県架空市模里3丁目", false),
            ("", false),
        ] {
            assert_eq!(is_my_number(value), want, "{value}");
        }
    }

    #[test]
    fn names() {
        for name in ["個人番号", "個 人_番-号", "本人の個人番号（12桁）", "ﾏｲﾅﾝﾊﾞｰ", "My Number", "ＭＹ－ＮＵＭＢＥＲ"]
        {
            assert!(names_my_number(name), "{name}");
        }
        for name in ["番号", "宛名番号", "個人", "受付番号", "number", "個人コード"] {
            assert!(!names_my_number(name), "{name}");
        }
    }

    #[test]
    fn thresholds() {
        let test = |hits: u64, others: u64| {
            let mut t = ValueTest::default();
            (0..hits).for_each(|n| t.see(&number(n + 1)));
            (0..others).for_each(|_| t.see("123456789019"));
            (0..100).for_each(|_| t.see("  "));
            t.refuses()
        };
        assert!(test(5, 0));
        assert!(test(5, 20));
        assert!(!test(5, 21));
        assert!(!test(4, 0));
        assert!(test(20, 80));
        assert!(!test(19, 81));
    }

    proptest::proptest! {
        #[test]
        fn any_width_is_found(body in 0u64..100_000_000_000, wide in proptest::collection::vec(proptest::bool::ANY, 12)) {
            let text: String = number(body)
                .chars()
                .zip(wide)
                .map(|(c, w)| if w { char::from_u32(c as u32 + 0xFEE0).unwrap() } else { c })
                .collect();
            proptest::prop_assert!(is_my_number(&text));
        }
    }
}
