//! The rates and words of the town: CSV files under `data/`, each row with its source.

use std::sync::LazyLock;

use tenken_parser::Month;

use crate::calendar::Day;

/// One row of a table, by column name.
pub(crate) struct Row {
    columns: &'static str,
    cells: &'static str,
}

impl Row {
    /// Empty where there is no such column.
    pub fn text(&self, name: &str) -> &'static str {
        self.columns.split(',').position(|c| c == name).and_then(|i| self.cells.split(',').nth(i)).unwrap_or_default()
    }

    /// 0 where there is no number.
    pub fn number<T: std::str::FromStr + Default>(&self, name: &str) -> T {
        self.text(name).parse().unwrap_or_default()
    }
}

pub(crate) fn rows(file: &'static str) -> impl Iterator<Item = Row> {
    let mut lines = file.lines();
    let columns = lines.next().unwrap_or_default();
    lines.map(move |cells| Row { columns, cells })
}

/// 2022-10-01: 2割 in 後期, and the codes 41 to 44 (eligibility-rules.md E306, E310).
pub(crate) const TWO_TENTHS: Day = 19_266;

/// 国保 or 後期 (制度 of registry-files.md 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scheme {
    Kokuho,
    Kouki,
}

impl Scheme {
    pub fn code(self) -> u8 {
        match self {
            Self::Kokuho => 1,
            Self::Kouki => 3,
        }
    }
}

fn scheme(row: &Row) -> Scheme {
    if row.text("scheme") == "3" { Scheme::Kouki } else { Scheme::Kokuho }
}

pub(crate) struct FamilyName {
    pub kanji: &'static str,
    pub kana: &'static str,
    /// another form of the same characters (異体字), or empty
    pub variant: &'static str,
}

pub(crate) struct GivenName {
    pub kanji: &'static str,
    pub kana: &'static str,
}

/// Claims per 100,000 insured and month.
pub(crate) struct Rate {
    pub scheme: Scheme,
    pub age_from: i32,
    pub age_to: i32,
    /// ‰ of the insured of the scheme
    pub share: u32,
    pub inpatient: u32,
    pub outpatient: u32,
    pub dental: u32,
    pub nursing: u32,
    /// % of the mean outpatient claim
    pub cost: u32,
}

pub(crate) struct Loss {
    pub reason: &'static str,
    /// the qualification goes on, the row ends (県内転出)
    pub row_only: bool,
    pub per_mille: u32,
    pub age_from: i32,
    pub age_to: i32,
    pub family_per_mille: u32,
    /// days from the event to its registration
    pub known: (i32, i32),
    pub late_per_mille: u32,
    pub visits_per_mille: u32,
}

pub(crate) struct Acquisition {
    pub reason: &'static str,
    pub row_only: bool,
    pub per_mille: u32,
    pub known: (i32, i32),
    pub late_per_mille: u32,
    pub visits_per_mille: u32,
}

#[derive(Debug)]
pub(crate) struct Programme {
    /// 法別
    pub law: &'static str,
    /// prefecture and 実施機関番号
    pub body: &'static str,
    pub local: bool,
    pub scheme: Scheme,
    pub age_from: i32,
    pub age_to: i32,
    pub per_mille: u32,
    /// group of diseases it is for; `any`, `chronic`
    pub of: &'static str,
    /// % of the claim
    pub share: u8,
}

pub(crate) struct Limit {
    pub category: &'static str,
    pub from: Option<Month>,
    pub base: i64,
    pub threshold: i64,
    pub outpatient: i64,
}

pub(crate) struct Category {
    /// 0 under 70, 1 from 70 to 74, 3 後期
    pub scheme: u8,
    pub name: &'static str,
    pub per_mille: u32,
    pub tokki: &'static str,
    /// 割
    pub burden: u8,
}

pub(crate) struct Density {
    pub kind: &'static str,
    pub score_table: u8,
    pub per_10000: u32,
    pub at_least: u32,
    pub names: Vec<&'static str>,
    pub beds: u16,
}

pub(crate) struct Disease {
    pub group: &'static str,
    pub code: &'static str,
    pub age_from: i32,
    pub age_to: i32,
    pub sex: u8,
    pub weight: u32,
}

pub(crate) struct Tables {
    pub families: Vec<FamilyName>,
    pub given: [Vec<GivenName>; 2],
    pub places: Vec<&'static str>,
    pub rates: Vec<Rate>,
    pub losses: Vec<Loss>,
    pub acquisitions: Vec<Acquisition>,
    pub programmes: Vec<Programme>,
    pub limits: Vec<Limit>,
    pub categories: Vec<Category>,
    pub densities: Vec<Density>,
    pub diseases: Vec<Disease>,
}

impl Tables {
    pub fn rate(&self, scheme: Scheme, age: i32) -> &Rate {
        let of = |r: &&Rate| r.scheme == scheme;
        let hit = self.rates.iter().filter(of).find(|r| (r.age_from..=r.age_to).contains(&age));
        hit.or_else(|| self.rates.iter().rfind(of)).unwrap_or(&self.rates[0])
    }

    /// The category of a rank from 0 (poor) to 999.
    pub fn category(&self, scheme: u8, rank: u32) -> &Category {
        let mut below = 0;
        for c in self.categories.iter().filter(|c| c.scheme == scheme) {
            below += c.per_mille;
            if rank < below {
                return c;
            }
        }
        &self.categories[0]
    }

    /// The category of a rank on a day: before October 2022 nobody in 後期 paid 2割, and 一般 was one.
    pub fn category_on(&self, scheme: u8, rank: u32, on: Day) -> &Category {
        let c = self.category(scheme, rank);
        let undivided = scheme == 3 && c.name == "一般Ⅱ" && on < TWO_TENTHS;
        match self.categories.iter().find(|o| undivided && o.name == "一般Ⅰ") {
            Some(one) => one,
            None => c,
        }
    }

    pub fn limit(&self, category: &str, month: Month) -> Option<&Limit> {
        self.limits.iter().rev().find(|l| l.category == category && l.from.is_some_and(|f| f <= month))
    }

    pub fn loss(&self, reason: &str) -> Option<&Loss> {
        self.losses.iter().find(|l| l.reason == reason)
    }
}

pub(crate) static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let given = |sex: u8| {
        rows(include_str!("../data/given_names.csv"))
            .filter(|r| r.number::<u8>("sex") == sex)
            .map(|r| GivenName { kanji: r.text("name"), kana: r.text("kana") })
            .collect()
    };
    let known = |r: &Row| (r.number("known_from"), r.number("known_to"));
    Tables {
        families: rows(include_str!("../data/family_names.csv"))
            .map(|r| FamilyName { kanji: r.text("name"), kana: r.text("kana"), variant: r.text("variant") })
            .collect(),
        given: [given(1), given(2)],
        places: rows(include_str!("../data/places.csv")).map(|r| r.text("name")).collect(),
        rates: rows(include_str!("../data/rates.csv"))
            .map(|r| Rate {
                scheme: scheme(&r),
                age_from: r.number("age_from"),
                age_to: r.number("age_to"),
                share: r.number("share"),
                inpatient: r.number("inpatient"),
                outpatient: r.number("outpatient"),
                dental: r.number("dental"),
                nursing: r.number("nursing"),
                cost: r.number("cost"),
            })
            .collect(),
        losses: rows(include_str!("../data/losses.csv"))
            .map(|r| Loss {
                reason: r.text("reason"),
                row_only: r.text("ends") == "row",
                per_mille: r.number("per_mille"),
                age_from: r.number("age_from"),
                age_to: r.number("age_to"),
                family_per_mille: r.number("family_per_mille"),
                known: known(&r),
                late_per_mille: r.number("late_per_mille"),
                visits_per_mille: r.number("visits_per_mille"),
            })
            .collect(),
        acquisitions: rows(include_str!("../data/acquisitions.csv"))
            .map(|r| Acquisition {
                reason: r.text("reason"),
                row_only: r.text("begins") == "row",
                per_mille: r.number("per_mille"),
                known: known(&r),
                late_per_mille: r.number("late_per_mille"),
                visits_per_mille: r.number("visits_per_mille"),
            })
            .collect(),
        programmes: rows(include_str!("../data/programmes.csv"))
            .map(|r| Programme {
                law: r.text("law"),
                body: r.text("body"),
                local: r.text("kind") == "local",
                scheme: scheme(&r),
                age_from: r.number("age_from"),
                age_to: r.number("age_to"),
                per_mille: r.number("per_mille"),
                of: r.text("for"),
                share: r.number("share"),
            })
            .collect(),
        limits: rows(include_str!("../data/limits.csv"))
            .map(|r| Limit {
                category: r.text("category"),
                from: Month::parse_iso(r.text("valid_from")),
                base: r.number("base_yen"),
                threshold: r.number("threshold_yen"),
                outpatient: r.number("outpatient_yen"),
            })
            .collect(),
        categories: rows(include_str!("../data/categories.csv"))
            .map(|r| Category {
                scheme: r.number("scheme"),
                name: r.text("category"),
                per_mille: r.number("per_mille"),
                tokki: r.text("tokki"),
                burden: r.number("burden"),
            })
            .collect(),
        densities: rows(include_str!("../data/institutions.csv"))
            .map(|r| Density {
                kind: r.text("kind"),
                score_table: r.number("score_table"),
                per_10000: r.number("per_10000"),
                at_least: r.number("at_least"),
                names: r.text("name").split(';').collect(),
                beds: r.number("beds"),
            })
            .collect(),
        diseases: rows(include_str!("../data/illnesses.csv"))
            .map(|r| Disease {
                group: r.text("group"),
                code: r.text("code"),
                age_from: r.number("age_from"),
                age_to: r.number("age_to"),
                sex: r.number("sex"),
                weight: r.number("weight"),
            })
            .collect(),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row of every file has as many cells as the header, and a source.
    #[test]
    fn tables_are_whole() {
        for file in [
            include_str!("../data/family_names.csv"),
            include_str!("../data/given_names.csv"),
            include_str!("../data/places.csv"),
            include_str!("../data/rates.csv"),
            include_str!("../data/losses.csv"),
            include_str!("../data/acquisitions.csv"),
            include_str!("../data/programmes.csv"),
            include_str!("../data/limits.csv"),
            include_str!("../data/categories.csv"),
            include_str!("../data/institutions.csv"),
            include_str!("../data/illnesses.csv"),
            include_str!("../data/faults.csv"),
            include_str!("../data/accidents.csv"),
        ] {
            for r in rows(file) {
                assert_eq!(r.cells.split(',').count(), r.columns.split(',').count(), "{}", r.cells);
                assert!(!r.text("source").is_empty(), "{}", r.cells);
            }
        }
        for scheme in [0, 1, 3] {
            let of = TABLES.categories.iter().filter(|c| c.scheme == scheme);
            assert_eq!(of.map(|c| c.per_mille).sum::<u32>(), 1000);
        }
        assert_eq!(TABLES.losses.iter().map(|l| l.per_mille).sum::<u32>(), 1000);
        assert_eq!(TABLES.acquisitions.iter().map(|a| a.per_mille).sum::<u32>(), 1000);
        let share = |s| TABLES.rates.iter().filter(|r| r.scheme == s).map(|r| r.share).sum::<u32>();
        assert_eq!((share(Scheme::Kokuho), share(Scheme::Kouki)), (1000, 1000));
    }
}
