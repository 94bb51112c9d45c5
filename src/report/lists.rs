//! Forms that are lists of cases (reports.md 6.3, 6.4, 6.7, 6.8, 7).

use std::collections::HashMap;

use anyhow::Result;
use tenken_benefit::Yen;
use tenken_report::{
    Made,
    cube::Label,
    made::{Item, List},
};
use tenken_store::{
    Store,
    arrow::{
        array::{Array, StringArray},
        compute::cast,
        datatypes::DataType,
    },
    query::literal,
    runs::RunKind,
};

use super::{
    Session,
    gather::{HighClaim, OwnerMonth},
};

/// A 一括計算 of the 審査月 is visible.
pub fn has_benefit(store: &Store, label: Label, owner: &str) -> bool {
    let exam = label.exam.to_string();
    store.runs().is_ok_and(|runs| {
        runs.iter().any(|r| {
            r.kind == RunKind::Benefit
                && r.is_visible()
                && r.exam_month_from.as_deref() == Some(exam.as_str())
                && r.owner.as_deref().is_none_or(|o| o == owner)
        })
    })
}

/// Rows of a query, every cell as text; numbers are read again by whoever needs them.
pub(super) fn rows(store: &Store, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
    let mut out = Vec::new();
    for batch in store.query()?.prepare(sql)?.run()?.1 {
        let columns = batch.columns().iter().map(|c| cast(c, &DataType::Utf8)).collect::<Result<Vec<_>, _>>()?;
        let texts: Vec<&StringArray> = columns.iter().filter_map(|c| c.as_any().downcast_ref()).collect();
        for i in 0..batch.num_rows() {
            out.push(texts.iter().map(|t| (!t.is_null(i)).then(|| t.value(i).to_owned())).collect());
        }
    }
    Ok(out)
}

fn text(cell: &Option<String>) -> Item {
    Item::Text(cell.clone().unwrap_or_default())
}

fn number(cell: &Option<String>) -> i64 {
    cell.as_deref().and_then(|t| t.parse().ok()).unwrap_or(0)
}

/// Columns of claims by claim, as texts.
pub type Facts = HashMap<String, Vec<Option<String>>>;

/// What lists print of the claims over the least threshold.
pub fn facts_of_dear(session: &Session, store: &Store, owner: &str) -> Result<Facts> {
    let Some(law) = session.high_cost() else { return Ok(Facts::new()) };
    let sql = format!(
        "SELECT claim_id, kigo, bango, edaban, name, institution_name, prefecture || score_table || institution_code, \
         points_effective, exam_month FROM claims WHERE exam_month = {} AND owner = {} \
         AND cost_yen + coalesce(meal_yen, 0) > {}",
        literal(&session.label.exam.to_string()),
        literal(owner),
        law.least().0
    );
    Ok(rows(store, &sql)?.into_iter().map(|r| (r[0].clone().unwrap_or_default(), r)).collect())
}

/// Fills the list of a form.
pub fn fill(
    session: &Session,
    store: &Store,
    owner: &str,
    month: &OwnerMonth,
    facts: &Facts,
    made: &mut Made<'_>,
) -> Result<()> {
    let list = match made.form.id.as_str() {
        "KOGAKU80" => high_cost(session, store, owner, month, facts, made, false)?,
        "TOKUBETSU420" => high_cost(session, store, owner, month, facts, made, true)?,
        _ => List::default(),
    };
    for (row, col, value) in &list.sums {
        if let Some(place) = made.form.place("SUM", row, col) {
            made.values[place] = *value;
        }
    }
    made.list = Some(list);
    Ok(())
}

/// 6.3 and 6.4: claims over the threshold, dearest first.
fn high_cost(
    session: &Session,
    store: &Store,
    owner: &str,
    month: &OwnerMonth,
    facts: &Facts,
    made: &mut Made<'_>,
    special: bool,
) -> Result<List> {
    let Some(law) = session.high_cost() else {
        made.notes.push("この年度の基準額がありません".to_owned());
        return Ok(List::default());
    };
    let (threshold, from) =
        if special { (law.special_threshold, law.special_base.yen()) } else { (law.threshold, law.threshold.yen()) };
    let over: Vec<&HighClaim> = month.high.iter().filter(|c| Yen(c.cost + c.meal) > threshold.yen()).collect();
    let withdrawn = withdrawn(store, owner)?;
    let mut list = List::default();
    let (mut cost, mut excess) = (0, Yen::ZERO);
    for (no, c) in over.iter().enumerate() {
        let none = vec![None; 9];
        let f = facts.get(&c.claim_id).unwrap_or(&none);
        let number_of_card = [&f[1], &f[2], &f[3]].into_iter().flatten().cloned().collect::<Vec<_>>().join("・");
        let institution = f[5].clone().or_else(|| f[6].clone()).unwrap_or_default();
        let all = Yen(c.cost + c.meal);
        let above = all - from;
        cost += all.0;
        excess += above;
        list.rows.push(vec![
            Item::Number(no as i64 + 1),
            c.claim_id.as_str().into(),
            number_of_card.into(),
            text(&f[4]),
            c.service_month.as_str().into(),
            text(&f[8]),
            institution.into(),
            (if c.inpatient { "入院" } else { "入院外" }).into(),
            number(&f[7]).into(),
            c.cost.into(),
            c.meal.into(),
            i64::from(c.rate).into(),
            above.0.into(),
            law.base_amount(above).0.into(),
            (if c.with_public { "有" } else { "" }).into(),
            (if withdrawn.contains(&c.claim_id) { "有" } else { "" }).into(),
        ]);
    }
    let put = |list: &mut List, row: &str, cnt: usize, cost: i64, excess: Yen| {
        let base = law.base_amount(excess).0;
        for (col, value) in [("cnt", cnt as i64), ("cost", cost), ("excess", excess.0), ("base", base)] {
            list.sums.push((row.to_owned(), col.to_owned(), value));
        }
    };
    put(&mut list, "TOTAL", over.len(), cost, excess);
    if let Some(other) = law.other_threshold.filter(|_| !special) {
        let of: Vec<&HighClaim> = month.high.iter().filter(|c| Yen(c.cost + c.meal) > other.yen()).collect();
        let cost: i64 = of.iter().map(|c| c.cost + c.meal).sum();
        let excess: Yen = of.iter().map(|c| Yen(c.cost + c.meal) - other.yen()).sum();
        put(&mut list, "OTHER", of.len(), cost, excess);
        made.notes.push(format!("もう一方の基準額: {}", other.yen()));
    }
    made.notes.push(format!("基準額: {}", threshold.yen()));
    made.notes.extend(law.warnings(&session.basis.config.accept_limits));
    Ok(list)
}

/// Claims that events have taken away.
fn withdrawn(store: &Store, owner: &str) -> Result<std::collections::HashSet<String>> {
    Ok(store
        .events(owner)?
        .into_iter()
        .filter(|e| matches!(e.kind.as_str(), "kago" | "hokenshakan"))
        .filter_map(|e| e.claim_id)
        .collect())
}

/// 医薬品マスター(Y).
pub fn has_drugs(_store: &Store) -> bool {
    false
}
