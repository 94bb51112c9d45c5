//! Worked cases as CSV (third-party.md section 9): read, scored, written.

use std::{borrow::Cow, collections::HashMap};

use tenken_parser::{Kind, Month};

use super::{
    links::{Link, LinkError},
    rules::Rules,
    score::{Comment, Disease, Input, Outcome, Procedure, score},
    table::iso_date,
};

/// Columns a file of cases must have, in any order. `points`, `reason` and the expected ones may be absent.
pub const COLUMNS: [&str; 9] =
    ["case_id", "age", "sex", "claim_type", "claim_month", "tokki", "diagnoses", "comments", "procedures"];
/// May be absent: no links.
const LINKS: &str = "links";

/// A file of cases that cannot be read: line (0 = the header) and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}行目{}: {problem}", if column.is_empty() { String::new() } else { format!(" 列 {column}") })]
pub struct CaseError {
    pub line: u64,
    pub column: String,
    pub problem: String,
}

/// One row of a file of cases.
#[derive(Clone, Debug)]
pub struct MiniCase {
    pub case_id: String,
    /// the links are not in it yet
    pub input: Input<'static>,
    /// as written
    pub links: String,
    pub expected_flag: Option<bool>,
    pub expected_route: Option<String>,
}

impl MiniCase {
    /// Scores the case.
    ///
    /// # Errors
    /// A link that is not known.
    pub fn score(&self, rules: &Rules) -> Result<Outcome, LinkError> {
        self.score_with(rules, &self.links)
    }

    /// The same with other links.
    ///
    /// # Errors
    /// A link that is not known.
    pub fn score_with(&self, rules: &Rules, links: &str) -> Result<Outcome, LinkError> {
        let mut input = self.input.clone();
        input.links = Link::parse_all(rules, links)?;
        Ok(score(rules, &input))
    }
}

/// Reads a file of cases.
///
/// # Errors
/// A column that is missing, or the first cell that cannot be read.
pub fn read(text: &str) -> Result<Vec<MiniCase>, CaseError> {
    let error = |line: u64, column: &str, problem: String| CaseError { line, column: column.to_owned(), problem };
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|e| error(1, "", e.to_string()))?.clone();
    let columns: HashMap<&str, usize> = header.iter().enumerate().map(|(i, name)| (name.trim(), i)).collect();
    let missing: Vec<&str> = COLUMNS.into_iter().filter(|c| !columns.contains_key(c)).collect();
    if !missing.is_empty() {
        return Err(error(1, &missing.join(", "), format!("列がない（要る列: {}）", COLUMNS.join(", "))));
    }
    let mut cases = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| error(e.position().map_or(0, csv::Position::line), "", e.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column: &str| columns.get(column).and_then(|i| record.get(*i)).unwrap_or_default().trim();
        let wrong = |column: &str, what: &str| error(line, column, format!("「{}」は{what}", cell(column)));
        let month =
            Month::parse_iso(cell("claim_month")).ok_or_else(|| wrong("claim_month", "年月（YYYY-MM）でない"))?;
        let age = match cell("age") {
            "" => None,
            text => Some(text.parse().map_err(|_| wrong("age", "年齢でない"))?),
        };
        let owned = |text: &str| Cow::Owned(text.to_owned());
        let input = Input {
            claim_month: month,
            age,
            sex: match cell("sex") {
                "M" | "m" | "1" | "男" => 1,
                "F" | "f" | "2" | "女" => 2,
                _ => 0,
            },
            kind: kind_of(cell("claim_type")),
            tokki: owned(cell("tokki")),
            occupational: false,
            diseases: diagnoses(cell("diagnoses"))
                .ok_or_else(|| wrong("diagnoses", "CODE[+修飾語]=名称@開始日 でない"))?,
            comments: comments(cell("comments")).ok_or_else(|| wrong("comments", "種類:コード:文章 でない"))?,
            procedures: parts(cell("procedures"))
                .zip(1..)
                .map(|(code, record)| Procedure { record, code: owned(code) })
                .collect(),
            links: Vec::new(),
        };
        cases.push(MiniCase {
            case_id: cell("case_id").to_owned(),
            input,
            links: cell(LINKS).to_owned(),
            expected_flag: match cell("expected_flag") {
                "1" => Some(true),
                "0" => Some(false),
                _ => None,
            },
            expected_route: Some(cell("expected_route")).filter(|r| !r.is_empty()).map(str::to_owned),
        });
    }
    Ok(cases)
}

fn kind_of(text: &str) -> Kind {
    match text {
        t if t.contains("歯科") => Kind::Dental,
        t if t.contains("調剤") => Kind::Pharmacy,
        t if t.contains("訪問看護") => Kind::Nursing,
        t if t.to_ascii_uppercase().contains("DPC") => Kind::Dpc,
        _ => Kind::Medical,
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|p| !p.is_empty())
}

/// `CODE[+modifier]=name@start`, joined by `;`.
fn diagnoses(text: &str) -> Option<Vec<Disease<'static>>> {
    parts(text)
        .zip(1..)
        .map(|(part, record)| {
            let (code, rest) = part.split_once('=')?;
            let (name, start) = match rest.rsplit_once('@') {
                Some((name, day)) => (name, Some(iso_date(day.trim())?)),
                None => (rest, None),
            };
            let (code, modifiers) = code.split_once('+').unwrap_or((code, ""));
            Some(Disease {
                record,
                code: Cow::Owned(code.trim().to_owned()),
                modifiers: Cow::Owned(modifiers.replace(['+', ' '], "")),
                name: Cow::Owned(name.to_owned()),
                start,
                comment: Cow::Borrowed(""),
            })
        })
        .collect()
}

/// `KIND:code:text`, joined by `;`. A `;` inside a text begins no new comment.
fn comments(text: &str) -> Option<Vec<Comment<'static>>> {
    let begins = |part: &str| part.trim_start().split(':').next().is_some_and(is_record_id) && part.contains(':');
    let mut joined: Vec<String> = Vec::new();
    for part in text.split(';').filter(|p| !p.trim().is_empty()) {
        match joined.last_mut() {
            Some(last) if !begins(part) => {
                last.push(';');
                last.push_str(part);
            }
            _ => joined.push(part.trim().to_owned()),
        }
    }
    joined
        .iter()
        .zip(1..)
        .map(|(part, record)| {
            let mut fields = part.splitn(3, ':').map(str::to_owned);
            Some(Comment {
                record,
                kind: Cow::Owned(fields.next().filter(|k| is_record_id(k))?),
                code: Cow::Owned(fields.next()?),
                text: Cow::Owned(fields.next().unwrap_or_default()),
            })
        })
        .collect()
}

fn is_record_id(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// Scores cases and writes `case_id,score,flag,route,evidence,hold`. A row with an unknown link is written with its
/// `case_id` alone; its reason is returned.
pub fn write(rules: &Rules, cases: &[MiniCase]) -> (String, Vec<(String, LinkError)>) {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let mut errors = Vec::new();
    let mut rows = vec![["case_id", "score", "flag", "route", "evidence", "hold"].map(str::to_owned)];
    let digit = |yes: bool| u8::from(yes).to_string();
    for case in cases {
        rows.push(match case.score(rules) {
            Ok(o) => [
                case.case_id.clone(),
                o.score.to_string(),
                digit(o.flag),
                o.route.code().to_owned(),
                o.evidence_text(),
                digit(o.hold),
            ],
            Err(e) => {
                errors.push((case.case_id.clone(), e));
                let mut row: [String; 6] = Default::default();
                row[0].clone_from(&case.case_id);
                row
            }
        });
    }
    for row in rows {
        // a Vec takes every row
        let _ = writer.write_record(row);
    }
    (String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default(), errors)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::third_party::score::{Band, Route};

    /// The worked cases of the page, read where it lies; `None` where it does not.
    pub(crate) fn page_cases() -> Option<Vec<MiniCase>> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/spec/third-party.md");
        let Ok(page) = std::fs::read_to_string(path) else {
            eprintln!("skipped: not present");
            return None;
        };
        let section = page.split("```csv\n").nth(1)?.split("```").next()?;
        Some(read(section).unwrap())
    }

    fn outcome(case: &MiniCase, links: &str) -> Outcome {
        case.score_with(Rules::embedded(), links).unwrap()
    }

    fn adds_up(o: &Outcome) {
        assert_eq!(o.evidence.iter().map(|e| e.points).sum::<i32>(), o.score, "{:?}", o.evidence);
    }

    #[test]
    fn the_page_35_of_35() {
        let Some(cases) = page_cases() else { return };
        assert_eq!(cases.len(), 35);
        let (mut b0, mut b1) = ([0; 3], [0; 3]);
        let mut wrong = Vec::new();
        for case in &cases {
            let o = case.score(Rules::embedded()).unwrap();
            adds_up(&o);
            let flag = case.expected_flag.unwrap();
            let held = case.case_id == "P23";
            if o.flag != flag || Some(o.route.code()) != case.expected_route.as_deref() || o.hold != held {
                wrong.push(format!("{} {} {} {:?} {}", case.case_id, o.score, o.flag, o.route, o.evidence_text()));
            }
            for (counts, says) in [(&mut b0, o.b0), (&mut b1, o.b1)] {
                counts[0] += u32::from(says && flag);
                counts[1] += u32::from(!says && flag);
                counts[2] += u32::from(says && !flag);
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!((b0, b1), ([2, 15, 0], [17, 0, 11]));
        let score = |id: &str| cases.iter().find(|c| c.case_id == id).map(|c| outcome(c, &c.links).score);
        for (id, points) in [("P10", 44), ("P29", 44), ("P08", 43), ("P24", 35), ("P31", 35)] {
            assert_eq!(score(id), Some(points), "{id}");
        }
    }

    #[test]
    fn the_page_with_other_links() {
        let Some(cases) = page_cases() else { return };
        let case = |id: &str| cases.iter().find(|c| c.case_id == id).unwrap().clone();
        let is = |o: &Outcome, route: Route, flag: bool, hold: bool| {
            adds_up(o);
            assert_eq!((o.route, o.flag, o.hold), (route, flag, hold), "{}", o.evidence_text());
        };
        let mut p23 = case("P23");
        is(&outcome(&p23, "CASE:OPEN"), Route::Linked, false, true);
        p23.input.tokki = "10".into();
        is(&outcome(&p23, ""), Route::Marked, true, true);
        p23.input.tokki = "".into();
        let month = p23.input.claim_month;
        p23.input.diseases = diagnoses(&format!("8835144+8002=心理的虐待@{month}-09")).unwrap();
        p23.input.procedures.clear();
        let o = outcome(&p23, "");
        is(&o, Route::None, false, true);
        assert_eq!(o.score, 12);
        is(&outcome(&case("P26"), "ATTR:通知除外"), Route::None, false, true);
        let p31 = case("P31");
        is(&outcome(&p31, "AMB:交通事故@2026-05-19"), Route::Candidate, true, false);
        is(&outcome(&p31, "AMB:交通事故@2026-05-17"), Route::None, false, false);
        let o = outcome(&p31, "AMB:一般負傷@2026-05-20");
        is(&o, Route::None, false, false);
        assert_eq!(o.score, 30);
        is(&outcome(&p31, "NOTICE:損保"), Route::Marked, true, false);
        let p25 = outcome(&case("P25"), "NOTICE:保健所");
        is(&p25, Route::Food, true, false);
        let o = outcome(&p31, "AMB:交通事故@2026-05-19;ANSWER:NO");
        is(&o, Route::None, false, false);
        assert_eq!((o.score, o.band), (5, None));
        assert_eq!(outcome(&p31, "").band, Some(Band::Watch));
        assert!(p31.score_with(Rules::embedded(), "AMB:交通事故").is_err());
    }

    #[test]
    fn columns_in_any_order_and_errors() {
        let rules = Rules::embedded();
        let text = "links,case_id,comments,age,sex,claim_type,claim_month,tokki,diagnoses,procedures\n\
                    ,X1,CO:810000001:車に追突された; 右頚部痛,30,F,医科外来,2026-09,,8470024=頚椎捻挫@2026-09-03,111000110\n\
                    FOO:1,X2,,,,医科外来,2026-09,,,\n";
        let cases = read(text).unwrap();
        assert_eq!(cases[0].input.comments[0].text, "車に追突された; 右頚部痛");
        let (out, errors) = write(rules, &cases);
        let rows: Vec<&str> = out.lines().collect();
        assert_eq!(rows[0], "case_id,score,flag,route,evidence,hold");
        assert!(rows[1].starts_with("X1,100,1,CANDIDATE,D.neck:30:8470024 頚椎捻挫;"), "{}", rows[1]);
        assert!(rows[1].ends_with(",0"));
        assert_eq!(rows[2], "X2,,,,,");
        assert_eq!(errors.len(), 1);
        assert!(errors[0].1.to_string().contains("FOO:1"));

        let e = read("case_id,age\nX,1\n").unwrap_err().to_string();
        assert!(e.contains("sex, claim_type") && e.contains("列がない"), "{e}");
        let e = read(&text.replace("2026-09,,8470024", "令和8年,,8470024")).unwrap_err().to_string();
        assert!(e.contains("2行目 列 claim_month: 「令和8年」は年月"), "{e}");
        let e = read(&text.replace("@2026-09-03", "@9月3日")).unwrap_err().to_string();
        assert!(e.contains("列 diagnoses"), "{e}");
    }
}
