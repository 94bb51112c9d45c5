//! 再審査等請求ファイル: a claim as it was received, byte for byte, with what is asked of it (insurer-side-files.md 5); and the
//! answers.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{
    batches::Answer,
    error::{Error, Result},
    words::read,
};

#[derive(Debug, Deserialize)]
struct Reason {
    k_code: String,
    reason_no: String,
}

#[derive(Debug, Deserialize)]
struct ResultCode {
    code: String,
    name_ja: String,
    result: String,
}

static REASONS: LazyLock<Vec<Reason>> = LazyLock::new(|| read(include_str!("../data/saishinsa_reasons.csv")));
static RESULTS: LazyLock<Vec<ResultCode>> = LazyLock::new(|| read(include_str!("../data/saishinsa_results.csv")));

/// Bytes of 理由番号補足, of 理由内容 フリー入力, of 整理番号.
const NOTE_BYTES: usize = 200;
const TEXT_BYTES: usize = 500;
const REF_BYTES: usize = 30;

/// What is asked of one claim.
pub struct Request<'a> {
    /// for messages
    pub case_no: i64,
    /// every line of the claim in the insurer form, as received
    pub claim: &'a [u8],
    /// 整理番号
    pub ref_no: String,
    pub k_code: &'a str,
    /// words of the reviewer; six digits at the beginning are the 理由番号
    pub text: &'a str,
    /// 理由年月日１ `YYYYMMDD`: the loss
    pub date: String,
    /// 縦覧: 検索番号 of other claims to be read beside it
    pub cross: Vec<String>,
}

fn bad(case_no: i64, why: String) -> Error {
    Error::BadInput { field: format!("事案 {case_no}"), why }
}

/// 理由番号: what the reviewer wrote first, else that of the K code.
fn reason_no<'a>(r: &Request<'a>) -> Result<(String, &'a str)> {
    let digits = r.text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 6 {
        return Ok((r.text[..6].to_owned(), r.text[6..].trim_start()));
    }
    let known = REASONS.iter().find(|k| k.k_code == r.k_code);
    known.map(|k| (k.reason_no.clone(), r.text)).ok_or_else(|| {
        bad(
            r.case_no,
            format!("{} に当たる理由番号がわかりません。理由の先頭に 6 桁の理由番号を書いてください", r.k_code),
        )
    })
}

/// A text of the record: nothing that would end a field, and nothing that CP932 does not have.
fn field(case_no: i64, name: &str, text: &str, most: usize) -> Result<Vec<u8>> {
    let wide: String = text
        .chars()
        .map(|c| match c {
            ',' => '，',
            '"' => '”',
            '\r' | '\n' | '\t' => '　',
            c => c,
        })
        .collect();
    let (bytes, _, lossy) = encoding_rs::SHIFT_JIS.encode(&wide);
    if lossy {
        let odd = wide.chars().find(|c| encoding_rs::SHIFT_JIS.encode(&c.to_string()).2).unwrap_or('?');
        return Err(bad(case_no, format!("{name} の「{odd}」は Shift_JIS にありません。ほかの字にしてください")));
    }
    if bytes.len() > most {
        return Err(bad(case_no, format!("{name} は {most} バイトまでです（{} バイト）", bytes.len())));
    }
    Ok(bytes.into_owned())
}

/// The lines of a claim with their ends, and the number of the last.
fn last_line(case_no: i64, claim: &[u8]) -> Result<u32> {
    let mut last = 0;
    for line in claim.split_inclusive(|b| *b == b'\n').filter(|l| !l.starts_with(&[0x1A])) {
        let mut parts = line.splitn(4, |b| *b == b',');
        let kind = parts.next().unwrap_or_default();
        let number = parts.next().and_then(|n| std::str::from_utf8(n).ok()?.parse::<u32>().ok());
        match (kind, number) {
            ([b'1'..=b'4'], Some(n)) => last = last.max(n),
            _ => {
                return Err(bad(
                    case_no,
                    "レセ電コード情報ファイルの形で受け取ったレセプトだけを再審査等請求にできます（この 1 件は医療機関の形です）".into(),
                ));
            }
        }
    }
    if last == 0 { Err(bad(case_no, "レセプトの行がありません".into())) } else { Ok(last) }
}

/// The file: each claim as received, then MD and JR with the next line numbers.
///
/// # Errors
/// [`Error::BadInput`] naming the case, the field and what to do; nothing is written for any.
pub fn write(requests: &[Request<'_>]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for r in requests {
        let mut line = last_line(r.case_no, r.claim)?;
        let body = r.claim.strip_suffix(&[0x1A]).unwrap_or(r.claim);
        let end: &[u8] = if body.ends_with(b"\r\n") || !body.contains(&b'\n') { b"\r\n" } else { b"\n" };
        out.extend_from_slice(body);
        if !body.ends_with(b"\n") {
            out.extend_from_slice(end);
        }
        let (number, words) = reason_no(r)?;
        // a short remark explains the number, a long one is the free text
        let long = encoding_rs::SHIFT_JIS.encode(words).0.len() > NOTE_BYTES;
        let (note, text) = if long { ("", words) } else { (words, "") };
        let ref_no = field(r.case_no, "整理番号", &r.ref_no, REF_BYTES)?;
        let note = field(r.case_no, "理由番号補足", note, NOTE_BYTES)?;
        let text = field(r.case_no, "理由内容", text, TEXT_BYTES)?;
        line += 1;
        // 21 fields behind the id, of which 12 on are empty
        let fields: [&[u8]; 11] =
            [b"1", b"", &ref_no, b"1", number.as_bytes(), &note, r.date.as_bytes(), b"", b"", b"", &text];
        out.extend_from_slice(format!("3,{line},0,MD,").as_bytes());
        out.extend_from_slice(&fields.join(&b','));
        out.extend_from_slice(&b",".repeat(10));
        out.extend_from_slice(end);
        for search_no in &r.cross {
            line += 1;
            let search_no = field(r.case_no, "縦覧の検索番号", search_no, REF_BYTES)?;
            out.extend_from_slice(format!("3,{line},0,JR,1,").as_bytes());
            out.extend_from_slice(&search_no);
            out.extend_from_slice(b",,,,,,");
            out.extend_from_slice(end);
        }
    }
    Ok(out)
}

/// What an answer file says, and what of it is not understood (line from 1, why).
pub fn read_answers(bytes: &[u8], document: &str) -> (Vec<Answer>, Vec<(usize, String)>) {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::SHIFT_JIS.decode(bytes).0.into_owned(),
    };
    let text = text.trim_start_matches('\u{feff}');
    if text.lines().next().is_some_and(|l| l.contains("search_no")) {
        return read_list(text, document);
    }
    let (mut answers, mut trouble): (Vec<Answer>, Vec<(usize, String)>) = (Vec::new(), Vec::new());
    let mut search_no = String::new();
    for (at, line) in text.lines().enumerate() {
        let parts: Vec<&str> = line.trim_end_matches(['\r', '\u{1a}']).split(',').collect();
        let Some(id) = parts.get(3) else { continue };
        let part = |n: usize| parts.get(3 + n).map_or("", |p| p.trim());
        match *id {
            "MN" => search_no = part(3).to_owned(),
            "MK" => {
                let Some(code) = RESULTS.iter().find(|c| c.code == part(6)) else {
                    trouble.push((at + 1, format!("審査結果 {} を知りません", part(6))));
                    continue;
                };
                if search_no.is_empty() {
                    trouble.push((at + 1, "MK の前に検索番号のある MN がありません".into()));
                    continue;
                }
                let text = format!("{} {}（処理 {}）", code.name_ja, part(7), part(4));
                answers.push(Answer {
                    search_no: search_no.clone(),
                    result: code.result.clone(),
                    text: text.trim().to_owned(),
                    yen: None,
                    document: document.to_owned(),
                });
            }
            "HR" => {
                if let Some(last) = answers.last_mut().filter(|a| a.search_no == search_no) {
                    last.text.push_str("（返戻理由あり）");
                }
            }
            _ => {}
        }
    }
    if answers.is_empty() && trouble.is_empty() {
        trouble.push((
            1,
            "結果（MK）のある行がありません。再審査等の結果ファイルか、search_no,result の CSV を選んでください".into(),
        ));
    }
    (answers, trouble)
}

/// A list of results: `search_no,result[,yen][,note]`; results by word or code. Other columns, a 個人番号 among them, are not
/// looked at.
fn read_list(text: &str, document: &str) -> (Vec<Answer>, Vec<(usize, String)>) {
    let (mut answers, mut trouble) = (Vec::new(), Vec::new());
    let mut file = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = file.headers().cloned().unwrap_or_default();
    let column = |name: &str| header.iter().position(|h| h.trim() == name);
    let (Some(search), Some(result)) = (column("search_no"), column("result")) else {
        return (answers, vec![(1, "列 search_no と result が要ります".into())]);
    };
    let (yen, note) = (column("yen"), column("note"));
    for (at, row) in file.records().enumerate() {
        let Ok(row) = row else {
            trouble.push((at + 2, "CSV として読めません".into()));
            continue;
        };
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default().trim().to_owned();
        let said = cell(Some(result));
        let Some(word) = crate::case_words("result").find(|w| w.code == said || w.name_ja == said) else {
            trouble.push((at + 2, format!("結果「{said}」を知りません")));
            continue;
        };
        answers.push(Answer {
            search_no: cell(Some(search)),
            result: word.code.clone(),
            text: cell(note),
            yen: cell(yen).parse().ok(),
            document: document.to_owned(),
        });
    }
    (answers, trouble)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tenken_parser::frame::{Event, Frames};

    use super::*;

    const CLAIM: &str = "2,1,0,MN,900000009,架空県見本区,13150807900000009,,,\r\n\
        1,2,0,IR,2,13,1,9999916,,見本医院,202607,00,03-0000-0000\r\n\
        1,3,0,RE,1,1112,202606,見本　太郎,1,19700101,70,,,,,,K0001,,,,,,,,,,,,,,,,,,,,,,,ミホンタロウ,\r\n\
        1,4,0,HO,  139998,見本,1234567,2,400,,,,,,,,,\r\n\
        2,5,0,EX,,,,,,,,1,,,,\r\n\
        2,6,0,RC,Ver000010123456789abcdef0123456789abcdef\r\n";

    fn cp932(text: &str) -> Vec<u8> {
        encoding_rs::SHIFT_JIS.encode(text).0.into_owned()
    }

    fn request<'a>(claim: &'a [u8], k_code: &'a str, text: &'a str) -> Request<'a> {
        let (ref_no, date) = ("13150807900000009".into(), "20260601".into());
        Request { case_no: 7, claim, ref_no, k_code, text, date, cross: vec!["13150807900000077".into()] }
    }

    fn ids(bytes: &[u8]) -> Vec<String> {
        let line = |l: &[u8]| {
            let mut parts = l.split(|b| *b == b',');
            parts.nth(3).map(|p| String::from_utf8_lossy(p).into_owned())
        };
        bytes.split(|b| *b == b'\n').filter_map(line).collect()
    }

    #[test]
    fn a_request_holds_the_claim_as_it_was_received() {
        let claim = cp932(CLAIM);
        let file = write(&[request(&claim, "K06", "社保に加入"), request(&claim, "K99", "201107 両方に該当")]).unwrap();
        assert!(file.starts_with(&claim));
        let text = encoding_rs::SHIFT_JIS.decode(&file).0.into_owned();
        let md: Vec<&str> = text.lines().filter(|l| l.contains(",MD,")).collect();
        assert_eq!(md[0], "3,7,0,MD,1,,13150807900000009,1,201103,社保に加入,20260601,,,,,,,,,,,,,,");
        assert_eq!(md[0].matches(',').count(), 3 + 21);
        assert!(md[1].contains(",201107,両方に該当,"));
        assert_eq!(text.lines().filter(|l| *l == "3,8,0,JR,1,13150807900000077,,,,,,").count(), 2);
        // our own reader finds two claims, each with its lines, and the received ones are those that came
        let mut frames = Frames::new(&file);
        let claims: Vec<_> = frames
            .by_ref()
            .filter_map(|e| match e {
                Event::Claim(claim) => Some(claim),
                _ => None,
            })
            .collect();
        assert_eq!(claims.len(), 2);
        for c in claims {
            let bytes = &file[c.start..c.start + c.len];
            assert!(bytes.starts_with(&claim));
            assert_eq!(ids(bytes), ["MN", "IR", "RE", "HO", "EX", "RC", "MD", "JR"]);
        }
    }

    #[test]
    fn what_cannot_be_asked_is_said() {
        let claim = cp932(CLAIM);
        let plain = cp932("RE,1,1112,202606\r\n");
        for (claim, k, text, want) in [
            (&claim, "K99", "理由番号がない", "理由番号"),
            (&claim, "K06", "𠮷野", "𠮷"),
            (&plain, "K06", "", "医療機関の形"),
        ] {
            let why = write(&[request(claim, k, text)]).unwrap_err().to_string();
            assert!(why.contains(want) && why.contains("事案 7"), "{why}");
        }
        let long = "長".repeat(251);
        assert!(write(&[request(&claim, "K06", &long)]).is_err());
    }

    #[test]
    fn answers_are_read() {
        let claim = CLAIM.replace("13150807900000009", "13150807900000010");
        let answer = format!(
            "{CLAIM}4,8,0,MK,1,20260910,201,202610,,201,見本連絡,,,,  139998,,,,\r\n{claim}4,8,0,MK,1,20260910,201,202610,,999,,,,,  139998,,,,\r\n"
        );
        let (found, trouble) = read_answers(&cp932(&answer), "結果.csv");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].search_no.as_str(), found[0].result.as_str()), ("13150807900000009", "kago_done"));
        assert_eq!(trouble.len(), 1);
        let list = "search_no,個人番号,result,yen,note\n123,999999999999,過誤済,100,済\n124,,なにか,,\n";
        let (found, trouble) = read_answers(list.as_bytes(), "x");
        assert_eq!(
            found[0],
            Answer {
                search_no: "123".into(),
                result: "kago_done".into(),
                text: "済".into(),
                yen: Some(100),
                document: "x".into()
            }
        );
        assert_eq!(trouble, [(3, "結果「なにか」を知りません".to_owned())]);
        assert_eq!(read_answers(b"", "x").1.len(), 1);
        assert_eq!(RESULTS.len(), include_str!("../data/saishinsa_results.csv").lines().count() - 1);
        assert!(RESULTS.iter().all(|c| crate::case_words("result").any(|w| w.code == c.result)));
    }

    proptest! {
        #[test]
        fn whatever_is_written_stays_one_field(text in "[ -~ぁ-んァ-ヶ一-龠\\r\\n]{0,60}") {
            let claim = cp932(CLAIM);
            let text = format!("x{text}");
            if let Ok(file) = write(&[request(&claim, "K06", &text)]) {
                prop_assert!(file.starts_with(&claim));
                let added = &file[claim.len()..];
                let lines: Vec<&[u8]> = added.split_inclusive(|b| *b == b'\n').collect();
                prop_assert_eq!(lines.len(), 2);
                prop_assert_eq!(lines[0].iter().filter(|b| **b == b',').count(), 3 + 21);
            }
        }
    }
}
