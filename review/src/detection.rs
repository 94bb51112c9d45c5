//! What the cases say to detection (third-party.md 3.4): read once, as one consistent state.

use jiff::civil::Date;
use rusqlite::params;

use crate::{database::Database, error::Result, states::is_end};

/// A 求償期間 that is registered: claims of the person inside belong to the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub insurer_no: String,
    pub person_id: String,
    pub case_no: String,
    pub from: Date,
    pub to: Date,
}

/// Somebody answered that it was no third party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredNo {
    pub insurer_no: String,
    pub person_id: String,
    /// of the case that was asked about
    pub episode_id: Option<String>,
    pub claim_id: Option<String>,
}

/// A claim of a case on hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCase {
    pub insurer_no: String,
    pub person_id: String,
    pub episode_id: Option<String>,
    pub claim_id: Option<String>,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub registered: Vec<Registered>,
    pub answered_no: Vec<AnsweredNo>,
    pub held: Vec<HeldCase>,
}

impl Database {
    /// What detection must know, by insurer and case.
    pub fn known(&mut self) -> Result<Known> {
        let tx = self.read()?;
        let mut known = Known::default();
        let mut cases = tx.prepare(
            "SELECT insurer_no, person_id, case_no, episode_id, claim_id, period_from, period_to, hold, state, \
             (SELECT answer FROM third_party_moves m WHERE m.insurer_no = c.insurer_no AND m.case_no = c.case_no \
              AND answer IS NOT NULL ORDER BY seq DESC LIMIT 1) FROM third_party_cases c ORDER BY insurer_no, case_no",
        )?;
        let mut rows = cases.query(params![])?;
        while let Some(r) = rows.next()? {
            let (insurer_no, person_id, case_no): (String, String, String) = (r.get(0)?, r.get(1)?, r.get(2)?);
            let (episode_id, claim_id): (Option<String>, Option<String>) = (r.get(3)?, r.get(4)?);
            let day = |at| -> rusqlite::Result<Option<Date>> {
                Ok(r.get::<_, Option<String>>(at)?.and_then(|t| t.parse().ok()))
            };
            let (from, to) = (day(5)?, day(6)?);
            let (hold, state, answer): (bool, String, Option<String>) = (r.get(7)?, r.get(8)?, r.get(9)?);
            if let (Some(from), Some(to)) = (from, to) {
                // a case that came to nothing covers nothing
                if state == "CLOSED_PAID" || !is_end(&state) {
                    let (insurer_no, person_id) = (insurer_no.clone(), person_id.clone());
                    known.registered.push(Registered { insurer_no, person_id, case_no, from, to });
                }
            }
            if answer.as_deref() == Some("none") {
                known.answered_no.push(AnsweredNo {
                    insurer_no: insurer_no.clone(),
                    person_id: person_id.clone(),
                    episode_id: episode_id.clone(),
                    claim_id: claim_id.clone(),
                });
            }
            if hold {
                known.held.push(HeldCase { insurer_no, person_id, episode_id, claim_id });
            }
        }
        Ok(known)
    }
}
