//! What is high cost for the insurer: 高額医療費負担金 and 特別高額医療費共同事業 (high-cost.md 9.2, 9.3), thresholds as dated
//! parameters (`data/insurer_parameters.csv`).

use tenken_parser::Month;

use crate::{limits::Status, yen::Yen};

const SHIPPED: &str = include_str!("../data/insurer_parameters.csv");

/// 年度 of a label month: March to February.
pub fn fiscal_year(label_month: Month) -> u16 {
    label_month.plus(-2).year()
}

/// A number with the years in which it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsurerParameter {
    pub parameter: String,
    pub from_year: u16,
    pub to_year: Option<u16>,
    /// as a fraction
    pub value: (i64, i64),
    pub status: Status,
    pub description_ja: String,
}

impl InsurerParameter {
    /// `kogaku_threshold_yen@2025`
    pub fn key(&self) -> String {
        format!("{}@{}", self.parameter, self.from_year)
    }

    pub fn yen(&self) -> Yen {
        Yen(self.value.0 / self.value.1)
    }

    /// What a form says when it used the row and nobody accepted it.
    pub fn warning(&self, accepted: &[String]) -> Option<String> {
        if self.status == Status::InForce || accepted.contains(&self.key()) {
            return None;
        }
        let value = match self.value {
            (yen, 1) => Yen(yen).to_string(),
            (a, b) => format!("{a}/{b}"),
        };
        let to = self.to_year.map_or_else(|| "以降".to_owned(), |to| format!("〜{to}年度"));
        Some(format!("未確定: {} {value}（{}年度{to}）", self.description_ja, self.from_year))
    }
}

#[derive(Clone, Debug)]
pub struct InsurerParameters {
    rows: Vec<InsurerParameter>,
}

impl InsurerParameters {
    pub fn shipped() -> Self {
        let mut reader = csv::Reader::from_reader(SHIPPED.as_bytes());
        let row = |r: csv::StringRecord| {
            let (a, b) = r[3].split_once('/').unwrap_or((&r[3], "1"));
            InsurerParameter {
                parameter: r[0].to_owned(),
                from_year: r[1].parse().expect("a year"),
                to_year: r[2].parse().ok(),
                value: (a.parse().expect("a number"), b.parse().expect("a number")),
                status: Status::from_code(&r[4]).expect("a status"),
                description_ja: r[7].to_owned(),
            }
        };
        Self { rows: reader.records().map(|r| row(r.expect("a shipped table"))).collect() }
    }

    fn find(&self, parameter: &str, label_month: Month) -> Option<&InsurerParameter> {
        let year = fiscal_year(label_month);
        let holds = |p: &&InsurerParameter| p.from_year <= year && p.to_year.is_none_or(|to| year <= to);
        self.rows.iter().filter(|p| p.parameter == parameter).find(holds)
    }

    /// Everything that a label month needs; nothing before the first year.
    pub fn at(&self, label_month: Month) -> Option<HighCost<'_>> {
        let find = |name| self.find(name, label_month);
        let threshold = find("kogaku_threshold_yen")?;
        let other = self.rows.iter().rfind(|p| p.parameter == threshold.parameter && p.from_year < threshold.from_year);
        Some(HighCost {
            threshold,
            // the row of the years before, where the one in use is not confirmed
            other_threshold: other.filter(|_| threshold.status != Status::InForce),
            factor: find("kogaku_factor")?,
            special_threshold: find("tokubetsu_threshold_yen")?,
            special_base: find("tokubetsu_base_yen")?,
        })
    }
}

/// The numbers of a label month.
#[derive(Clone, Copy, Debug)]
pub struct HighCost<'p> {
    /// 高額医療費負担金: the part above it counts
    pub threshold: &'p InsurerParameter,
    pub other_threshold: Option<&'p InsurerParameter>,
    /// of that part
    pub factor: &'p InsurerParameter,
    /// 特別高額医療費共同事業: claims above it …
    pub special_threshold: &'p InsurerParameter,
    /// … count with the part above this
    pub special_base: &'p InsurerParameter,
}

/// Sums over claims, each one person, month and institution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HighCostSum {
    /// claims above the threshold
    pub claims: i64,
    pub cost: Yen,
    /// the parts above the threshold
    pub excess: Yen,
    /// the same with the other threshold
    pub other_claims: i64,
    pub other_excess: Yen,
    /// claims above the special threshold
    pub special_claims: i64,
    pub special_cost: Yen,
    /// the parts above the special base
    pub special_excess: Yen,
}

impl HighCost<'_> {
    /// Rows that are not confirmed, as a form names them.
    pub fn warnings(&self, accepted: &[String]) -> Vec<String> {
        [self.threshold, self.factor, self.special_threshold, self.special_base]
            .into_iter()
            .filter_map(|p| p.warning(accepted))
            .collect()
    }

    /// The least cost that any list here holds.
    pub fn least(&self) -> Yen {
        let other = self.other_threshold.map_or(self.threshold.yen(), InsurerParameter::yen);
        self.threshold.yen().min(other).min(self.special_threshold.yen())
    }

    pub fn is_high(&self, cost: Yen) -> bool {
        cost > self.threshold.yen()
    }

    pub fn is_special(&self, cost: Yen) -> bool {
        cost > self.special_threshold.yen()
    }

    pub fn add(&self, sum: &mut HighCostSum, cost: Yen) {
        if self.is_high(cost) {
            sum.claims += 1;
            sum.cost += cost;
            sum.excess += cost - self.threshold.yen();
        }
        let other = self.other_threshold.unwrap_or(self.threshold).yen();
        if cost > other {
            sum.other_claims += 1;
            sum.other_excess += cost - other;
        }
        if self.is_special(cost) {
            sum.special_claims += 1;
            sum.special_cost += cost;
            sum.special_excess += cost - self.special_base.yen();
        }
    }

    /// The base amount of 高額医療費負担金: the excess × the factor, whole yen, what is less is dropped.
    pub fn base_amount(&self, excess: Yen) -> Yen {
        let (a, b) = self.factor.value;
        Yen((i128::from(excess.0) * i128::from(a) / i128::from(b)) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        Month::parse_iso(text).unwrap()
    }

    #[test]
    fn thresholds_follow_the_fiscal_year_from_march() {
        let p = InsurerParameters::shipped();
        for (at, yen, other) in
            [("2025-02", 800_000, None), ("2025-03", 900_000, Some(800_000)), ("2015-03", 800_000, None)]
        {
            let law = p.at(month(at)).unwrap();
            assert_eq!(law.threshold.yen(), Yen(yen), "{at}");
            assert_eq!(law.other_threshold.map(|o| o.yen().0), other, "{at}");
        }
        assert!(p.at(month("2015-02")).is_none());
        let law = p.at(month("2026-09")).unwrap();
        assert!(law.warnings(&[]).contains(&"未確定: 高額医療費負担金の基準額 900,000円（2025年度以降）".to_owned()));
        assert!(!law.warnings(&["kogaku_threshold_yen@2025".into()]).iter().any(|w| w.contains("900,000")));
        assert_eq!(p.at(month("2016-04")).unwrap().warnings(&[]).len(), 1, "only the deduction of 200万");
    }

    #[test]
    fn a_claim_counts_with_what_is_above() {
        let p = InsurerParameters::shipped();
        let law = p.at(month("2026-09")).unwrap();
        let mut sum = HighCostSum::default();
        for yen in [800_000, 800_010, 900_000, 1_000_000, 4_200_000, 4_200_010] {
            law.add(&mut sum, Yen(yen));
        }
        assert_eq!((sum.claims, sum.excess), (3, Yen(100_000 + 3_300_000 + 3_300_010)));
        assert_eq!((sum.other_claims, sum.other_excess), (5, Yen(10 + 100_000 + 200_000 + 3_400_000 + 3_400_010)));
        assert_eq!((sum.special_claims, sum.special_excess), (1, Yen(2_200_010)));
        assert_eq!(law.base_amount(Yen(6_700_010)), Yen(3_953_005));
        assert_eq!(law.least(), Yen(800_000));
    }
}
