//! Check digits and the normal form of numbers (identifiers.md sections 1, 2; eligibility-rules.md 1.4).

/// 検証番号 of the digits before it (weights 2, 1, 2, … from the right). Nothing for other characters.
pub fn check_digit(body: &str) -> Option<char> {
    if body.is_empty() || !body.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let p = u32::from(b - b'0') * if i % 2 == 0 { 2 } else { 1 };
            p / 10 + p % 10
        })
        .sum();
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// The number with its check digit behind it.
pub fn with_check_digit(body: &str) -> String {
    let mut s = body.to_owned();
    s.extend(check_digit(body));
    s
}

/// Whether the last digit is the right one; a number whose body is all zeros is not.
pub fn has_check_digit(number: &str) -> bool {
    let Some(split) = number.len().checked_sub(1) else { return false };
    number.is_char_boundary(split)
        && number[..split].bytes().any(|b| b != b'0')
        && check_digit(&number[..split]).is_some_and(|c| number[split..].starts_with(c))
}

/// 保険者番号 in its normal form: padding and leading `00` of the eight-digit form removed, so that 6 or 8
/// digits remain. Nothing when other characters or another length remain.
pub fn insurer_no(field: &[u8]) -> Option<&str> {
    let digits = std::str::from_utf8(crate::Field(field).trimmed()).ok()?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match digits.len() {
        6 => Some(digits),
        8 => Some(digits.strip_prefix("00").unwrap_or(digits)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked examples of identifiers.md section 3.
    #[test]
    fn worked_examples() {
        for (number, valid) in [
            ("138016", true),
            ("138057", true),
            ("133264", true),
            ("138061", false),
            ("67138016", true),
            ("67133264", true),
            ("67138057", true),
            ("76138016", false),
            ("39130000", true),
            ("39010004", true),
            ("39270004", true),
            ("39310000", false),
            ("33120015", true),
            ("06130488", true),
            ("01040013", true),
            ("06130848", false),
            ("54016027", true),
            ("28140507", true),
            ("52148020", true),
            ("54016028", false),
            ("1234566", true),
            ("0110113719", true),
            ("3618010015", true),
            ("1310113719", false),
            ("000000", false),
            ("", false),
            ("12x4", false),
        ] {
            let checked = number;
            assert_eq!(has_check_digit(checked), valid, "{number}");
        }
    }

    #[test]
    fn normal_form() {
        for (field, want) in [
            ("  138057", Some("138057")),
            ("00138057", Some("138057")),
            ("06139992", Some("06139992")),
            ("138057", Some("138057")),
            ("39130000", Some("39130000")),
            ("13805", None),
            ("13805x", None),
            ("", None),
        ] {
            assert_eq!(insurer_no(field.as_bytes()), want, "{field}");
        }
    }

    proptest::proptest! {
        #[test]
        fn single_errors_are_found(body in "[0-9]{5,9}", at in 0usize..5, other in 0u8..10) {
            let good = with_check_digit(&body);
            let mut bad = good.clone().into_bytes();
            bad[at] = b'0' + other;
            let bad = String::from_utf8(bad).unwrap();
            proptest::prop_assert!(bad == good || !has_check_digit(&bad));
        }
    }
}
