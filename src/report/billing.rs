//! What the body that bills asks for, against what the claims of the month come to (registry-files.md 6).

use std::{collections::BTreeMap, fmt};

use anyhow::Result;
use serde_json::{Value, json};
use tenken_matcher::files::ledger::Billed;
use tenken_parser::Month;
use tenken_report::{Event, Key, Scheme, line::Category, output::printed};
use tenken_store::Store;

use super::{Session, gather::OwnerMonth};
use crate::lang::say;

/// 件, 日, 点, 円.
type Four = [i64; 4];

/// A kind in which both sides are not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// category of reports.md 3.2, or `ALL`
    pub kind: String,
    pub claims: Four,
    pub billed: Four,
}

impl Difference {
    pub fn diff(&self) -> Four {
        std::array::from_fn(|i| self.billed[i] - self.claims[i])
    }

    pub fn json(&self) -> Value {
        let named = |of: Four| json!({ "cnt": of[0], "days": of[1], "points": of[2], "yen": of[3] });
        json!({
            "kind": self.kind,
            "claims": named(self.claims),
            "billed": named(self.billed),
            "diff": named(self.diff()),
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Category::from_code(&self.kind).map_or("計", Category::name_ja);
        let signed = |n: i64| if n > 0 { format!("+{}", printed(n, 0)) } else { printed(n, 0) };
        let [cnt, days, points, yen] = self.diff().map(signed);
        write!(f, "{name}: 件数 {cnt}、日数 {days}、点数 {points}、金額 {yen} 円（請求 − レセプト）")
    }
}

/// Whether the body that bills asks for lines of this key: examined in the month, 国保 and 後期 apart, no cash.
pub fn is_billed(k: &Key, kouki: bool) -> bool {
    let of_kouki = matches!(k.scheme, Scheme::Kouki | Scheme::KoukiDisabled);
    k.of_exam && k.event != Event::Cash && of_kouki == kouki
}

/// Sums of the claims and of what events changed, by kind.
fn claims(month: &OwnerMonth, kouki: bool) -> BTreeMap<String, Four> {
    let mut sums: BTreeMap<String, Four> = BTreeMap::new();
    for (key, m) in month.cube.sums.iter().filter(|(k, _)| is_billed(k, kouki)) {
        let Some(category) = key.category else { continue };
        // 高額 in kind is no claim of its own
        let counted = m.hk == 0 || m.cost != 0;
        let (cnt, days) = if counted { (m.cnt, m.days) } else { (0, 0) };
        // 訪問看護 and meals have no points
        let points = if matches!(category, Category::Nursing | Category::Meal) { 0 } else { m.cost / 10 };
        let yen = m.ins + m.hk;
        let add = |sum: &mut Four, of: Four| sum.iter_mut().zip(of).for_each(|(a, b)| *a += b);
        add(sums.entry(category.code().to_owned()).or_default(), [cnt, days, points, yen]);
        // the meals of a claim and the slips of a pharmacy are no claims and days of the whole
        let meal = category == Category::Meal;
        let all_days = if meal || category == Category::Pharmacy { 0 } else { days };
        add(sums.entry("ALL".to_owned()).or_default(), [if meal { 0 } else { cnt }, all_days, points, yen]);
    }
    sums
}

/// Where the two are not the same; nothing when nothing was billed.
pub fn differences(month: &OwnerMonth, kouki: bool, billed: &[&Billed]) -> Vec<Difference> {
    let ours = claims(month, kouki);
    let of = |b: &Billed| [b.cnt, b.days, b.points, b.amount_yen];
    (billed.iter())
        .map(|b| Difference {
            kind: b.kind.clone(),
            claims: ours.get(&b.kind).copied().unwrap_or_default(),
            billed: of(b),
        })
        .filter(|d| d.claims != d.billed)
        .collect()
}

/// The differences of a 審査月 by owner, as soon as both sides are there.
pub fn of_month(store: &Store, exam_month: Month) -> Result<Vec<(String, Vec<Difference>)>> {
    let billed: Vec<Billed> = store.billed()?.into_iter().filter(|b| b.exam_month == exam_month).collect();
    if billed.is_empty() {
        return Ok(Vec::new());
    }
    let session = Session::open(store, exam_month.plus(-1), None)?;
    let label = session.label();
    let gathered = session.lines(store, &|_| false, &[label])?;
    let mut out = Vec::new();
    for ((owner, _), month) in &gathered.months {
        for kouki in [false, true] {
            let of: Vec<&Billed> = (billed.iter())
                .filter(|b| super::is_kouki(&b.insurer_no) == kouki && (kouki || b.insurer_no == *owner))
                .collect();
            if let Some(first) = of.first() {
                out.push((first.insurer_no.clone(), differences(month, kouki, &of)));
            }
        }
    }
    Ok(out)
}

/// What a clerk reads of it.
pub fn lines(of_owners: &[(String, Vec<Difference>)]) -> Vec<String> {
    let mut out = Vec::new();
    for (owner, all) in of_owners {
        if all.is_empty() {
            out.push(say!("請求内訳と一致しています（{owner}）", "as billed ({owner})"));
        } else {
            out.push(say!("請求内訳との差（{owner}）:", "not as billed ({owner}):"));
            out.extend(all.iter().map(|d| format!("  {d}")));
        }
    }
    out
}
