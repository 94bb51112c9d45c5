//! The overview: per month what came, what was flagged and decided, what it is about, and which rules cry wolf.

use jiff::civil::Date;
use rusqlite::params;
use serde::Serialize;

use crate::{case_states::STATES, database::Database, error::Result, queue::Scope};

/// A 審査月 in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MonthFigures {
    pub month: String,
    pub cases: i64,
    /// with the reviewers
    pub open: i64,
    /// decided by a person, or found to be no error
    pub decided: i64,
    pub closed_by_register: i64,
    /// 給付額 of open cases, 円
    pub at_stake_yen: i64,
    pub recovered_yen: i64,
}

/// How often a rule was right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RuleFigures {
    pub rule: String,
    pub cases: i64,
    /// decisions against the claim
    pub right: i64,
    /// 問題なし
    pub wrong: i64,
    /// 台帳訂正: the register was wrong, the rule was not
    pub register: i64,
    /// per mille of the decided; `None`: nothing was decided
    pub precision: Option<i64>,
}

/// Open cases by their age.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AgeFigures {
    pub label: String,
    pub n: i64,
    pub benefit_yen: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Overview {
    pub months: Vec<MonthFigures>,
    pub rules: Vec<RuleFigures>,
    pub ages: Vec<AgeFigures>,
    pub overdue: i64,
    pub waiting_approval: i64,
}

/// Ages of open cases, in days.
const AGES: [(&str, i64, i64); 4] =
    [("7 日まで", 0, 7), ("30 日まで", 8, 30), ("90 日まで", 31, 90), ("それより古い", 91, 36_500)];

fn states(stage: i64) -> String {
    let codes: Vec<String> = STATES.iter().filter(|s| s.stage == stage).map(|s| format!("'{}'", s.state)).collect();
    codes.join(",")
}

impl Database {
    /// The overview of a desk on a day.
    pub fn overview(&self, scope: &Scope, today: Date) -> Result<Overview> {
        let c = self.connection();
        let open = states(1);
        let undecided = "'NEW','TRIAGE','INQUIRY','MASTER_FIX','AUTO_CLOSED'";
        let mut months = c.prepare_cached(&format!(
            "SELECT exam_month, sum(n), sum(iif(state IN ({open}), n, 0)), sum(iif(state NOT IN ({undecided}), n, 0)), \
             sum(iif(state = 'AUTO_CLOSED', n, 0)), sum(iif(state IN ({open}), benefit_yen, 0)), sum(recovered_yen) \
             FROM case_counts WHERE owner = ?1 AND hold <= ?2 GROUP BY 1 HAVING sum(n) > 0 ORDER BY 1 DESC LIMIT 13"
        ))?;
        let months = months
            .query_map(params![scope.owner, scope.hold], |r| {
                Ok(MonthFigures {
                    month: r.get(0)?,
                    cases: r.get(1)?,
                    open: r.get(2)?,
                    decided: r.get(3)?,
                    closed_by_register: r.get(4)?,
                    at_stake_yen: r.get(5)?,
                    recovered_yen: r.get(6)?,
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut rules = c.prepare_cached(&format!(
            "SELECT rule, sum(n), sum(iif(state NOT IN ({undecided},'FALSE_POSITIVE'), n, 0)), \
             sum(iif(state = 'FALSE_POSITIVE', n, 0)), sum(iif(state IN ('MASTER_FIX'), n, 0)) \
             FROM case_counts WHERE owner = ?1 AND hold <= ?2 AND rule <> '' GROUP BY 1 HAVING sum(n) > 0 ORDER BY 1"
        ))?;
        let rules = rules
            .query_map(params![scope.owner, scope.hold], |r| {
                let (right, wrong): (i64, i64) = (r.get(2)?, r.get(3)?);
                let precision = (right + wrong > 0).then(|| 1_000 * right / (right + wrong));
                Ok(RuleFigures { rule: r.get(0)?, cases: r.get(1)?, right, wrong, register: r.get(4)?, precision })
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut ages = Vec::new();
        for (label, from, to) in AGES {
            let day = |n: i64| today.checked_sub(jiff::Span::new().days(n)).map_or(String::new(), |d| d.to_string());
            let (n, benefit_yen) = c
                .prepare_cached(
                    "SELECT count(*), coalesce(sum(benefit_yen), 0) FROM cases WHERE owner = ?1 AND hold <= ?2 AND stage = 1 \
                     AND opened_on <= ?3 AND opened_on >= ?4",
                )?
                .query_row(params![scope.owner, scope.hold, day(from), day(to)], |r| Ok((r.get(0)?, r.get(1)?)))?;
            ages.push(AgeFigures { label: label.to_owned(), n, benefit_yen });
        }
        let one = |sql: &str| -> Result<i64> {
            Ok(c.prepare_cached(sql)?.query_row(params![scope.owner, scope.hold, today.to_string()], |r| r.get(0))?)
        };
        Ok(Overview {
            months,
            rules,
            ages,
            overdue: one(
                "SELECT count(*) FROM cases WHERE owner = ?1 AND hold <= ?2 AND state = 'INQUIRY' AND due_on < ?3",
            )?,
            waiting_approval: one(
                "SELECT count(*) FROM cases WHERE owner = ?1 AND hold <= ?2 AND state = 'APPROVAL' AND approved_by = '' \
                 AND ?3 <> ''",
            )?,
        })
    }
}
