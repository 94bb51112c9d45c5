//! What leaves the house and what comes back: batches with their cut-off, results that move cases.

use jiff::civil::Date;
use rusqlite::{OptionalExtension as _, Row, params};
use serde::Serialize;

use crate::{
    case_states::{self, title},
    database::Database,
    desk_case::{Actor, DeskCase, Step},
    error::{Error, Result},
    functions::Function,
    queue::Scope,
    text::japan,
};

/// Something that left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct BatchRow {
    pub batch_no: String,
    pub owner: String,
    /// a word of case_decisions.csv
    pub kind: String,
    pub cut_off: String,
    pub made_by: String,
    pub made_at: String,
    pub cases: i64,
    pub persons: i64,
    /// `made` `accepted`
    pub state: String,
    pub content_hash: String,
}

impl BatchRow {
    fn read(r: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            batch_no: r.get("batch_no")?,
            owner: r.get("owner")?,
            kind: r.get("kind")?,
            cut_off: r.get("cut_off")?,
            made_by: r.get("made_by")?,
            made_at: r.get("made_at")?,
            cases: r.get("cases")?,
            persons: r.get("persons")?,
            state: r.get("state")?,
            content_hash: r.get("content_hash")?,
        })
    }

    pub fn kind_ja(&self) -> &str {
        case_states::decision_title(&self.kind)
    }
}

/// One answer from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// 検索番号
    pub search_no: String,
    /// a word of the list `result`
    pub result: String,
    /// as it was said, for the trail
    pub text: String,
    /// 円 less than before, where the answer says it
    pub yen: Option<i64>,
    /// number of the paper or file
    pub document: String,
}

/// What answers did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Answered {
    pub moved: usize,
    /// 検索番号 that no exported case has
    pub unknown: Vec<String>,
}

impl Database {
    /// Cases that are approved and wait to leave, by decision.
    pub fn ready(&self, scope: &Scope) -> Result<Vec<(String, i64, i64)>> {
        let mut rows = self.connection().prepare_cached(
            "SELECT decision, count(*), sum(benefit_yen) FROM cases WHERE owner = ?1 AND hold <= ?2 AND state = 'APPROVAL' \
             AND approved_by <> '' GROUP BY 1 ORDER BY 1",
        )?;
        let rows = rows.query_map(params![scope.owner, scope.hold], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Newest first.
    pub fn batches(&self, scope: &Scope) -> Result<Vec<BatchRow>> {
        let mut rows = self
            .connection()
            .prepare_cached("SELECT * FROM batches WHERE owner = ?1 ORDER BY made_at DESC, batch_no DESC LIMIT 200")?;
        Ok(rows.query_map([&scope.owner], BatchRow::read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// # Errors
    /// [`Error::NotFound`]
    pub fn batch(&self, scope: &Scope, batch_no: &str) -> Result<BatchRow> {
        let mut row = self.connection().prepare_cached("SELECT * FROM batches WHERE batch_no = ?1 AND owner = ?2")?;
        let found = row.query_row([batch_no, &scope.owner], BatchRow::read).optional()?;
        found.ok_or_else(|| Error::NotFound { what: format!("出力 {batch_no}") })
    }

    /// The cases of a batch, or those that a new one of this kind would hold, in order.
    pub fn cases_of_batch(&self, scope: &Scope, batch_no: &str, kind: &str) -> Result<Vec<DeskCase>> {
        let ids: Vec<i64> = if batch_no.is_empty() {
            let mut ids = self.connection().prepare_cached(
                "SELECT case_id FROM cases WHERE owner = ?1 AND hold <= ?2 AND state = 'APPROVAL' AND approved_by <> '' \
                 AND decision = ?3 ORDER BY institution, service_month, case_id",
            )?;
            let rows = ids.query_map(params![scope.owner, scope.hold, kind], |r| r.get(0))?;
            rows.collect::<rusqlite::Result<_>>()?
        } else {
            let mut ids = self.connection().prepare_cached(
                "SELECT DISTINCT m.case_id FROM case_moves m JOIN cases c ON c.case_id = m.case_id WHERE m.document = ?1 \
                 AND m.to_state IN ('EXPORTED', 'BILLED') AND c.owner = ?2 ORDER BY c.institution, c.service_month, c.case_id",
            )?;
            let rows = ids.query_map([batch_no, &scope.owner], |r| r.get(0))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        ids.into_iter().map(|id| self.desk_case(&Scope { hold: true, ..scope.clone() }, id)).collect()
    }

    /// Makes a batch of all approved cases of a kind: they become EXPORTED (返納金: BILLED). `content` gives the csv of the
    /// cases, of which the hash is kept.
    ///
    /// # Errors
    /// [`Error::NotFound`] when none waits; as [`Database::take`]. Nothing leaves when one case cannot.
    pub fn make_batch(
        &mut self,
        scope: &Scope,
        kind: &str,
        cut_off: Option<Date>,
        actor: &Actor<'_>,
        content: impl FnOnce(&str, &[DeskCase]) -> Result<String>,
    ) -> Result<BatchRow> {
        Function::Export.require(actor.user.role)?;
        let cases = self.cases_of_batch(scope, "", kind)?;
        if cases.is_empty() {
            return Err(Error::NotFound { what: format!("決裁済の「{}」", case_states::decision_title(kind)) });
        }
        let day = japan(actor.now).date();
        let no: i64 = self.connection().query_row(
            "SELECT count(*) + 1 FROM batches WHERE batch_no LIKE ?1",
            [format!("{}-%", day.strftime("%Y%m%d"))],
            |r| r.get(0),
        )?;
        let batch_no = format!("{}-{no:03}", day.strftime("%Y%m%d"));
        let hash = blake3::hash(content(&batch_no, &cases)?.as_bytes()).to_hex().to_string();
        let mut persons: Vec<&str> = cases.iter().filter_map(|c| c.person_id.as_deref()).collect();
        persons.sort_unstable();
        persons.dedup();
        let to = if kind == "HENNO" { "BILLED" } else { "EXPORTED" };
        let tx = self.write()?;
        tx.execute(
            "INSERT INTO batches VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'made', ?9)",
            params![
                batch_no,
                scope.owner,
                kind,
                cut_off.map_or(String::new(), |d| d.to_string()),
                actor.user.name,
                actor.now.to_string(),
                cases.len() as i64,
                persons.len() as i64,
                hash
            ],
        )?;
        for case in &cases {
            let step = Step { document: batch_no.clone(), ..Step::to(to, case.version) };
            crate::desk_case::take_within(&tx, scope, case.case_id, actor, &step)?;
        }
        tx.commit()?;
        self.batch(scope, &batch_no)
    }

    /// The receiver took a batch: its cases are ACCEPTED.
    ///
    /// # Errors
    /// As [`Database::take`].
    pub fn accept_batch(&mut self, scope: &Scope, batch_no: &str, actor: &Actor<'_>) -> Result<usize> {
        Function::Results.require(actor.user.role)?;
        let cases = self.cases_of_batch(scope, batch_no, "")?;
        let tx = self.write()?;
        let mut moved = 0;
        for case in cases.iter().filter(|c| c.state == "EXPORTED") {
            crate::desk_case::take_within(&tx, scope, case.case_id, actor, &Step::to("ACCEPTED", case.version))?;
            moved += 1;
        }
        tx.execute("UPDATE batches SET state = 'accepted' WHERE batch_no = ?1", [batch_no])?;
        tx.commit()?;
        Ok(moved)
    }

    /// Moves cases by answers from outside: RESULT, and SETTLED where the answer settles it. A file is read once.
    ///
    /// # Errors
    /// [`Error::Imported`]; as [`Database::take`].
    pub fn apply_answers(
        &mut self,
        scope: &Scope,
        file: (&str, &str),
        answers: &[Answer],
        actor: &Actor<'_>,
    ) -> Result<Answered> {
        Function::Results.require(actor.user.role)?;
        let (name, file_hash) = file;
        let mut done = Answered::default();
        let tx = self.write()?;
        let known =
            tx.query_row("SELECT 1 FROM result_files WHERE file_hash = ?1", [file_hash], |_| Ok(())).optional()?;
        if known.is_some() {
            return Err(Error::Imported { name: name.to_owned() });
        }
        for answer in answers {
            let found: Option<(i64, i64)> = tx
                .prepare_cached(
                    "SELECT c.case_id, c.version FROM cases c JOIN desk_claims d ON d.claim_id = c.claim_id \
                     WHERE d.search_no = ?1 AND c.owner = ?2 AND c.state IN ('EXPORTED', 'ACCEPTED') \
                     ORDER BY c.case_id LIMIT 1",
                )?
                .query_row([&answer.search_no, &scope.owner], |r| Ok((r.get(0)?, r.get(1)?)))
                .optional()?;
            let Some((case_id, version)) = found else {
                done.unknown.push(answer.search_no.clone());
                continue;
            };
            let step = Step {
                result: answer.result.clone(),
                text: answer.text.clone(),
                document: answer.document.clone(),
                ..Step::to("RESULT", version)
            };
            let case = crate::desk_case::take_within(&tx, scope, case_id, actor, &step)?;
            let settles = crate::case_words("result").any(|w| w.code == answer.result && w.note == "settles");
            if settles {
                let yen = answer.yen.unwrap_or(case.benefit_yen).clamp(0, case.benefit_yen);
                tx.execute(
                    "UPDATE cases SET recovered_yen = min(benefit_yen, recovered_yen + ?2) WHERE case_id = ?1",
                    params![case_id, yen],
                )?;
                let step = Step { yen: Some(yen), ..Step::to("SETTLED", case.version) };
                crate::desk_case::take_within(&tx, scope, case_id, actor, &step)?;
            }
            // 取下げ after the household has paid back: it must get its money again
            if matches!(answer.result.as_str(), "returned" | "kago_done") {
                tx.execute(
                    "UPDATE cases SET attention = '医療機関側で取り下げられました。返納済みの額の還付を確かめてください', \
                     version = version + 1 WHERE claim_id = ?1 AND case_id <> ?2 AND decision = 'HENNO' \
                     AND recovered_yen > 0",
                    params![case.claim_id, case_id],
                )?;
            }
            done.moved += 1;
        }
        tx.execute(
            "INSERT INTO result_files VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                file_hash,
                scope.owner,
                name,
                actor.user.name,
                actor.now.to_string(),
                answers.len() as i64,
                done.moved as i64
            ],
        )?;
        tx.commit()?;
        Ok(done)
    }

    /// The cut-off of a 審査月 for an insurer and kind: the most exact that was set.
    pub fn cut_off(&self, owner: &str, kind: &str, month: &str) -> Result<Option<Date>> {
        let mut row = self.connection().prepare_cached(
            "SELECT on_date FROM cut_offs WHERE owner IN (?1, '') AND kind IN (?2, '') AND month = ?3 \
             ORDER BY owner DESC, kind DESC LIMIT 1",
        )?;
        let found: Option<String> = row.query_row([owner, kind, month], |r| r.get(0)).optional()?;
        Ok(found.and_then(|d| d.parse().ok()))
    }

    /// Insurer, kind, month, day, who set it: newest month first.
    pub fn cut_offs(&self) -> Result<Vec<[String; 5]>> {
        let mut rows =
            self.connection().prepare_cached("SELECT * FROM cut_offs ORDER BY month DESC, owner, kind LIMIT 100")?;
        let rows = rows.query_map([], |r| Ok([r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?]))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// # Errors
    /// [`Error::NotAllowed`]; [`Error::BadInput`].
    pub fn set_cut_off(&self, owner: &str, kind: &str, month: &str, on: &str, actor: &Actor<'_>) -> Result<()> {
        Function::Calendar.require(actor.user.role)?;
        let bad = |field: &str, why: &str| Error::BadInput { field: field.into(), why: why.into() };
        tenken_parser::Month::parse_iso(month).ok_or_else(|| bad("審査月", "YYYY-MM と書いてください"))?;
        let day: Date = on.parse().map_err(|_| bad("締切日", "YYYY-MM-DD と書いてください"))?;
        if !kind.is_empty() && case_states::decision(kind).is_none() {
            return Err(bad("種類", kind));
        }
        self.connection().execute(
            "INSERT OR REPLACE INTO cut_offs VALUES (?1, ?2, ?3, ?4, ?5)",
            params![owner, kind, month, day.to_string(), actor.user.name],
        )?;
        Ok(())
    }
}

impl DeskCase {
    pub fn state_ja(&self) -> &str {
        title(&self.state)
    }

    pub fn decision_ja(&self) -> &str {
        case_states::decision_title(&self.decision)
    }
}
