//! Forms that are lists of cases (reports.md 6.3, 6.4, 6.7, 6.8, 7).

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;
use tenken_benefit::Yen;
use tenken_matcher::{calendar, standing};
use tenken_parser::Month;
use tenken_report::{
    Made, Measures,
    cube::Label,
    line::Category,
    made::{Item, List},
};
use tenken_store::{
    Store,
    arrow::{
        array::{Array, StringArray},
        compute::cast,
        datatypes::DataType,
    },
    decided::NamedClaim,
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

/// The imports in which some claims, named by number or 検索番号, lie.
pub fn imports_of(store: &Store, names: &HashSet<String>) -> Result<HashSet<String>> {
    if names.is_empty() {
        return Ok(HashSet::new());
    }
    // numbers of claims are sixteen hex digits; one pass reads a column of every month
    let is_claim = |n: &&String| n.len() == 16 && n.bytes().all(|b| b.is_ascii_hexdigit());
    let list = |of: Vec<&String>| of.into_iter().map(|n| literal(n)).collect::<Vec<_>>().join(",");
    let claims: Vec<&String> = names.iter().filter(is_claim).collect();
    // digits alone may be either
    let others: Vec<&String> = names.iter().filter(|n| !is_claim(n) || n.bytes().all(|b| b.is_ascii_digit())).collect();
    let mut found = HashSet::new();
    for (column, of) in [("claim_id", claims), ("search_no", others)] {
        if !of.is_empty() {
            let sql = format!("SELECT DISTINCT import_id FROM claims WHERE {column} IN ({})", list(of));
            found.extend(rows(store, &sql)?.into_iter().filter_map(|r| r.into_iter().next().flatten()));
        }
    }
    Ok(found)
}

/// What lists print of claims, by claim.
pub type Facts = HashMap<String, NamedClaim>;

/// The claims of some months that are wanted.
pub fn facts(store: &Store, exam_month: &str, wanted: &HashSet<String>) -> Result<Facts> {
    let found = store.claims_named(&imports_in(store, exam_month)?, wanted)?;
    Ok(found.into_iter().map(|c| (c.claim_id.clone(), c)).collect())
}

fn imports_in(store: &Store, exam_month: &str) -> Result<Vec<String>> {
    let visible = store.imports()?.into_iter().filter(|i| i.is_visible() && i.exam_month == exam_month);
    Ok(visible.map(|i| i.import_id).collect())
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
        "FUTORITOKU" => undue(session, store, owner, month, facts, made)?,
        "DAISANSHA" => progress(store, owner)?,
        "SHIKYU" => refunds(session, store, owner, made)?,
        "TSUCHI" => bills(session, store, owner, made)?,
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
        let none = NamedClaim::default();
        let f = facts.get(&c.claim_id).unwrap_or(&none);
        let all = Yen(c.cost + c.meal);
        let above = all - from;
        cost += all.0;
        excess += above;
        list.rows.push(vec![
            Item::Number(no as i64 + 1),
            c.claim_id.as_str().into(),
            f.card().into(),
            text(&f.name),
            c.service_month.as_str().into(),
            f.exam_month.as_str().into(),
            f.institution().into(),
            (if c.inpatient { "入院" } else { "入院外" }).into(),
            f.points_effective.unwrap_or(c.cost / 10).into(),
            // meals are part of it
            all.0.into(),
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
fn withdrawn(store: &Store, owner: &str) -> Result<HashSet<String>> {
    Ok(store
        .events(owner)?
        .into_iter()
        .filter(|e| matches!(e.kind.as_str(), "kago" | "hokenshakan"))
        .filter_map(|e| e.claim_id)
        .collect())
}

/// Rules whose findings mean money that was not due, with the reason that the list prints.
fn undue_rules() -> Vec<(String, String)> {
    let mut reader = csv::Reader::from_reader(include_str!("../../report/data/undue_rules.csv").as_bytes());
    let rows = reader.records().map(|r| r.expect("the shipped table is CSV"));
    rows.map(|r| (r[0].to_owned(), r[1].to_owned())).collect()
}

/// A finding of money that was not due.
#[derive(Clone)]
pub struct Undue {
    pub rule: String,
    /// who may have to pay
    pub cand_payer: Option<String>,
}

/// The open ones of a 審査月, by claim.
pub fn undue_claims(store: &Store, exam_month: &str) -> Result<HashMap<String, Undue>> {
    let rules: HashSet<String> = undue_rules().into_iter().map(|(rule, _)| rule).collect();
    let mut found = HashMap::new();
    for import in imports_in(store, exam_month)? {
        for f in store.read_findings(&import)? {
            if f.is_primary && f.state == "open" && rules.contains(&f.rule) {
                found.insert(f.claim_id, Undue { rule: f.rule, cand_payer: f.cand_payer });
            }
        }
    }
    Ok(found)
}

/// 6.8: benefits without a qualification, or at a wrong ratio.
fn undue(
    session: &Session,
    store: &Store,
    owner: &str,
    month: &OwnerMonth,
    facts: &Facts,
    made: &mut Made<'_>,
) -> Result<List> {
    let mut list = List::default();
    let rules: HashMap<String, String> = undue_rules().into_iter().collect();
    // claims that were booked: others pay nothing
    let mut found: Vec<(&NamedClaim, &Undue)> =
        (session.undue.iter()).filter_map(|(id, u)| Some((facts.get(id).filter(|f| f.owner == owner)?, u))).collect();
    if found.is_empty() {
        return Ok(list);
    }
    let mut booked: HashMap<&str, Measures> = HashMap::new();
    for e in &month.entries {
        if let Some(id) = &e.claim_id {
            *booked.entry(id).or_default() += e.line.measures;
        }
    }
    found.retain(|(f, _)| booked.contains_key(f.claim_id.as_str()));
    found.sort_by(|(a, _), (b, _)| (&a.person_id, &a.claim_id).cmp(&(&b.person_id, &b.claim_id)));
    let households: HashSet<&str> = found.iter().filter_map(|(f, _)| f.household_id.as_deref()).collect();
    let heads = store.heads(owner, |h| households.contains(h))?;
    let mut sums = [0i64; 4];
    for (no, (f, undue)) in found.into_iter().enumerate() {
        let m = booked[f.claim_id.as_str()];
        let (cost, ins, hk) = (m.cost, m.ins + m.hk, m.hk);
        sums = [sums[0] + 1, sums[1] + cost, sums[2] + ins, sums[3] + hk];
        let household = f.household_id.clone().unwrap_or_default();
        let empty = || Item::Text(String::new());
        list.rows.push(vec![
            Item::Number(no as i64 + 1),
            f.card().into(),
            heads.get(&household).cloned().unwrap_or_default().into(),
            text(&f.name),
            f.service_month.as_str().into(),
            f.institution().into(),
            cost.into(),
            ins.into(),
            hk.into(),
            rules.get(&undue.rule).cloned().unwrap_or_default().into(),
            lost_on(session, owner, f.person_id.as_deref()).into(),
            text(&undue.cand_payer),
            empty(),
            empty(),
            empty(),
            empty(),
            empty(),
            empty(),
            empty(),
            empty(),
            empty(),
            f.claim_id.as_str().into(),
        ]);
    }
    for (col, value) in ["cnt", "cost", "ins", "hk"].into_iter().zip(sums) {
        list.sums.push(("TOTAL".into(), col.into(), value));
    }
    made.notes.push("調定・収納・時効の欄は、その記録の入力ができるまで空です。未確認の指摘を含みます".to_owned());
    Ok(list)
}

/// The last day of loss of a person.
fn lost_on(session: &Session, owner: &str, person: Option<&str>) -> String {
    let registry = session.basis.registers.iter().find(|r| r.owner == owner);
    let spans = registry.zip(person).and_then(|(r, p)| r.find(p)).map_or(&[][..], |p| p.spans());
    let lost = spans.iter().map(|s| s.lost).filter(|day| *day != calendar::OPEN).max();
    lost.and_then(calendar::date).map(|d| d.to_string()).unwrap_or_default()
}

/// 6.7, with the layout of third-party.md 5.2.
fn progress(store: &Store, owner: &str) -> Result<List> {
    let rows = crate::commands::progress_rows(store, owner)?;
    Ok(List {
        sums: vec![("TOTAL".into(), "cnt".into(), rows.len() as i64)],
        rows: rows.into_iter().map(|r| r.into_iter().map(Item::Text).collect()).collect(),
    })
}

/// 7.3: households that may apply, group by group.
fn refunds(session: &Session, store: &Store, owner: &str, made: &mut Made<'_>) -> Result<List> {
    let exam = session.label.exam.to_string();
    let mut newest: HashMap<(String, String, String), i32> = HashMap::new();
    let mut results = store.benefit_households(|o, _, _| o == owner)?;
    let key = |r: &tenken_store::tables::benefit::BenefitHousehold| {
        (r.scheme.clone(), r.household_id.clone(), r.service_month.clone())
    };
    for (_, r) in &results {
        let at = newest.entry(key(r)).or_default();
        *at = (*at).max(r.version);
    }
    results.retain(|(_, r)| r.exam_month == exam && newest[&key(r)] == r.version && r.cash_yen > 0);
    let undecided = results.iter().filter(|(_, r)| r.needs_decision).count();
    results.retain(|(_, r)| !r.needs_decision);
    let wanted: HashSet<String> = results.iter().map(|(_, r)| r.benefit_id.clone()).collect();
    let mut groups: HashMap<String, Vec<tenken_store::tables::benefit::BenefitGroup>> = HashMap::new();
    for g in store.benefit_groups(|id| wanted.contains(id))? {
        groups.entry(g.benefit_id.clone()).or_default().push(g);
    }
    let mut list = List::default();
    if results.is_empty() {
        return Ok(list);
    }
    let households: HashSet<&str> = results.iter().map(|(_, r)| r.household_id.as_str()).collect();
    let (heads, held) = (store.heads(owner, |h| households.contains(h))?, store.held_claims()?);
    let registry = session.basis.registers.iter().find(|r| r.owner == owner);
    results.sort_by(|(_, a), (_, b)| (&a.household_id, &a.service_month).cmp(&(&b.household_id, &b.service_month)));
    let (mut set_aside, mut cash, mut households) = (0, 0, 0);
    for (_, r) in &results {
        let of = groups.get(&r.benefit_id).map_or(&[][..], Vec::as_slice);
        let month = Month::parse_iso(&r.service_month).unwrap_or(session.label.month);
        let day = month.last_day().epoch_days();
        let minimum = session.basis.law.parameters.aggregation_minimum(month);
        let silent = registry.is_some_and(|reg| {
            of.iter()
                .filter_map(|g| reg.find(&g.person_id))
                .any(|p| standing::has_no_notice(reg, p, standing::household_no(p, &r.household_id), day))
        });
        // the letter would name the institution
        if silent || r.claim_ids.iter().any(|c| held.contains(c)) {
            set_aside += 1;
            continue;
        }
        households += 1;
        cash += r.cash_yen;
        for (at, g) in of.iter().enumerate() {
            let once = |n: i64| if at == 0 { Item::Number(n) } else { Item::Text(String::new()) };
            let mark = |b: bool| Item::Text(if b { "○" } else { "" }.to_owned());
            list.rows.push(vec![
                Item::Number(list.rows.len() as i64 + 1),
                r.household_id.as_str().into(),
                heads.get(&r.household_id).cloned().unwrap_or_default().into(),
                r.service_month.as_str().into(),
                g.person_id.as_str().into(),
                g.institution.as_str().into(),
                (if g.inpatient { "入院" } else { "外来" }).into(),
                (g.cost_yen / 10).into(),
                g.burden_yen.into(),
                mark(g.age_band != "under70" || Yen(g.burden_yen) >= minimum),
                mark(g.counted),
                r.limit_yen.map_or_else(|| Item::Text(String::new()), Item::Number),
                mark(r.multi_hit),
                once(r.cash_yen),
                once(r.in_kind_yen),
                r.expires_on.to_string().into(),
            ]);
        }
    }
    list.sums.push(("TOTAL".into(), "cnt".into(), households));
    list.sums.push(("TOTAL".into(), "amt".into(), cash));
    if undecided > 0 {
        made.notes.push(format!("限度額が未確定の {undecided} 世帯は載せていません（tenken benefit list）"));
    }
    if set_aside > 0 {
        made.notes.push(format!("案内を控える {set_aside} 世帯は載せていません"));
    }
    Ok(list)
}

/// 7.1: what each household was told that its care cost. Net of 過誤; what is held leaves no gap.
fn bills(session: &Session, store: &Store, owner: &str, made: &mut Made<'_>) -> Result<List> {
    let label = session.label;
    let gathered = session.lines(store, &|_| true, &[label])?;
    let Some(month) = gathered.months.get(&(owner.to_owned(), label.month)) else { return Ok(List::default()) };
    // everything that the month booked for a claim
    let mut of_claims: BTreeMap<&str, (Measures, i64)> = BTreeMap::new();
    for e in &month.entries {
        if let Some(id) = e.claim_id.as_deref().filter(|_| e.line.exam_month == label.exam) {
            let sum = of_claims.entry(id).or_default();
            sum.0 += e.line.measures;
            if e.line.category != Some(Category::Meal) {
                sum.1 += e.line.measures.days;
            }
        }
    }
    let (held, heads) = (store.held_claims()?, store.heads(owner, |_| true)?);
    let names: HashMap<String, String> =
        rows(store, &format!("SELECT person_id, name FROM persons WHERE owner = {}", literal(owner)))?
            .into_iter()
            .filter_map(|r| Some((r[0].clone()?, r[1].clone()?)))
            .collect();
    let registry = session.basis.registers.iter().find(|r| r.owner == owner);
    let sql = format!(
        "SELECT claim_id, household_id, person_id, service_month, institution_name, kind, receipt_type FROM claims \
         WHERE owner = {} AND exam_month = {} AND household_id IS NOT NULL AND person_id IS NOT NULL \
         ORDER BY household_id, person_id, service_month, institution_name, claim_id",
        literal(owner),
        literal(&label.exam.to_string())
    );
    let mut list = List::default();
    let mut households: HashSet<String> = HashSet::new();
    let (mut cost, mut patient, mut without_address) = (0, 0, 0);
    for r in rows(store, &sql)? {
        let [claim, household, person] = [&r[0], &r[1], &r[2]].map(|t| t.clone().unwrap_or_default());
        let Some((m, days)) = of_claims.get(claim.as_str()) else { continue };
        let silent = registry.is_some_and(|reg| {
            let day = label.month.last_day().epoch_days();
            reg.find(&person)
                .is_some_and(|p| standing::has_no_notice(reg, p, standing::household_no(p, &household), day))
        });
        if held.contains(&claim) || silent || (m.cost == 0 && m.ins == 0) {
            continue;
        }
        let Some(head) = heads.get(&household) else {
            without_address += 1;
            continue;
        };
        let inpatient =
            r[6].as_deref().is_some_and(|t| matches!(t.as_bytes().get(3), Some(b'1' | b'3' | b'5' | b'7' | b'9')));
        let kind = match r[5].as_deref() {
            Some("dental") => "歯科",
            Some("pharmacy") => "調剤（薬局）",
            Some("nursing") => "訪問",
            Some("dpc") => "入院",
            _ if inpatient => "入院",
            _ => "外来",
        };
        let paid = m.cop - m.hk;
        cost += m.cost;
        patient += paid;
        households.insert(household.clone());
        list.rows.push(vec![
            Item::Number(list.rows.len() as i64 + 1),
            household.into(),
            head.as_str().into(),
            text(&r[3]),
            names.get(&person).cloned().unwrap_or_default().into(),
            text(&r[4]),
            kind.into(),
            (*days).into(),
            m.cost.into(),
            paid.into(),
            (m.ins + m.hk).into(),
            (m.oth_t + m.oth_k).into(),
        ]);
    }
    let sums = [
        ("cnt", list.rows.len() as i64),
        ("households", households.len() as i64),
        ("cost", cost),
        ("patient", patient),
    ];
    list.sums.extend(sums.map(|(col, n)| ("TOTAL".into(), col.into(), n)));
    if without_address > 0 {
        made.notes.push(format!(
            "世帯の登録がないレセプト {without_address} 件は、通知ではなく一覧で確かめてください（setai.csv）"
        ));
    }
    made.notes.push("患者負担額は 10 円未満を丸めていないので、窓口の領収書と違うことがあります".to_owned());
    Ok(list)
}
