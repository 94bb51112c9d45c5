//! The insurer's own figures of a 審査月 (high-cost.md 9.2, 9.3, 9.5): benefits by step, claims above the thresholds, and
//! the claims under every figure. Households come from the stored results, so that sums agree with the lists.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use tenken_benefit::{
    AgeBand, Scheme, Yen,
    insurer::{HighCost, InsurerParameters},
};
use tenken_matcher::standing;
use tenken_parser::Month;
use tenken_store::{Store, benefit::ClaimLine};

use super::Basis;

/// What a figure is about. Ordered as the list is printed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// 都道府県番号
    pub prefecture: String,
    /// 保険者番号
    pub insurer_no: String,
    /// `kokuho` `kouki`
    pub scheme: &'static str,
    /// `under70` `70plus` `75plus`; `mixed`: a household of both
    pub age_band: &'static str,
    pub category: String,
    /// 診療年月
    pub service_month: String,
    /// `in_kind`: claims; `cash`: decisions; empty: households
    pub source: &'static str,
    pub figure: Figure,
}

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident $code:literal $ja:literal;)*) => {
        /// The figures, in the order in which they are printed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Figure { $($(#[$doc])* $name),* }

        impl Figure {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            pub fn name_ja(self) -> &'static str {
                match self { $(Self::$name => $ja),* }
            }
        }
    };
}

figures! {
    Households "households" "給付のある世帯×月";
    SpecialMonth "special_month" "特例月（75歳到達・転居）";
    Outpatient "outpatient" "外来（個人）";
    SeventyPlus "seventy_plus" "70歳以上の世帯";
    AllAges "all_ages" "世帯全体";
    Tokutei "tokutei" "特定疾病";
    Public "public" "公費の部分";
    InKind "in_kind" "現物";
    Cash "cash" "償還";
    MultiHit "multi_hit" "多数回該当";
    /// the parts above the threshold of 9.2
    OverThreshold "over_threshold" "高額医療費（基準額を超える部分）";
    /// their sum × the factor: rounded down once, so that places do not add up to the yen
    OverThresholdBase "over_threshold_base" "高額医療費 対象額";
    /// the same with the threshold of the years before, while the newer one is not confirmed
    OverOtherThreshold "over_other_threshold" "高額医療費（前の基準額による参考）";
    OverSpecial "over_420" "特別高額（対象額の下限を超える部分）";
}

/// A count, an amount, and what they are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub count: i64,
    pub yen: i64,
    /// claims, decisions (`cash:…`) or versions (`benefit:…`) with their part of the amount, when asked for
    pub members: Vec<(String, i64)>,
}

pub struct Aggregates {
    pub sums: BTreeMap<Place, Sum>,
    pub warnings: Vec<String>,
}

/// Prefecture of an insurer's number: 国保 begins with it, 後期 has it behind 39.
fn prefecture(insurer_no: &str) -> String {
    let digits = if insurer_no.len() == 8 { insurer_no.get(2..4) } else { insurer_no.get(..2) };
    digits.unwrap_or_default().to_owned()
}

impl Figure {
    /// The figure whose members stand under this one.
    fn made_of(self) -> Self {
        if self == Self::OverThresholdBase { Self::OverThreshold } else { self }
    }
}

struct Adding {
    sums: BTreeMap<Place, Sum>,
    members: Option<Figure>,
}

impl Adding {
    fn add(&mut self, place: &Place, figure: Figure, yen: i64, name: &str) {
        let sum = self.sums.entry(Place { figure, ..place.clone() }).or_default();
        sum.count += 1;
        sum.yen += yen;
        if self.members.is_some_and(|of| of.made_of() == figure) {
            sum.members.push((name.to_owned(), yen));
        }
    }

    fn high_cost(&mut self, law: &HighCost<'_>, place: &Place, cost: Yen, name: &str) {
        if law.is_high(cost) {
            self.add(place, Figure::OverThreshold, (cost - law.threshold.yen()).0, name);
        }
        if let Some(other) = law.other_threshold.filter(|o| cost > o.yen()) {
            self.add(place, Figure::OverOtherThreshold, (cost - other.yen()).0, name);
        }
        if law.is_special(cost) {
            self.add(place, Figure::OverSpecial, (cost - law.special_base.yen()).0, name);
        }
    }
}

/// Figures of a 審査月; with `members`, what stands under that one.
pub fn aggregate(store: &Store, month: Month, insurer: Option<&str>, members: Option<Figure>) -> Result<Aggregates> {
    let basis = Basis::of_store(store, month)?;
    let exam_month = month.to_string();
    let mut out = Adding { sums: BTreeMap::new(), members };
    households(store, &exam_month, insurer, &mut out)?;

    let parameters = InsurerParameters::shipped();
    // the label month of a form is the month before its examination
    let Some(law) = parameters.at(month.plus(-1)) else {
        return Ok(Aggregates { sums: out.sums, warnings: Vec::new() });
    };
    let imports: Vec<String> = (store.imports()?.into_iter())
        .filter(|i| i.is_visible() && i.exam_month == exam_month)
        .map(|i| i.import_id)
        .collect();
    let least = law.least();
    store.each_claim(&imports, |c| {
        // 医療費等 with 入院時食事療養費
        let cost = Yen(c.cost_yen + c.meal_yen);
        let of_us = !c.is_subordinate && c.receipt_type.as_bytes().get(1) != Some(&b'2') && c.insurer_no.is_some();
        if cost > least && of_us && insurer.is_none_or(|i| i == c.owner) {
            out.high_cost(&law, &place_of(&basis, &c), cost, c.claim_id);
        }
    })?;
    for owner in basis.registers.iter().map(|r| r.owner.as_str()).filter(|o| insurer.is_none_or(|i| i == *o)) {
        for c in store.cash(owner)?.iter().filter(|c| c.decision_date.year_month() == month) {
            let counts = matches!(c.row_code.as_str(), "R12" | "R13" | "R14" | "R15" | "R16" | "R17" | "R19");
            if counts && Yen(c.cost_yen) > least {
                let (scheme, age_band) = match c.class.as_deref() {
                    Some("30" | "20" | "10") => (Scheme::Kouki.code(), "75plus"),
                    Some("70G" | "70H") => (Scheme::Kokuho.code(), "70plus"),
                    _ => (Scheme::Kokuho.code(), "under70"),
                };
                let place = Place {
                    prefecture: prefecture(owner),
                    insurer_no: owner.to_owned(),
                    scheme,
                    age_band,
                    category: String::new(),
                    service_month: c.service_month.to_string(),
                    source: "cash",
                    figure: Figure::OverThreshold,
                };
                out.high_cost(&law, &place, Yen(c.cost_yen), &format!("cash:{}", c.decision_id));
            }
        }
    }
    let over: Vec<(Place, Sum)> = (out.sums.iter())
        .filter(|(p, _)| p.figure == Figure::OverThreshold)
        .map(|(p, sum)| {
            let base = Sum { yen: law.base_amount(Yen(sum.yen)).0, ..sum.clone() };
            (Place { figure: Figure::OverThresholdBase, ..p.clone() }, base)
        })
        .collect();
    out.sums.extend(over);
    Ok(Aggregates { sums: out.sums, warnings: law.warnings(&basis.config.accept_limits) })
}

fn place_of(basis: &Basis, c: &ClaimLine<'_>) -> Place {
    let kouki = c.receipt_type.as_bytes().get(1) == Some(&b'3');
    let scheme = if kouki { Scheme::Kouki } else { Scheme::Kokuho };
    let registry = basis.registers.iter().find(|r| r.owner == c.owner);
    let person = registry.and_then(|r| r.find(c.person_id?));
    let month = Month::parse_iso(c.service_month).unwrap_or(basis.month);
    let birth = person.and_then(|p| p.birth()).or(c.birth_date);
    let band = standing::age_band(scheme, birth, month);
    let household = person.zip(c.household_id).and_then(|(p, h)| standing::household_no(p, h));
    let word = registry.and_then(|r| standing::category(r, person, household, band, month)).unwrap_or_default();
    Place {
        prefecture: prefecture(c.owner),
        insurer_no: c.owner.to_owned(),
        scheme: scheme.code(),
        age_band: band.code(),
        category: basis.law.categories.printed(word).unwrap_or(word).to_owned(),
        service_month: c.service_month.to_owned(),
        source: "in_kind",
        figure: Figure::OverThreshold,
    }
}

/// From the newest versions that the runs of the month made.
fn households(store: &Store, exam_month: &str, insurer: Option<&str>, out: &mut Adding) -> Result<()> {
    let mut newest: HashMap<(String, String, String, String), i32> = HashMap::new();
    let mut rows = store.benefit_households(|owner, _, _| insurer.is_none_or(|i| i == owner))?;
    for (_, r) in &rows {
        let key = (r.owner.clone(), r.scheme.clone(), r.household_id.clone(), r.service_month.clone());
        let at = newest.entry(key).or_default();
        *at = (*at).max(r.version);
    }
    rows.retain(|(_, r)| {
        let key = (r.owner.clone(), r.scheme.clone(), r.household_id.clone(), r.service_month.clone());
        r.exam_month == exam_month && newest[&key] == r.version
    });
    let amounts_of = |r: &tenken_store::tables::benefit::BenefitHousehold| {
        [
            (Figure::SpecialMonth, r.special_month_benefit_yen),
            (Figure::Outpatient, r.outpatient_benefit_yen),
            (Figure::SeventyPlus, r.seventyplus_benefit_yen),
            (Figure::AllAges, r.all_ages_benefit_yen),
            (Figure::Tokutei, r.tokutei_benefit_yen),
            (Figure::Public, r.public_benefit_yen),
            (Figure::InKind, r.in_kind_yen),
            (Figure::Cash, r.cash_yen),
        ]
    };
    rows.retain(|(_, r)| r.benefit_yen != 0 || amounts_of(r).iter().any(|(_, yen)| *yen != 0));
    let wanted: std::collections::HashSet<&str> = rows.iter().map(|(_, r)| r.benefit_id.as_str()).collect();
    let mut bands: HashMap<String, (bool, bool)> = HashMap::new();
    for g in store.benefit_groups(|id| wanted.contains(id))? {
        let of = bands.entry(g.benefit_id).or_default();
        if g.age_band == AgeBand::Under70.code() { of.0 = true } else { of.1 = true }
    }
    for (_, r) in &rows {
        let (young, old) = bands.get(&r.benefit_id).copied().unwrap_or_default();
        let kouki = r.scheme == Scheme::Kouki.code();
        let (age_band, category) = match (kouki, young, old) {
            (true, ..) => (AgeBand::SeventyFivePlus.code(), &r.category_70plus),
            (_, true, true) => ("mixed", &r.category_under70),
            (_, _, true) => (AgeBand::SeventyPlus.code(), &r.category_70plus),
            _ => (AgeBand::Under70.code(), &r.category_under70),
        };
        let place = Place {
            prefecture: prefecture(&r.owner),
            insurer_no: r.owner.clone(),
            scheme: if kouki { Scheme::Kouki.code() } else { Scheme::Kokuho.code() },
            age_band,
            category: category.clone().unwrap_or_default(),
            service_month: r.service_month.clone(),
            source: "",
            figure: Figure::Households,
        };
        let name = format!("benefit:{}", r.benefit_id);
        if r.benefit_yen != 0 {
            out.add(&place, Figure::Households, r.benefit_yen, &name);
            if r.multi_hit {
                out.add(&place, Figure::MultiHit, r.benefit_yen, &name);
            }
        }
        for (figure, yen) in amounts_of(r).into_iter().filter(|(_, yen)| *yen != 0) {
            out.add(&place, figure, yen, &name);
        }
    }
    Ok(())
}
