//! Cases: opening, moving, and what is kept of each.

use jiff::{Timestamp, Zoned, civil::Date};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

use crate::{
    database::Database,
    error::{Error, Result},
    letters,
    limits::{self, Facts, Limit},
    states::{self, FIRST, HOLD, INQUIRY, MOST_REMINDERS, REMINDED, SCOPE_FIXED, next_states},
    words::{is_named_role, known, named_roles, title},
};

/// What a case begins with.
#[derive(Clone, Default)]
pub struct NewCase {
    pub insurer_no: String,
    /// 国保 or 後期
    pub scheme: String,
    /// 宛名番号
    pub person_id: String,
    pub household_id: Option<String>,
    pub claim: Option<Attached>,
    pub episode_id: Option<String>,
    /// earliest 診療開始日 of the episode
    pub first_day: Option<Date>,
    /// route of the claim, `NONE` without one
    pub route: String,
    pub band: Option<String>,
    pub score: Option<i32>,
    pub rule_version: Option<String>,
    pub marked_10: bool,
    pub hold: bool,
    /// a word of the list `discovery`
    pub discovery_route: String,
    pub cause_type: Option<String>,
    pub accident_date: Option<Date>,
    pub reason: String,
    pub user: String,
}

/// A claim of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    pub claim_id: String,
    /// `YYYY-MM`
    pub service_month: String,
    pub institution_code: String,
    pub points: Option<i64>,
    /// 事故対象点数
    pub accident_points: Option<i64>,
    /// 給付額
    pub benefit_yen: Option<i64>,
    pub has_10: bool,
    /// after the scope was fixed: "added since claim"
    pub added_after_scope: bool,
}

/// A step of a case.
#[derive(Clone, Debug, Default)]
pub struct Move {
    pub to: String,
    pub user: String,
    pub role: Option<String>,
    /// the day on which it happened
    pub on: Option<Date>,
    pub reason: Option<String>,
    pub document: Option<String>,
    /// a word of the list `answer`
    pub answer: Option<String>,
    /// 求償期間
    pub period: Option<(Date, Date)>,
    /// 円: claimed, or paid
    pub yen: Option<i64>,
    /// decided by a person for this case: what a held one needs
    pub by_hand: bool,
    /// the version that was looked at
    pub expected: Option<i64>,
}

/// What may be written down at any time; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    pub accident_date: Option<Date>,
    pub fixed_date: Option<Date>,
    pub death_date: Option<Date>,
    pub demand_date: Option<Date>,
    pub cause_type: Option<String>,
    pub place: Option<String>,
    pub wide_area_id: Option<String>,
    pub counterparty_known: Option<bool>,
    pub counterparty_insurer: Option<String>,
    /// percent
    pub fault_ratio: Option<i64>,
    pub settled: Option<bool>,
    pub staff: Option<String>,
    pub next_action: Option<String>,
    pub next_action_due: Option<Date>,
    pub note: Option<String>,
    /// papers that came: a word of the list `paper`, and the day
    pub papers: Vec<(String, Date)>,
}

/// A case as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub insurer_no: String,
    pub case_no: String,
    pub scheme: String,
    pub person_id: String,
    pub household_id: Option<String>,
    pub claim_id: Option<String>,
    pub episode_id: Option<String>,
    pub first_day: Option<Date>,
    pub route: String,
    pub band: Option<String>,
    pub score: Option<i64>,
    pub rule_version: Option<String>,
    pub marked_10: bool,
    pub hold: bool,
    pub discovery_route: String,
    pub wide_area_id: Option<String>,
    pub cause_type: Option<String>,
    pub accident_date: Option<Date>,
    pub fixed_date: Option<Date>,
    pub death_date: Option<Date>,
    pub place_municipality: Option<String>,
    pub counterparty_known: Option<bool>,
    pub counterparty_insurer: Option<String>,
    pub demand_date: Option<Date>,
    pub period_from: Option<Date>,
    pub period_to: Option<Date>,
    pub delegated_to: Option<String>,
    pub delegated_date: Option<Date>,
    pub fault_ratio: Option<i64>,
    pub settled: Option<bool>,
    pub staff: Option<String>,
    pub next_action: Option<String>,
    pub next_action_due: Option<Date>,
    pub note: Option<String>,
    pub state: String,
    pub version: i64,
    pub opened_at: String,
    pub opened_by: String,
    pub reason: String,
}

/// A step that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveRow {
    pub seq: i64,
    /// empty: the case was opened
    pub from: String,
    pub to: String,
    pub on: Date,
    pub user: String,
    pub role: Option<String>,
    pub reason: Option<String>,
    pub document: Option<String>,
    pub answer: Option<String>,
    pub recorded_at: String,
}

/// A case with its history, claims, papers and amounts.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    pub case: Case,
    pub moves: Vec<MoveRow>,
    pub claims: Vec<Attached>,
    /// paper and the day it came
    pub papers: Vec<(String, Date)>,
    /// `claimed` or `paid`, day, yen
    pub amounts: Vec<(String, Date, i64)>,
}

fn day(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Date>> {
    Ok(row.get::<_, Option<String>>(column)?.and_then(|t| t.parse().ok()))
}

fn text(date: Option<Date>) -> Option<String> {
    date.map(|d| d.to_string())
}

impl Case {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            insurer_no: row.get("insurer_no")?,
            case_no: row.get("case_no")?,
            scheme: row.get("scheme")?,
            person_id: row.get("person_id")?,
            household_id: row.get("household_id")?,
            claim_id: row.get("claim_id")?,
            episode_id: row.get("episode_id")?,
            first_day: day(row, "first_day")?,
            route: row.get("route")?,
            band: row.get("band")?,
            score: row.get("score")?,
            rule_version: row.get("rule_version")?,
            marked_10: row.get("marked_10")?,
            hold: row.get("hold")?,
            discovery_route: row.get("discovery_route")?,
            wide_area_id: row.get("wide_area_id")?,
            cause_type: row.get("cause_type")?,
            accident_date: day(row, "accident_date")?,
            fixed_date: day(row, "fixed_date")?,
            death_date: day(row, "death_date")?,
            place_municipality: row.get("place_municipality")?,
            counterparty_known: row.get("counterparty_known")?,
            counterparty_insurer: row.get("counterparty_insurer")?,
            demand_date: day(row, "demand_date")?,
            period_from: day(row, "period_from")?,
            period_to: day(row, "period_to")?,
            delegated_to: row.get("delegated_to")?,
            delegated_date: day(row, "delegated_date")?,
            fault_ratio: row.get("fault_ratio")?,
            settled: row.get("settled")?,
            staff: row.get("staff")?,
            next_action: row.get("next_action")?,
            next_action_due: day(row, "next_action_due")?,
            note: row.get("note")?,
            state: row.get("state")?,
            version: row.get("version")?,
            opened_at: row.get("opened_at")?,
            opened_by: row.get("opened_by")?,
            reason: row.get("reason")?,
        })
    }

    /// What its limits follow from. Without a day of the accident the earliest 診療開始日 stands in.
    pub fn facts(&self) -> Facts {
        Facts {
            accident: self.accident_date.or(self.first_day),
            estimated: self.accident_date.is_none(),
            fixed: self.fixed_date,
            death: self.death_date,
            wrongdoer_known: self.counterparty_known == Some(true),
            demand: self.demand_date,
        }
    }

    pub fn limits(&self) -> Vec<Limit> {
        limits::limits(&self.facts())
    }

    pub fn is_ended(&self) -> bool {
        states::is_end(&self.state)
    }
}

impl Detail {
    /// 給付額 of its claims, 円.
    pub fn benefit_yen(&self) -> i64 {
        self.claims.iter().filter_map(|c| c.benefit_yen).sum()
    }

    pub fn sum(&self, kind: &str) -> i64 {
        self.amounts.iter().filter(|a| a.0 == kind).map(|a| a.2).sum()
    }

    /// The day on which a state was first entered.
    pub fn first(&self, state: &str) -> Option<Date> {
        self.moves.iter().find(|m| m.to == state).map(|m| m.on)
    }
}

fn find(c: &Connection, insurer_no: Option<&str>, case_no: &str) -> Result<Case> {
    c.query_row(
        "SELECT * FROM third_party_cases WHERE case_no = ?1 AND (?2 IS NULL OR insurer_no = ?2) ORDER BY insurer_no",
        params![case_no, insurer_no],
        Case::read,
    )
    .optional()?
    .ok_or_else(|| Error::NoSuchCase { case_no: case_no.to_owned() })
}

fn record(
    c: &Connection,
    case: &Case,
    from: &str,
    step: &Move,
    on: Date,
    answer: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    c.execute(
        "INSERT INTO third_party_moves SELECT :insurer_no, :case_no, coalesce(max(seq), 0) + 1, :from, :to, :on, :user, \
         :role, :reason, :document, :answer, :at FROM third_party_moves WHERE insurer_no = :insurer_no AND case_no = :case_no",
        named_params! {
            ":insurer_no": case.insurer_no, ":case_no": case.case_no, ":from": from, ":to": step.to,
            ":on": on.to_string(), ":user": step.user, ":role": step.role, ":reason": step.reason,
            ":document": step.document, ":answer": answer, ":at": now.to_string(),
        },
    )?;
    Ok(())
}

/// Counted from April.
fn fiscal_year(day: Date) -> i16 {
    if day.month() >= 4 { day.year() } else { day.year() - 1 }
}

impl Database {
    /// Opens a case. One person has one open case for one episode.
    ///
    /// # Errors
    /// [`Error::Open`]; [`Error::UnknownWord`].
    pub fn open_case(&mut self, new: &NewCase, now: &Zoned) -> Result<Case> {
        let discovery = known("discovery", &new.discovery_route)?;
        let cause = new.cause_type.as_deref().map(|c| known("cause", c)).transpose()?;
        let tx = self.write()?;
        let same: Vec<Case> = {
            let mut of_person = tx
                .prepare("SELECT * FROM third_party_cases WHERE insurer_no = ?1 AND person_id = ?2 ORDER BY case_no")?;
            let rows = of_person.query_map(params![new.insurer_no, new.person_id], Case::read)?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        let claim_id = new.claim.as_ref().map(|c| c.claim_id.clone());
        let is_same = |c: &&Case| {
            !c.is_ended()
                && (c.claim_id.is_some() && c.claim_id == claim_id
                    || c.episode_id.is_some() && c.episode_id == new.episode_id)
        };
        if let Some(open) = same.iter().find(is_same) {
            return Err(Error::Open { case_no: open.case_no.clone() });
        }
        let today = now.date();
        let year = fiscal_year(today);
        let last: Option<i64> = tx.query_row(
            "SELECT max(CAST(substr(case_no, 6) AS INTEGER)) FROM third_party_cases WHERE insurer_no = ?1 AND case_no LIKE ?2",
            params![new.insurer_no, format!("{year}-%")],
            |r| r.get(0),
        )?;
        let case_no = format!("{year}-{:06}", last.unwrap_or(0) + 1);
        tx.execute(
            "INSERT INTO third_party_cases (insurer_no, case_no, scheme, person_id, household_id, claim_id, episode_id, \
             first_day, route, band, score, rule_version, marked_10, hold, discovery_route, cause_type, accident_date, \
             state, version, opened_at, opened_by, reason) VALUES (:insurer_no, :case_no, :scheme, :person_id, \
             :household_id, :claim_id, :episode_id, :first_day, :route, :band, :score, :rule_version, :marked_10, :hold, \
             :discovery, :cause, :accident, :state, 1, :at, :user, :reason)",
            named_params! {
                ":insurer_no": new.insurer_no, ":case_no": case_no, ":scheme": new.scheme, ":person_id": new.person_id,
                ":household_id": new.household_id, ":claim_id": claim_id, ":episode_id": new.episode_id,
                ":first_day": text(new.first_day), ":route": new.route, ":band": new.band, ":score": new.score,
                ":rule_version": new.rule_version, ":marked_10": new.marked_10, ":hold": new.hold,
                ":discovery": discovery, ":cause": cause, ":accident": text(new.accident_date), ":state": FIRST,
                ":at": now.timestamp().to_string(), ":user": new.user, ":reason": new.reason,
            },
        )?;
        let case = find(&tx, Some(&new.insurer_no), &case_no)?;
        let step =
            Move { to: FIRST.to_owned(), user: new.user.clone(), reason: Some(new.reason.clone()), ..Move::default() };
        record(&tx, &case, "", &step, today, None, now.timestamp())?;
        if let Some(claim) = &new.claim {
            attach(&tx, &case, claim)?;
        }
        tx.commit()?;
        Ok(case)
    }

    /// Makes a step. A held case is only written to by a named role and by hand, and leaves HOLD only so.
    ///
    /// # Errors
    /// [`Error::Illegal`] names what may follow; [`Error::Needs`]; [`Error::Held`]; [`Error::Changed`] when somebody was
    /// faster; [`Error::TooManyReminders`]; [`Error::TooOld`]. Then nothing is changed.
    pub fn move_case(&mut self, insurer_no: Option<&str>, case_no: &str, step: &Move, now: &Zoned) -> Result<Case> {
        let to = known("state", &step.to)?;
        let tx = self.write()?;
        let case = find(&tx, insurer_no, case_no)?;
        if let Some(expected) = step.expected.filter(|e| *e != case.version) {
            return Err(Error::Changed { case_no: case_no.to_owned(), expected, found: case.version });
        }
        let Some(rule) = next_states(&case.state).find(|r| r.to == to) else {
            let legal: Vec<&str> = next_states(&case.state).map(|r| r.to.as_str()).collect();
            return Err(Error::Illegal {
                case_no: case_no.to_owned(),
                from: case.state.clone(),
                to: to.to_owned(),
                legal: legal.join(", "),
            });
        };
        let today = now.date();
        let on = step.on.unwrap_or(today);
        let needs = |what: &str| Error::Needs {
            case_no: case_no.to_owned(),
            to: title("state", to).to_owned(),
            what: what.to_owned(),
        };
        let reason = step.reason.as_deref().filter(|r| !r.trim().is_empty());
        let mut answer = None;
        match rule.needs.as_str() {
            "reason" if reason.is_none() => return Err(needs("理由（--reason）")),
            "dismissal" => {
                let word = reason.ok_or_else(|| needs("理由の区分（--reason、例 sport）"))?;
                known("dismissal", word.split([' ', '　']).next().unwrap_or_default())?;
            }
            "document" if step.document.is_none() => return Err(needs("書類の番号（--document）")),
            "answer" => {
                answer = Some(known("answer", step.answer.as_deref().ok_or_else(|| needs("回答（--answer）"))?)?);
            }
            "period" if step.period.is_none_or(|(from, to)| to < from) => return Err(needs("求償期間（--period）")),
            "amount" => {
                let yen = step.yen.ok_or_else(|| needs("金額（--yen）"))?;
                if yen <= 0 {
                    return Err(Error::BadAmount { text: yen.to_string() });
                }
            }
            _ => {}
        }
        if !rule.answers.is_empty() {
            let last: Option<String> = tx.query_row(
                "SELECT answer FROM third_party_moves WHERE insurer_no = ?1 AND case_no = ?2 AND answer IS NOT NULL \
                 ORDER BY seq DESC LIMIT 1",
                params![case.insurer_no, case.case_no],
                |r| r.get(0),
            ).optional()?;
            if !rule.answers.split(';').any(|a| last.as_deref() == Some(a)) {
                let wanted: Vec<&str> = rule.answers.split(';').map(|a| title("answer", a)).collect();
                return Err(needs(&format!("回答「{}」", wanted.join("・"))));
            }
        }
        let named = step.role.as_deref().is_some_and(is_named_role);
        let touches_hold = case.hold && (to == INQUIRY || to == REMINDED || case.state == HOLD);
        if touches_hold && !(named && reason.is_some() && (case.state == HOLD || step.by_hand)) {
            return Err(Error::Held { case_no: case_no.to_owned(), roles: named_roles() });
        }
        if to == INQUIRY {
            letters::young_enough(&case, today)?;
        }
        if to == REMINDED {
            let reminders: usize = {
                let mut moves = tx.prepare(
                    "SELECT to_state FROM third_party_moves WHERE insurer_no = ?1 AND case_no = ?2 ORDER BY seq DESC",
                )?;
                let states = moves.query_map(params![case.insurer_no, case.case_no], |r| r.get::<_, String>(0))?;
                states.map_while(std::result::Result::ok).take_while(|s| s == REMINDED).count()
            };
            if reminders >= MOST_REMINDERS {
                return Err(Error::TooManyReminders { case_no: case_no.to_owned(), most: MOST_REMINDERS });
            }
        }
        let delegated = to.strip_prefix("DELEGATED_").map(|_| title("state", to));
        tx.execute(
            "UPDATE third_party_cases SET state = :to, version = version + 1, \
             period_from = coalesce(:from, period_from), period_to = coalesce(:until, period_to), \
             delegated_to = coalesce(:delegated, delegated_to), \
             delegated_date = CASE WHEN :delegated IS NULL THEN delegated_date ELSE :on END \
             WHERE insurer_no = :insurer_no AND case_no = :case_no",
            named_params! {
                ":to": to, ":from": text(step.period.map(|p| p.0)), ":until": text(step.period.map(|p| p.1)),
                ":delegated": delegated, ":on": on.to_string(), ":insurer_no": case.insurer_no, ":case_no": case.case_no,
            },
        )?;
        if let Some(yen) = step.yen.filter(|_| rule.needs == "amount") {
            let kind = if to == "CLAIMED" { "claimed" } else { "paid" };
            tx.execute(
                "INSERT INTO third_party_amounts SELECT ?1, ?2, coalesce(max(seq), 0) + 1, ?3, ?4, ?5 \
                 FROM third_party_amounts WHERE insurer_no = ?1 AND case_no = ?2",
                params![case.insurer_no, case.case_no, kind, on.to_string(), yen],
            )?;
        }
        record(&tx, &case, &case.state, &Move { to: to.to_owned(), ..step.clone() }, on, answer, now.timestamp())?;
        let moved = find(&tx, Some(&case.insurer_no), case_no)?;
        tx.commit()?;
        Ok(moved)
    }

    /// Lifts a hold, or sets one. Lifting is for a named role, with a reason.
    ///
    /// # Errors
    /// [`Error::Held`].
    pub fn set_hold(
        &mut self,
        insurer_no: Option<&str>,
        case_no: &str,
        hold: bool,
        step: &Move,
        now: &Zoned,
    ) -> Result<Case> {
        let tx = self.write()?;
        let case = find(&tx, insurer_no, case_no)?;
        let reason = step.reason.as_deref().is_some_and(|r| !r.trim().is_empty());
        if case.hold && !hold && !(reason && step.role.as_deref().is_some_and(is_named_role)) {
            return Err(Error::Held { case_no: case_no.to_owned(), roles: named_roles() });
        }
        tx.execute(
            "UPDATE third_party_cases SET hold = ?1, version = version + 1 WHERE insurer_no = ?2 AND case_no = ?3",
            params![hold, case.insurer_no, case.case_no],
        )?;
        let step = Move { to: case.state.clone(), document: Some(format!("hold={}", u8::from(hold))), ..step.clone() };
        record(&tx, &case, &case.state, &step, now.date(), None, now.timestamp())?;
        let case = find(&tx, Some(&case.insurer_no), case_no)?;
        tx.commit()?;
        Ok(case)
    }

    /// Writes down what became known.
    pub fn edit_case(&mut self, insurer_no: Option<&str>, case_no: &str, edit: &Edit) -> Result<Case> {
        let cause = edit.cause_type.as_deref().map(|c| known("cause", c)).transpose()?;
        let tx = self.write()?;
        let case = find(&tx, insurer_no, case_no)?;
        tx.execute(
            "UPDATE third_party_cases SET version = version + 1, accident_date = coalesce(:accident, accident_date), \
             fixed_date = coalesce(:fixed, fixed_date), death_date = coalesce(:death, death_date), \
             demand_date = coalesce(demand_date, :demand), cause_type = coalesce(:cause, cause_type), \
             place_municipality = coalesce(:place, place_municipality), wide_area_id = coalesce(:wide, wide_area_id), \
             counterparty_known = coalesce(:known, counterparty_known), \
             counterparty_insurer = coalesce(:insurer, counterparty_insurer), fault_ratio = coalesce(:fault, fault_ratio), \
             settled = coalesce(:settled, settled), staff = coalesce(:staff, staff), \
             next_action = coalesce(:next, next_action), next_action_due = coalesce(:due, next_action_due), \
             note = coalesce(:note, note) WHERE insurer_no = :insurer_no AND case_no = :case_no",
            named_params! {
                ":accident": text(edit.accident_date), ":fixed": text(edit.fixed_date), ":death": text(edit.death_date),
                ":demand": text(edit.demand_date), ":cause": cause, ":place": edit.place, ":wide": edit.wide_area_id,
                ":known": edit.counterparty_known, ":insurer": edit.counterparty_insurer, ":fault": edit.fault_ratio,
                ":settled": edit.settled, ":staff": edit.staff, ":next": edit.next_action,
                ":due": text(edit.next_action_due), ":note": edit.note,
                ":insurer_no": case.insurer_no, ":case_no": case.case_no,
            },
        )?;
        for (paper, on) in &edit.papers {
            tx.execute(
                "INSERT OR REPLACE INTO third_party_papers VALUES (?1, ?2, ?3, ?4)",
                params![case.insurer_no, case.case_no, known("paper", paper)?, on.to_string()],
            )?;
        }
        let case = find(&tx, Some(&case.insurer_no), case_no)?;
        tx.commit()?;
        Ok(case)
    }

    /// Attaches claims; what comes after the scope was fixed is marked so. Known ones stay as they are. A hold of one of
    /// them is the case's too.
    pub fn attach(&mut self, insurer_no: Option<&str>, case_no: &str, claims: &[Attached], hold: bool) -> Result<()> {
        let tx = self.write()?;
        let case = find(&tx, insurer_no, case_no)?;
        let after: bool = tx.query_row(
            "SELECT EXISTS (SELECT 1 FROM third_party_moves WHERE insurer_no = ?1 AND case_no = ?2 AND to_state = ?3)",
            params![case.insurer_no, case.case_no, SCOPE_FIXED],
            |r| r.get(0),
        )?;
        for claim in claims {
            attach(&tx, &case, &Attached { added_after_scope: after, ..claim.clone() })?;
        }
        if hold {
            tx.execute(
                "UPDATE third_party_cases SET hold = 1, version = version + 1 WHERE insurer_no = ?1 AND case_no = ?2 AND hold = 0",
                params![case.insurer_no, case.case_no],
            )?;
        }
        Ok(tx.commit()?)
    }

    /// All cases with everything about them, by insurer and number.
    pub fn cases(&mut self, insurer_no: Option<&str>) -> Result<Vec<Detail>> {
        let tx = self.read()?;
        let mut all = tx.prepare(
            "SELECT * FROM third_party_cases WHERE ?1 IS NULL OR insurer_no = ?1 ORDER BY insurer_no, case_no",
        )?;
        let cases: Vec<Case> = all.query_map([insurer_no], Case::read)?.collect::<rusqlite::Result<_>>()?;
        cases.into_iter().map(|case| detail(&tx, case)).collect()
    }

    /// One case.
    ///
    /// # Errors
    /// [`Error::NoSuchCase`].
    pub fn case(&mut self, insurer_no: Option<&str>, case_no: &str) -> Result<Detail> {
        let tx = self.read()?;
        let case = find(&tx, insurer_no, case_no)?;
        detail(&tx, case)
    }
}

fn attach(c: &Connection, case: &Case, claim: &Attached) -> Result<()> {
    c.execute(
        "INSERT OR IGNORE INTO third_party_claims VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            case.insurer_no,
            case.case_no,
            claim.claim_id,
            claim.service_month,
            claim.institution_code,
            claim.points,
            claim.accident_points,
            claim.benefit_yen,
            claim.has_10,
            claim.added_after_scope
        ],
    )?;
    Ok(())
}

fn detail(c: &Connection, case: Case) -> Result<Detail> {
    let key = params![case.insurer_no, case.case_no];
    let date = |row: &Row<'_>, column: &str| day(row, column).map(Option::unwrap_or_default);
    let moves = c
        .prepare_cached("SELECT * FROM third_party_moves WHERE insurer_no = ?1 AND case_no = ?2 ORDER BY seq")?
        .query_map(key, |r| {
            Ok(MoveRow {
                seq: r.get("seq")?,
                from: r.get("from_state")?,
                to: r.get("to_state")?,
                on: date(r, "on_date")?,
                user: r.get("user")?,
                role: r.get("role")?,
                reason: r.get("reason")?,
                document: r.get("document")?,
                answer: r.get("answer")?,
                recorded_at: r.get("recorded_at")?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let claims = c
        .prepare_cached(
            "SELECT * FROM third_party_claims WHERE insurer_no = ?1 AND case_no = ?2 ORDER BY service_month, claim_id",
        )?
        .query_map(key, |r| {
            Ok(Attached {
                claim_id: r.get("claim_id")?,
                service_month: r.get("service_month")?,
                institution_code: r.get("institution_code")?,
                points: r.get("points")?,
                accident_points: r.get("accident_points")?,
                benefit_yen: r.get("benefit_yen")?,
                has_10: r.get("has_10")?,
                added_after_scope: r.get("added_after_scope")?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let papers = c
        .prepare_cached("SELECT * FROM third_party_papers WHERE insurer_no = ?1 AND case_no = ?2 ORDER BY paper")?
        .query_map(key, |r| Ok((r.get("paper")?, date(r, "received_on")?)))?
        .collect::<rusqlite::Result<_>>()?;
    let amounts = c
        .prepare_cached("SELECT * FROM third_party_amounts WHERE insurer_no = ?1 AND case_no = ?2 ORDER BY seq")?
        .query_map(key, |r| Ok((r.get("kind")?, date(r, "on_date")?, r.get("yen")?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Detail { case, moves, claims, papers, amounts })
}
