//! The indicators of the case log (third-party.md 1.5).

use jiff::{Unit, civil::Date};
use serde::Serialize;

use crate::{
    cases::Detail,
    progress::{days_to_notice, is_voluntary},
    words::words,
};

/// One figure: a rate, a mean or a share. Undefined over nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measure {
    pub kpi: &'static str,
    /// 交通, その他, a word of `discovery`, or empty
    pub part: String,
    pub name_ja: String,
    pub numerator: i64,
    pub denominator: i64,
}

impl Measure {
    /// `None` over nothing.
    pub fn value(&self) -> Option<f64> {
        (self.denominator != 0).then(|| self.numerator as f64 / self.denominator as f64)
    }
}

/// What bears on the indicators beside the cases themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kpi {
    /// persons that the score flagged
    pub extracted_persons: i64,
    /// of these, persons that were asked
    pub contacted_persons: i64,
}

/// Days within which a 傷病届 counts as prompt after its 勧奨.
const PROMPT_DAYS: i64 = 30;

impl Kpi {
    /// The six indicators over the cases opened between two days, both included.
    pub fn measures(&self, cases: &[Detail], from: Date, to: Date) -> Vec<Measure> {
        let cases: Vec<&Detail> =
            cases.iter().filter(|d| d.moves.first().is_some_and(|m| from <= m.on && m.on <= to)).collect();
        let received: Vec<&&Detail> = cases.iter().filter(|d| d.first("NOTICE_RECEIVED").is_some()).collect();
        let count = |n: usize| n as i64;
        let mut out = Vec::new();
        let mut add = |kpi, part: &str, name: &str, numerator: i64, denominator: i64| {
            out.push(Measure { kpi, part: part.into(), name_ja: name.into(), numerator, denominator });
        };
        let voluntary = received.iter().filter(|d| is_voluntary(d)).count();
        add("voluntary_rate", "", "被害届の自主的な提出率", count(voluntary), count(received.len()));
        for (part, traffic) in [("交通", true), ("その他", false)] {
            let is_traffic = |d: &Detail| matches!(d.case.cause_type.as_deref(), Some("traffic" | "bicycle"));
            let days: Vec<i64> =
                received.iter().filter(|d| is_traffic(d) == traffic).filter_map(|d| days_to_notice(d)).collect();
            add("days_to_notice", part, "被害届受理日までの平均日数", days.iter().sum(), count(days.len()));
        }
        let requested: Vec<&&Detail> = cases.iter().filter(|d| d.first("NOTICE_REQUESTED").is_some()).collect();
        let after: Vec<i64> = requested
            .iter()
            .filter_map(|d| {
                let span = d.first("NOTICE_REQUESTED")?.until((Unit::Day, d.first("NOTICE_RECEIVED")?)).ok()?;
                Some(i64::from(span.get_days()))
            })
            .collect();
        add("after_request_rate", "", "勧奨後の提出率", count(after.len()), count(requested.len()));
        let prompt = after.iter().filter(|d| **d <= PROMPT_DAYS).count();
        add("after_request_rate", "30日以内", "勧奨後の提出率", count(prompt), count(requested.len()));
        add("after_request_days", "", "勧奨後の日数", after.iter().sum(), count(after.len()));
        // confirmed: somebody said so, or a 傷病届 came
        let is_confirmed = |d: &&&Detail| {
            d.first("NOTICE_RECEIVED").is_some()
                || d.moves.iter().rev().find_map(|m| m.answer.as_deref()) == Some("third_party")
        };
        let confirmed: Vec<&&Detail> = cases.iter().filter(is_confirmed).collect();
        let claims: Vec<_> = confirmed.iter().flat_map(|d| &d.claims).collect();
        let marked = claims.iter().filter(|c| c.has_10).count();
        add("marked_rate", "", "「10 第三」記載率", count(marked), count(claims.len()));
        add("contact_rate", "", "勧奨実施率", self.contacted_persons, self.extracted_persons);
        for w in words("discovery") {
            let n = confirmed.iter().filter(|d| d.case.discovery_route == w.code).count();
            add("discovery_share", &w.name_ja, "発見の端緒", count(n), count(confirmed.len()));
        }
        out
    }
}
