//! An SQL statement without what could name a person, for the access log.
//!
//! Kept are keywords, the columns and tables of the contract, functions, marks and short numbers. Texts, long
//! numbers (a 宛名番号, a 個人番号 typed by mistake), names of one's own and comments become `?`. A digest of the whole
//! statement is not kept: beside the masked text it would let anybody try names from a list.

use datafusion::sql::sqlparser::{
    dialect::GenericDialect,
    keywords::Keyword,
    tokenizer::{Token, Tokenizer},
};

/// Digits of a number that is kept: years, limits, points; no number of a person.
const DIGITS_MAX: usize = 4;

/// The statement with `?` for what is not `known` (asked in lower case).
pub(crate) fn masked(sql: &str, known: impl Fn(&str) -> bool) -> String {
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize() else { return "?".to_owned() };
    let mut out = String::new();
    for token in tokens {
        match token {
            Token::EOF => {}
            Token::Whitespace(_) if out.ends_with(' ') || out.is_empty() => {}
            Token::Whitespace(_) => out.push(' '),
            Token::Word(w) if w.quote_style.is_none() && w.keyword != Keyword::NoKeyword => out.push_str(&w.value),
            Token::Word(w) if known(&w.value.to_ascii_lowercase()) || is_alias(&w.value) => {
                out.push_str(&w.to_string());
            }
            Token::Number(n, _) if n.chars().filter(char::is_ascii_digit).count() <= DIGITS_MAX => out.push_str(&n),
            mark if is_mark(&mark.to_string()) => out.push_str(&mark.to_string()),
            _ => out.push('?'),
        }
    }
    out.trim_end().to_owned()
}

/// A letter with at most one digit names nobody.
fn is_alias(word: &str) -> bool {
    match word.as_bytes() {
        [a] => a.is_ascii_alphabetic(),
        [a, n] => a.is_ascii_alphabetic() && n.is_ascii_digit(),
        _ => false,
    }
}

fn is_mark(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_punctuation())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn masked(sql: &str) -> String {
        super::masked(sql, |w| ["claims", "name", "person_id", "points", "count", "birth_date"].contains(&w))
    }

    #[test]
    fn what_could_name_a_person_is_masked() {
        for (sql, want) in [
            ("SELECT name FROM claims WHERE name = '見本　太郎'", "SELECT name FROM claims WHERE name = ?"),
            ("select count(*)\n  from claims -- 見本さんの件\n", "select count(*) from claims"),
            ("SELECT points AS 見本太郎 FROM claims c LIMIT 10", "SELECT points AS ? FROM claims c LIMIT 10"),
            ("SELECT c.name, c.points AS yamada FROM claims AS c", "SELECT c.name, c.points AS ? FROM claims AS c"),
            ("SELECT \"name\", \"山田\" FROM \"claims\"", "SELECT \"name\", ? FROM \"claims\""),
            (
                "SELECT 1 /* 山田 */ FROM claims WHERE person_id = 123456789018",
                "SELECT 1 FROM claims WHERE person_id = ?",
            ),
            (
                "SELECT 1 WHERE points > 9999 AND birth_date = DATE '1980-01-15'",
                "SELECT 1 WHERE points > 9999 AND birth_date = DATE ?",
            ),
            ("SELECT E'山', N'田', X'41', U&'\\5C71', $1, $$太郎$$, 1.5e3", "SELECT ?, ?, ?, ?, ?, ?, 1.5e3"),
            ("SELECT 'open", "?"),
        ] {
            assert_eq!(masked(sql), want);
        }
    }

    proptest! {
        #[test]
        fn no_character_of_another_script_is_kept(sql in "(\\PC|[ '\"$/*-]|SELECT |name ){0,40}") {
            prop_assert!(masked(&sql).is_ascii(), "{}", masked(&sql));
        }
    }
}
