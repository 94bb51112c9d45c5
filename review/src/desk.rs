//! The reviewers' desk: what of the store stands in the queue. A copy of some columns, made anew whenever the store has moved
//! on, so that a page never waits for a table.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde_json::{Value, json};
use tenken_parser::Month;
use tenken_store::{
    Store, claim_rows::DeskClaim, findings::FindingRow, imports::ImportRow, third_party::ThirdPartyRow,
};

use crate::{
    case_states::stage_of,
    database::{CACHE_KIB, Database},
    error::{Error, Result},
    findings,
    text::japan,
};

/// Months around a case whose claims of the same person are at hand.
const MONTHS_AROUND: i32 = 12;
/// Pages in memory while a month comes onto the desk: taken only as far as it is needed.
const SYNC_CACHE_KIB: i64 = 1024 * 1024;
/// Fast enough, and small beside the row that it stands for.
const LEVEL: i32 = 1;

/// What a look at the store has changed on the desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    pub imports: usize,
    /// cases that came
    pub opened: usize,
    /// cases that the register or the rules have resolved
    pub closed: usize,
    /// ended cases that came back
    pub reopened: usize,
}

impl Synced {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn squeezed(value: &Value) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(value).unwrap_or_default();
    zstd::encode_all(&text[..], LEVEL).map_err(|e| Error::Other(e.into()))
}

pub(crate) fn stretched(bytes: &[u8]) -> Value {
    zstd::decode_all(bytes).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or(Value::Null)
}

fn third_party_json(t: &ThirdPartyRow) -> Value {
    json!({
        "route": t.route, "band": t.band, "score": t.score, "flag": t.flag, "hold": t.hold, "episode_id": t.episode_id,
        "evidence": t.evidence, "missing": t.missing, "rule_version": t.rule_version,
        "spans": serde_json::from_str::<Value>(&t.spans).unwrap_or(Value::Null),
    })
}

/// 給付割合 where the claim does not say it: of the last digit of its レセプト種別 (別表5: 2 本人, 4 未就学, 6 家族, 8 高齢一般,
/// 0 高齢7割), in %. What a 高齢受給者 of two tenths pays more or less is found by the batch, not here.
fn usual_rate(receipt_type: &str) -> i64 {
    let kouki = receipt_type.as_bytes().get(1) == Some(&b'3');
    match receipt_type.as_bytes().last() {
        Some(b'3' | b'4') => 80,
        Some(b'7' | b'8') if kouki => 90,
        Some(b'7' | b'8') => 80,
        _ => 70,
    }
}

/// 保険者の給付額, 円: cost less 一部負担金 where the claim says it, else the share; meals less 標準負担額.
fn benefit_yen(c: &DeskClaim) -> i64 {
    let rate = c.benefit_rate.map_or_else(|| usual_rate(&c.receipt_type), i64::from);
    let care = match c.copay_yen {
        Some(copay) if copay > 0 => c.cost_yen - copay,
        _ => c.cost_yen * rate / 100,
    };
    let meals = c.meal_yen.unwrap_or(0) - c.meal_copay_yen.unwrap_or(0);
    care + meals.max(0)
}

fn institution(c: &DeskClaim) -> String {
    format!("{}{}{}", c.prefecture, c.score_table, c.institution_code)
}

fn mask(days: &[tenken_parser::Date]) -> i64 {
    days.iter().fold(0, |m, d| m | 1 << (d.day_of_month() - 1))
}

/// What is written of a claim beside a case.
struct Brief {
    institution: String,
    benefit_yen: i64,
    kana: Option<String>,
    bango: Option<String>,
    search_no: Option<String>,
    receipt_no: String,
    person_id: Option<String>,
}

impl Database {
    /// Brings the desk to what is visible in the store. One transaction: a reader sees the desk before or after.
    ///
    /// # Errors
    /// What reading the store and writing the file can meet; the desk is as before.
    pub fn sync(&mut self, store: &Store) -> Result<Synced> {
        let imports: Vec<ImportRow> = store.imports()?;
        let mut known: HashMap<String, i32> = HashMap::new();
        {
            let mut rows = self.connection().prepare("SELECT import_id, generation FROM synced")?;
            for row in rows.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))? {
                let (id, generation) = row?;
                known.insert(id, generation);
            }
        }
        let visible: Vec<&ImportRow> = imports.iter().filter(|i| i.is_visible()).collect();
        let changed: Vec<&ImportRow> =
            visible.iter().copied().filter(|i| known.get(&i.import_id) != Some(&i.generation)).collect();
        let gone: Vec<String> =
            known.keys().filter(|id| !visible.iter().any(|i| i.import_id == **id)).cloned().collect();
        let mut done = Synced { imports: changed.len() + gone.len(), ..Synced::default() };
        if changed.is_empty() && gone.is_empty() {
            return Ok(done);
        }
        // a month of a prefecture goes into indexes in no order: they must lie in memory meanwhile
        self.set_cache(SYNC_CACHE_KIB)?;
        let brought = self.bring(store, &visible, &changed, &gone, &mut done);
        self.set_cache(CACHE_KIB)?;
        brought.map(|()| done)
    }

    fn bring(
        &mut self,
        store: &Store,
        visible: &[&ImportRow],
        changed: &[&ImportRow],
        gone: &[String],
        done: &mut Synced,
    ) -> Result<()> {
        let runs: HashMap<String, String> = store.owners()?.into_iter().map(|o| (o.owner, o.run.run_id)).collect();
        let encodings = encodings(store)?;
        let now = Timestamp::now();
        let tx = self.write()?;
        for id in gone {
            withdraw(&tx, id, now, done)?;
        }
        let mut persons: HashSet<(String, String)> = HashSet::new();
        for import in changed {
            let mut of_import = Importing { tx: &tx, import, now, runs: &runs, done, persons: &mut persons };
            of_import.run(store, &encodings)?;
        }
        others(&tx, store, visible, &persons, &encodings)?;
        tx.execute_batch("ANALYZE cases")?;
        Ok(tx.commit()?)
    }
}

impl Database {
    /// Puts one claim of the store on the desk, which nobody has a case about: slower, since its import is searched.
    ///
    /// # Errors
    /// As [`Database::sync`]. Nothing happens for a claim that is not visible.
    pub fn fetch_claim(&mut self, store: &Store, claim_id: &str) -> Result<()> {
        let sql = format!("SELECT import_id FROM claims WHERE claim_id = {}", tenken_store::query::literal(claim_id));
        let (_, batches) = store.query()?.sql(&sql)?;
        let found = batches.iter().find(|b| b.num_rows() > 0);
        let Some(id) = found.map(|b| texts(b, 0)).transpose()?.and_then(|t| t.into_iter().next()) else {
            return Ok(());
        };
        let Some(import) = store.imports()?.into_iter().find(|i| i.import_id == id) else { return Ok(()) };
        let encodings = encodings(store)?;
        let tx = self.write()?;
        let mut failed = None;
        store.each_desk_claim(&id, &mut |key| key.claim_id == claim_id, &mut |claim| {
            stashed(&mut failed, claim, |c| keep_claim(&tx, &import, &c, &encodings))
        })?;
        failed.map_or(Ok(()), Err)?;
        Ok(tx.commit()?)
    }
}

/// A column of texts, whatever its encoding.
fn texts(batch: &tenken_store::arrow::record_batch::RecordBatch, at: usize) -> Result<Vec<String>> {
    use tenken_store::arrow::{array::AsArray as _, compute::cast, datatypes::DataType};
    let column = cast(batch.column(at), &DataType::Utf8).map_err(|e| Error::Other(e.into()))?;
    Ok(column.as_string::<i32>().iter().map(|t| t.unwrap_or_default().to_owned()).collect())
}

/// Encoding of the files of the store, by their hashes.
fn encodings(store: &Store) -> Result<HashMap<String, String>> {
    let (_, batches) = store.query()?.sql("SELECT file_hash, encoding FROM files")?;
    let mut out = HashMap::new();
    for batch in &batches {
        out.extend(texts(batch, 0)?.into_iter().zip(texts(batch, 1)?));
    }
    Ok(out)
}

/// An import was taken back: what nobody has worked on goes to rest, the rest asks for a look.
fn withdraw(tx: &Transaction<'_>, import_id: &str, now: Timestamp, done: &mut Synced) -> Result<()> {
    let ids: Vec<i64> = tx
        .prepare("SELECT case_id FROM cases WHERE import_id = ?1")?
        .query_map([import_id], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in ids {
        done.closed += usize::from(resolve(tx, id, "claim_withdrawn", "", now)?);
    }
    for table in ["desk_claims", "desk_findings", "desk_third_party", "synced"] {
        tx.execute(&format!("DELETE FROM {table} WHERE import_id = ?1"), [import_id])?;
    }
    Ok(())
}

/// Ends a case that has lost its finding, while it is still with the reviewers; later ones ask for a look.
fn resolve(tx: &Transaction<'_>, case_id: i64, why: &str, run: &str, now: Timestamp) -> Result<bool> {
    let (state, stage): (String, i64) =
        tx.query_row("SELECT state, stage FROM cases WHERE case_id = ?1", [case_id], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let text = match why {
        "resolved_by_master" => "台帳の訂正で解消",
        "rule_changed" => "規則の変更で解消",
        "claim_withdrawn" => "取込の取消",
        other => other,
    };
    if stage == 0 {
        return Ok(false);
    }
    let open = crate::case_states::transition(&state, "AUTO_CLOSED").is_some();
    let to = if open { "AUTO_CLOSED" } else { state.as_str() };
    let day = japan(now).date().to_string();
    tx.prepare_cached(
        "INSERT INTO case_moves SELECT ?1, coalesce(max(seq), 0) + 1, coalesce(max(action), 0) + 1, ?2, ?3, ?4, '点検', '', \
         ?5, '', '', ?6, '', NULL, '', ?7, '' FROM case_moves WHERE case_id = ?1",
    )?
    .execute(params![case_id, if open { "move" } else { "attention" }, state, to, now.to_string(), text, run])?;
    if open {
        tx.prepare_cached(
            "UPDATE cases SET state = ?2, stage = 0, since = ?3, version = version + 1, attention = '' WHERE case_id = ?1",
        )?
        .execute(params![case_id, to, day])?;
    } else {
        tx.prepare_cached("UPDATE cases SET attention = ?2, version = version + 1 WHERE case_id = ?1")?.execute(
            params![case_id, format!("{text}。処理（{}）を見直してください", crate::case_states::title(&state))],
        )?;
    }
    Ok(open)
}

struct Importing<'t> {
    tx: &'t Transaction<'t>,
    import: &'t ImportRow,
    now: Timestamp,
    runs: &'t HashMap<String, String>,
    done: &'t mut Synced,
    persons: &'t mut HashSet<(String, String)>,
}

/// Runs `each` over what a reader hands out, keeping its first error beside the reader's own.
fn stashed<T>(failed: &mut Option<Error>, item: T, mut each: impl FnMut(T) -> Result<()>) -> tenken_store::Result<()> {
    if failed.is_none() {
        *failed = each(item).err();
    }
    Ok(())
}

impl<'t> Importing<'t> {
    fn run(&mut self, store: &Store, encodings: &HashMap<String, String>) -> Result<()> {
        let (tx, id) = (self.tx, self.import.import_id.as_str());
        // findings decide which claims stand on the desk
        let mut claims: HashSet<String> = HashSet::new();
        let mut findings: Vec<FindingRow> = Vec::new();
        let mut failed = None;
        for table in ["desk_claims", "desk_findings", "desk_third_party"] {
            tx.execute(&format!("DELETE FROM {table} WHERE import_id = ?1"), [id])?;
        }
        store.each_findings(id, &mut |batch| {
            stashed(&mut failed, batch, |batch| {
                for f in batch.drain(..) {
                    self.keep_finding(&f)?;
                    claims.insert(f.claim_id.clone());
                    if f.is_primary || f.state != "open" {
                        // the evidence lies in `desk_findings`
                        findings.push(FindingRow { evidence: String::new(), ..f });
                    }
                }
                Ok(())
            })
        })?;
        failed.map_or(Ok(()), Err)?;
        let mut held: HashSet<String> = HashSet::new();
        for t in store.read_third_party(id)?.iter().filter(|t| t.flag || t.hold) {
            if t.hold {
                held.insert(t.claim_id.clone());
            }
            claims.insert(t.claim_id.clone());
            tx.prepare_cached("INSERT OR REPLACE INTO desk_third_party VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                t.claim_id,
                id,
                t.hold,
                squeezed(&third_party_json(t))?
            ])?;
        }
        let mut briefs: HashMap<String, Brief> = HashMap::new();
        let mut failed = None;
        store.each_desk_claim(id, &mut |key| claims.contains(key.claim_id), &mut |claim| {
            stashed(&mut failed, claim, |c| {
                keep_claim(tx, self.import, &c, encodings)?;
                if let Some(person) = &c.person_id {
                    self.persons.insert((c.owner.clone(), person.clone()));
                }
                let brief = Brief {
                    institution: institution(&c),
                    benefit_yen: benefit_yen(&c),
                    kana: c.kana,
                    bango: c.bango,
                    search_no: c.search_no,
                    receipt_no: c.receipt_no,
                    person_id: c.person_id,
                };
                briefs.insert(c.claim_id, brief);
                Ok(())
            })
        })?;
        failed.map_or(Ok(()), Err)?;
        let mut standing: HashSet<&str> = HashSet::new();
        for f in findings.iter().filter(|f| f.is_primary && f.state == "open") {
            standing.insert(&f.finding_id);
            self.case(f, briefs.get(&f.claim_id), held.contains(&f.claim_id))?;
        }
        // what was a case and is no finding any more
        let old: Vec<(i64, String, String)> = tx
            .prepare(
                "SELECT case_id, finding_id, owner FROM cases WHERE import_id = ?1 AND finding_id IS NOT NULL AND stage <> 0",
            )?
            .query_map([id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let closed: HashMap<&str, &str> = findings
            .iter()
            .filter(|f| f.state != "open")
            .map(|f| (f.finding_id.as_str(), f.closed_reason.as_deref().unwrap_or("rule_changed")))
            .collect();
        for (case_id, finding_id, owner) in old.iter().filter(|(_, f, _)| !standing.contains(f.as_str())) {
            let why = closed.get(finding_id.as_str()).copied().unwrap_or("rule_changed");
            self.done.closed += usize::from(resolve(tx, *case_id, why, self.run_of(owner), self.now)?);
        }
        tx.execute(
            "INSERT OR REPLACE INTO synced VALUES (?1, ?2, ?3)",
            params![id, self.import.exam_month, self.import.generation],
        )?;
        Ok(())
    }

    /// The register that an owner's claims were held against.
    fn run_of(&self, owner: &str) -> &'t str {
        self.runs.get(owner).map_or("", String::as_str)
    }

    fn keep_finding(&self, f: &FindingRow) -> Result<()> {
        self.tx.prepare_cached("INSERT OR REPLACE INTO desk_findings VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(
            params![
                f.finding_id,
                f.claim_id,
                f.import_id,
                f.rule,
                f.is_primary,
                f.state,
                squeezed(&Value::Object(findings::json(f)))?
            ],
        )?;
        Ok(())
    }

    /// A finding becomes a case, or finds its case: one that was ended for want of it comes back.
    fn case(&mut self, f: &FindingRow, brief: Option<&Brief>, hold: bool) -> Result<()> {
        let tx = self.tx;
        let day = japan(self.now).date().to_string();
        let known: Option<(i64, String)> = tx
            .prepare_cached("SELECT case_id, state FROM cases WHERE finding_id = ?1")?
            .query_row([&f.finding_id], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        let run = self.run_of(&f.owner);
        if let Some((case_id, state)) = known {
            tx.prepare_cached(
                "UPDATE cases SET severity = ?2, certainty = ?3, proposal = ?4, reason = ?5, days_bad = ?6, retro = ?7 \
                 WHERE case_id = ?1",
            )?
            .execute(params![
                case_id,
                f.severity,
                f.certainty,
                f.disposition.as_deref().unwrap_or_default(),
                f.reason,
                mask(&f.days_bad),
                f.retro
            ])?;
            if state == "AUTO_CLOSED" {
                tx.prepare_cached(
                    "INSERT INTO case_moves SELECT ?1, max(seq) + 1, max(action) + 1, 'move', ?2, 'NEW', '点検', '', ?3, '', \
                     '', '再突合で再び指摘', '', NULL, '', ?4, '' FROM case_moves WHERE case_id = ?1",
                )?
                .execute(params![case_id, state, self.now.to_string(), run])?;
                tx.prepare_cached(
                    "UPDATE cases SET state = 'NEW', stage = 1, since = ?2, version = version + 1 WHERE case_id = ?1",
                )?
                .execute(params![case_id, day])?;
                self.done.reopened += 1;
            }
            return Ok(());
        }
        let person = brief.and_then(|b| b.person_id.as_deref()).or(f.person_id.as_deref());
        let cause = format!("{}|{}", person.unwrap_or(&f.claim_id), f.rule);
        tx.prepare_cached(
            "INSERT INTO cases (owner, origin, finding_id, claim_id, person_id, import_id, exam_month, service_month, rule, \
             cause, severity, certainty, proposal, k_proposal, reason, institution, benefit_yen, days_bad, retro, hold, \
             state, stage, opened_on, opened_by, since) VALUES (?1, 'finding', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, \
             ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, 'NEW', ?20, ?21, '点検', ?21)",
        )?
        .execute(params![
            f.owner,
            f.finding_id,
            f.claim_id,
            person,
            f.import_id,
            f.exam_month,
            f.service_month,
            f.rule,
            cause,
            f.severity,
            f.certainty,
            f.disposition.as_deref().unwrap_or_default(),
            f.k_code,
            f.reason,
            brief.map_or("", |b| b.institution.as_str()),
            brief.map_or(0, |b| b.benefit_yen),
            mask(&f.days_bad),
            f.retro,
            hold && f.rule.starts_with('T'),
            stage_of("NEW"),
            day,
        ])?;
        let case_id = tx.last_insert_rowid();
        tx.prepare_cached(
            "INSERT INTO case_moves VALUES (?1, 1, 1, 'open', '', 'NEW', '点検', '', ?2, '', '', ?3, '', NULL, '', ?4, '')",
        )?
        .execute(params![case_id, self.now.to_string(), f.rule, run])?;
        let words = [
            person,
            f.bango.as_deref(),
            brief.and_then(|b| b.bango.as_deref()),
            brief.and_then(|b| b.kana.as_deref()),
            brief.and_then(|b| b.search_no.as_deref()),
            f.search_no.as_deref(),
            brief.map(|b| b.institution.as_str()),
            Some(f.institution_code.as_str()),
            Some(f.claim_id.as_str()),
            brief.map(|b| b.receipt_no.as_str()),
        ];
        index(tx, case_id, &words)?;
        self.done.opened += 1;
        Ok(())
    }
}

/// Puts the words of a case where they are searched.
pub(crate) fn index(tx: &Transaction<'_>, case_id: i64, words: &[Option<&str>]) -> Result<()> {
    let mut own: Vec<String> = words.iter().flatten().filter(|w| !w.is_empty()).map(|w| search_form(w)).collect();
    own.sort();
    own.dedup();
    tx.prepare_cached("INSERT INTO case_search (rowid, words) VALUES (?1, ?2)")?
        .execute(params![case_id, own.join(" ")])?;
    Ok(())
}

/// A text as it is searched: NFKC, hiragana as katakana, small letters.
pub(crate) fn search_form(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let katakana = |c: char| match c {
        'ぁ'..='ゖ' => char::from_u32(c as u32 + 0x60).unwrap_or(c),
        other => other,
    };
    text.nfkc().map(katakana).flat_map(char::to_lowercase).collect()
}

fn keep_claim(
    tx: &Transaction<'_>,
    import: &ImportRow,
    c: &DeskClaim,
    encodings: &HashMap<String, String>,
) -> Result<()> {
    let institution = institution(c);
    tx.prepare_cached(
        "INSERT OR REPLACE INTO desk_claims VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, \
         ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36)",
    )?
    .execute(params![
        c.claim_id,
        import.import_id,
        import.exam_month,
        c.owner,
        c.person_id,
        c.household_id,
        c.service_month,
        c.billing_month,
        c.kind,
        c.receipt_no,
        c.receipt_type,
        institution,
        c.insurer_no,
        c.kigo,
        c.bango,
        c.edaban,
        c.name,
        c.kana,
        c.birth_date.map(|d| d.to_string()),
        c.search_no,
        c.days,
        c.points_effective,
        c.cost_yen,
        benefit_yen(c),
        c.copay_yen,
        c.meal_count,
        c.meal_yen,
        c.service_days,
        c.parent_claim_id,
        c.source_file,
        c.file_hash,
        c.byte_start,
        c.byte_len,
        c.ordinal,
        c.form,
        encodings.get(&c.file_hash).map_or("cp932", String::as_str),
    ])?;
    if let Some(name) = &c.institution_name {
        tx.prepare_cached("INSERT OR IGNORE INTO institutions VALUES (?1, ?2)")?.execute(params![institution, name])?;
    }
    Ok(())
}

/// The other claims of the persons who have cases, in the months around.
fn others(
    tx: &Transaction<'_>,
    store: &Store,
    visible: &[&ImportRow],
    persons: &HashSet<(String, String)>,
    encodings: &HashMap<String, String>,
) -> Result<()> {
    let month = |i: &ImportRow| Month::parse_iso(&i.exam_month);
    let newest = visible.iter().filter_map(|i| month(i)).max();
    let Some(oldest) = newest.map(|m| m.plus(-MONTHS_AROUND)) else { return Ok(()) };
    // by owner, so that a look-up makes no text
    let mut by_owner: HashMap<&str, HashSet<&str>> = HashMap::new();
    persons.iter().for_each(|(owner, id)| {
        by_owner.entry(owner).or_default().insert(id);
    });
    for import in visible.iter().filter(|i| month(i).is_some_and(|m| m >= oldest)) {
        let mut failed = None;
        store.each_desk_claim(
            &import.import_id,
            &mut |key| key.person_id.is_some_and(|p| by_owner.get(key.owner).is_some_and(|of| of.contains(p))),
            &mut |claim| stashed(&mut failed, claim, |c| keep_claim(tx, import, &c, encodings)),
        )?;
        failed.map_or(Ok(()), Err)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_searched_however_they_are_typed() {
        assert_eq!(search_form("やまだ ﾀﾛｳ"), "ヤマダ タロウ");
        assert_eq!(search_form("１２３ＡＢ"), "123ab");
    }

    #[test]
    fn rates_that_a_claim_does_not_say() {
        for (kind, want) in
            [("1112", 70), ("1114", 80), ("1116", 70), ("1118", 80), ("1110", 70), ("1318", 90), ("1310", 70)]
        {
            assert_eq!(usual_rate(kind), want, "{kind}");
        }
    }
}
