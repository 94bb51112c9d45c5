//! What the register, other claims and other bodies say (third-party.md 3.4).

use tenken_parser::Date;

use super::{
    rules::{Rules, RulesError},
    table::{Table, iso_date},
};

/// What a link does beside its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// a registered case covers the claim
    Linked,
    /// points, unless the claim is marked
    Answer,
    /// evidence of another's act
    ThirdParty,
    Points,
    Rosai,
    SelfInflicted,
    /// known, and says nothing here
    None,
    Marked,
    Hold,
}

const EFFECTS: [(&str, Effect); 9] = [
    ("linked", Effect::Linked),
    ("answer", Effect::Answer),
    ("third_party", Effect::ThirdParty),
    ("points", Effect::Points),
    ("rosai", Effect::Rosai),
    ("self", Effect::SelfInflicted),
    ("none", Effect::None),
    ("marked", Effect::Marked),
    ("hold", Effect::Hold),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Argument {
    None,
    Date,
    Count,
}

/// A row of `links.csv`.
#[derive(Clone, Debug)]
pub(super) struct LinkRow {
    word: String,
    argument: Argument,
    effect: Effect,
    points: i32,
    /// a family of which the claim must have a disease; empty = none
    needs: String,
    name: String,
}

impl LinkRow {
    pub fn read(table: &Table) -> Result<Vec<Self>, RulesError> {
        table
            .rows()
            .map(|row| {
                let effect = row.needed("effect")?;
                Ok(Self {
                    word: row.needed("link")?.to_owned(),
                    argument: match row.cell("argument") {
                        "" => Argument::None,
                        "date" => Argument::Date,
                        "count" => Argument::Count,
                        other => {
                            return Err(row.error("argument", format!("「{other}」は使えない"), "空, date, count"));
                        }
                    },
                    effect: EFFECTS.iter().find(|(word, _)| *word == effect).map(|e| e.1).ok_or_else(|| {
                        row.error("effect", format!("「{effect}」は使えない"), &EFFECTS.map(|e| e.0).join(", "))
                    })?,
                    points: row.needed_number("points")?,
                    needs: row.cell("needs").to_owned(),
                    name: row.cell("name_ja").to_owned(),
                })
            })
            .collect()
    }
}

/// A link the engine does not know is an error of its row, never a silent zero.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("つながり「{0}」は分からない（使えるのは {1}）")]
pub struct LinkError(pub String, pub String);

/// One link of a claim, as `links` writes it: `CASE:OPEN`, `AMB:交通事故@2026-05-19`, `CLUSTER:FOOD:6` …
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub(super) text: String,
    pub(super) name: String,
    pub(super) effect: Effect,
    pub(super) points: i32,
    pub(super) needs: String,
    /// day of an ambulance record
    pub(super) date: Option<Date>,
    /// insured in a cluster
    pub(super) count: Option<u32>,
}

impl Link {
    /// Reads one link.
    ///
    /// # Errors
    /// A link that no row of `links.csv` describes, or whose date or number is none.
    pub fn parse(rules: &Rules, text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        let unknown = || {
            let known: Vec<&str> = rules.links.iter().map(|r| r.word.as_str()).collect();
            LinkError(text.to_owned(), known.join("、"))
        };
        let found = rules.links.iter().find_map(|row| {
            let (mut date, mut count) = (None, None);
            let word = match row.argument {
                Argument::None => text,
                Argument::Date => {
                    let (word, day) = text.split_once('@')?;
                    date = Some(iso_date(day)?);
                    word
                }
                Argument::Count => {
                    let (word, n) = text.rsplit_once(':')?;
                    count = Some(n.parse().ok()?);
                    word
                }
            };
            let same = match row.word.strip_suffix('*') {
                Some(start) => word.len() > start.len() && word.starts_with(start),
                None => word == row.word,
            };
            same.then(|| Self {
                text: text.to_owned(),
                name: row.name.clone(),
                effect: row.effect,
                points: row.points,
                needs: row.needs.clone(),
                date,
                count,
            })
        });
        found.ok_or_else(unknown)
    }

    /// Reads links joined by `;`.
    ///
    /// # Errors
    /// The first that is not known.
    pub fn parse_all(rules: &Rules, text: &str) -> Result<Vec<Self>, LinkError> {
        text.split(';').filter(|l| !l.trim().is_empty()).map(|l| Self::parse(rules, l)).collect()
    }
}

impl Rules {
    /// What a link without date or number is called in evidence.
    pub(super) fn link_name(&self, word: &str) -> &str {
        self.links.iter().find(|r| r.word == word).map_or("", |r| &r.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_the_page_and_others() {
        let rules = Rules::embedded();
        let all = "CASE:OPEN;ANSWER:NO;AMB:交通事故@2026-05-19;AMB:急病@2026-05-19;CLUSTER:FOOD:6;NOTICE:保健所;\
                   NOTICE:損保;NOTICE:警察;NOTICE:医療機関;ATTR:通知除外";
        assert_eq!(Link::parse_all(rules, all).unwrap().len(), 10);
        assert!(Link::parse_all(rules, "").unwrap().is_empty());
        for wrong in [
            "CASE:CLOSED",
            "CASE:OPEN:1",
            "AMB:交通事故",
            "AMB:交通事故@2026-02-30",
            "AMB:交通事故@5月19日",
            "AMB:@2026-05-19",
            "CLUSTER:FOOD",
            "CLUSTER:FOOD:x",
            "CLUSTER:WATER:3",
            "NOTICE:消防",
            "attr:通知除外",
        ] {
            let e = Link::parse_all(rules, &format!("CASE:OPEN;{wrong}")).unwrap_err();
            assert_eq!(e.0, wrong);
            assert!(e.to_string().contains("CLUSTER:FOOD"), "{e}");
        }
    }
}
