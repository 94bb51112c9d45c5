//! The queue: cases by what a reviewer asks for, a page at a time, with counts that are kept and not counted.

use rusqlite::{params, params_from_iter, types::Value as Sql};
use serde::{Deserialize, Serialize};

use crate::{
    case_states::{STATES, title},
    database::Database,
    desk::search_form,
    error::Result,
};

/// Cases of a page.
pub const PAGE: usize = 50;
/// Beyond this many hits of a filter the exact number is not looked for.
const COUNT_MOST: i64 = 1_000;
/// Institutions that one word may name.
const INSTITUTIONS_MOST: i64 = 200;

/// What is asked for; all parts must hold. Also the form of the page and the query of the API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// 審査月 `YYYY-MM`
    pub month: String,
    /// `E201`, or the beginning of one (`E2`); `manual` = opened by hand
    pub rule: String,
    /// `S1` to `S4`
    pub severity: String,
    /// `CERTAIN` `PROBABLE` `POSSIBLE`
    pub certainty: String,
    /// a state; empty: what the reviewers have; `all`: whatever
    pub state: String,
    /// prefecture, score table, code; or the code alone
    pub institution: String,
    /// a user; `-` = nobody's
    pub assignee: String,
    /// 宛名番号
    pub person: String,
    /// 給付額 at least, 円
    pub from_yen: String,
    /// opened at least so many days ago
    pub days: String,
    /// due on or before today
    pub due: String,
    /// words: number, kana, institution, 検索番号
    pub q: String,
    /// `severity` (usual) `amount` `age` `person`
    pub sort: String,
    /// from 0
    pub page: String,
}

impl Filter {
    fn number(text: &str) -> Option<i64> {
        text.trim().parse().ok()
    }

    pub fn page_no(&self) -> usize {
        self.page.parse().unwrap_or(0)
    }

    /// As the query of an address, without what is not asked for.
    pub fn query(&self) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        if let Ok(serde_json::Value::Object(parts)) = serde_json::to_value(self) {
            for (name, value) in parts {
                if let Some(text) = value.as_str().filter(|t| !t.is_empty()) {
                    out.append_pair(&name, text);
                }
            }
        }
        out.finish()
    }

    pub fn with_page(&self, page: usize) -> Self {
        Self { page: if page == 0 { String::new() } else { page.to_string() }, ..self.clone() }
    }
}

/// Whose queue it is.
#[derive(Clone, Debug)]
pub struct Scope {
    pub owner: String,
    /// sees cases on hold
    pub hold: bool,
}

/// A case of the queue. `Debug` shows its number.
#[derive(Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct QueueRow {
    pub case_id: i64,
    pub claim_id: Option<String>,
    pub person_id: Option<String>,
    pub kana: Option<String>,
    pub exam_month: String,
    pub service_month: String,
    pub rule: String,
    pub severity: String,
    pub certainty: String,
    pub proposal: String,
    pub reason: String,
    pub institution: String,
    pub institution_name: Option<String>,
    pub kind: Option<String>,
    pub benefit_yen: i64,
    pub state: String,
    pub decision: String,
    pub assignee: String,
    pub due_on: String,
    pub opened_on: String,
    pub attention: String,
    pub hold: bool,
    pub version: i64,
    /// open cases of the same person and rule, this one too
    pub group: i64,
}

impl std::fmt::Debug for QueueRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "QueueRow({})", self.case_id)
    }
}

/// A page of the queue.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct QueuePage {
    pub rows: Vec<QueueRow>,
    /// hits, `more` = there are more than this
    pub hits: i64,
    pub more: bool,
    pub has_next: bool,
}

/// What the sides of the queue show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CountRow {
    pub key: String,
    pub n: i64,
    pub benefit_yen: i64,
}

#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Counts {
    pub states: Vec<CountRow>,
    pub severities: Vec<CountRow>,
    pub rules: Vec<CountRow>,
    pub months: Vec<CountRow>,
}

struct Where {
    sql: String,
    values: Vec<Sql>,
}

impl Where {
    fn and(&mut self, sql: &str, values: impl IntoIterator<Item = Sql>) {
        self.sql.push_str(" AND ");
        let mut values = values.into_iter();
        for (i, part) in sql.split('?').enumerate() {
            if i > 0 {
                if let Some(value) = values.next() {
                    self.values.push(value);
                }
                self.sql.push_str(&format!("?{}", self.values.len()));
            }
            self.sql.push_str(part);
        }
    }
}

fn text(t: &str) -> Sql {
    Sql::Text(t.to_owned())
}

impl Database {
    fn filtered(&self, scope: &Scope, f: &Filter, today: jiff::civil::Date) -> Result<Where> {
        let mut w = Where { sql: "c.owner = ?1".into(), values: vec![text(&scope.owner)] };
        if !scope.hold {
            w.and("c.hold = 0", []);
        }
        match f.state.as_str() {
            "" => w.and("c.stage = 1", []),
            "all" => {}
            // with the approver and already approved are one state
            "approved" => w.and("c.state = 'APPROVAL' AND c.approved_by <> ''", []),
            "waiting" => w.and("c.state = 'APPROVAL' AND c.approved_by = ''", []),
            state => w.and("c.state = ?", [text(state)]),
        }
        for (column, value) in [("exam_month", &f.month), ("severity", &f.severity), ("certainty", &f.certainty)] {
            if !value.is_empty() {
                w.and(&format!("c.{column} = ?"), [text(value)]);
            }
        }
        match f.rule.as_str() {
            "" => {}
            "manual" => w.and("c.rule = ''", []),
            rule if rule.len() >= 4 => w.and("c.rule = ?", [text(rule)]),
            group => w.and("c.rule >= ? AND c.rule < ?", [text(group), text(&format!("{group}~"))]),
        }
        match f.assignee.as_str() {
            "" => {}
            "-" => w.and("c.assignee = ''", []),
            user => w.and("c.assignee = ?", [text(user)]),
        }
        if !f.institution.is_empty() {
            if f.institution.len() >= 10 {
                w.and("c.institution = ?", [text(&f.institution)]);
            } else {
                let ends = format!("%{}", f.institution);
                w.and(
                    "c.institution IN (SELECT institution FROM institutions WHERE institution LIKE ?)",
                    [text(&ends)],
                );
            }
        }
        if !f.person.is_empty() {
            w.and("c.person_id = ?", [text(&f.person)]);
        }
        if let Some(yen) = Filter::number(&f.from_yen) {
            w.and("c.benefit_yen >= ?", [Sql::Integer(yen)]);
        }
        if let Some(days) = Filter::number(&f.days)
            && let Ok(since) = today.checked_sub(jiff::Span::new().days(days.clamp(0, 36_500)))
        {
            w.and("c.opened_on <= ?", [text(&since.to_string())]);
        }
        if !f.due.is_empty() {
            w.and("c.due_on <> '' AND c.due_on <= ?", [text(&today.to_string())]);
        }
        self.words(&mut w, &f.q)?;
        Ok(w)
    }

    /// Every word must be there: the beginning of a number or of a part of a name, or a piece of an institution's name.
    fn words(&self, w: &mut Where, q: &str) -> Result<()> {
        let mut like = self
            .connection()
            .prepare_cached("SELECT institution FROM institutions WHERE name LIKE ?1 ESCAPE '!' LIMIT ?2")?;
        for word in q.split_whitespace().take(8) {
            let form = search_form(word).replace('"', "");
            if form.is_empty() {
                continue;
            }
            let token = Sql::Text(format!("\"{form}\"*"));
            let pattern = word.replace('!', "!!").replace('%', "!%").replace('_', "!_");
            let named: Vec<String> = like
                .query_map(params![format!("%{pattern}%"), INSTITUTIONS_MOST], |r| r.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let hit = "c.case_id IN (SELECT rowid FROM case_search WHERE case_search MATCH ?)";
            if named.is_empty() {
                w.and(hit, [token]);
            } else {
                let marks = vec!["?"; named.len()].join(",");
                let values = [token].into_iter().chain(named.into_iter().map(Sql::Text));
                w.and(&format!("({hit} OR c.institution IN ({marks}))"), values);
            }
        }
        Ok(())
    }

    /// The cases of a page in their order, and whether there are more behind them.
    fn page_of(&self, w: &Where, f: &Filter) -> Result<(Vec<i64>, bool)> {
        let order = match f.sort.as_str() {
            "amount" => "c.benefit_yen DESC, c.case_id",
            "age" => "c.opened_on, c.case_id",
            "person" => "c.cause, c.case_id",
            _ => "c.severity, c.benefit_yen DESC, c.case_id",
        };
        let (from, page) = (f.page_no() * PAGE, PAGE + 1);
        let ids = format!("SELECT c.case_id FROM cases c WHERE {} ORDER BY {order} LIMIT {page} OFFSET {from}", w.sql);
        let mut ids: Vec<i64> = self
            .connection()
            .prepare_cached(&ids)?
            .query_map(params_from_iter(&w.values), |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let has_next = ids.len() > PAGE;
        ids.truncate(PAGE);
        Ok((ids, has_next))
    }

    /// A page of the queue. Only its rows are read whole.
    pub fn queue(&self, scope: &Scope, f: &Filter, today: jiff::civil::Date) -> Result<QueuePage> {
        let w = self.filtered(scope, f, today)?;
        let (ids, has_next) = self.page_of(&w, f)?;
        let count = format!("SELECT count(*) FROM (SELECT 1 FROM cases c WHERE {} LIMIT {})", w.sql, COUNT_MOST + 1);
        let hits: i64 = if f.page_no() == 0 && !has_next {
            ids.len() as i64
        } else {
            self.connection().prepare_cached(&count)?.query_row(params_from_iter(&w.values), |r| r.get(0))?
        };
        let rows = ids.iter().map(|id| self.queue_row(*id)).collect::<Result<_>>()?;
        Ok(QueuePage { rows, hits: hits.min(COUNT_MOST), more: hits > COUNT_MOST, has_next })
    }

    fn queue_row(&self, case_id: i64) -> Result<QueueRow> {
        let mut row = self.connection().prepare_cached(
            "SELECT c.*, d.kana, d.kind, i.name AS institution_name, \
             (SELECT count(*) FROM (SELECT 1 FROM cases o WHERE o.owner = c.owner AND o.stage = c.stage AND o.cause = c.cause \
              LIMIT 100)) AS same FROM cases c LEFT JOIN desk_claims d ON d.claim_id = c.claim_id \
             LEFT JOIN institutions i ON i.institution = c.institution WHERE c.case_id = ?1",
        )?;
        Ok(row.query_row([case_id], |r| {
            Ok(QueueRow {
                case_id: r.get("case_id")?,
                claim_id: r.get("claim_id")?,
                person_id: r.get("person_id")?,
                kana: r.get("kana")?,
                exam_month: r.get("exam_month")?,
                service_month: r.get("service_month")?,
                rule: r.get("rule")?,
                severity: r.get("severity")?,
                certainty: r.get("certainty")?,
                proposal: r.get("proposal")?,
                reason: r.get("reason")?,
                institution: r.get("institution")?,
                institution_name: r.get("institution_name")?,
                kind: r.get("kind")?,
                benefit_yen: r.get("benefit_yen")?,
                state: r.get("state")?,
                decision: r.get("decision")?,
                assignee: r.get("assignee")?,
                due_on: r.get("due_on")?,
                opened_on: r.get("opened_on")?,
                attention: r.get("attention")?,
                hold: r.get("hold")?,
                version: r.get("version")?,
                group: r.get("same")?,
            })
        })?)
    }

    /// The case before and after this one in the order of a filter, to go on without the list.
    pub fn neighbours(
        &self,
        scope: &Scope,
        f: &Filter,
        case_id: i64,
        today: jiff::civil::Date,
    ) -> Result<(Option<i64>, Option<i64>)> {
        let (ids, _) = self.page_of(&self.filtered(scope, f, today)?, f)?;
        let at = ids.iter().position(|id| *id == case_id);
        Ok(match at {
            Some(at) => (at.checked_sub(1).map(|i| ids[i]), ids.get(at + 1).copied()),
            // it was decided and left the list: what stands first now is next
            None => (None, ids.first().copied()),
        })
    }

    /// Counts by state, and of what the reviewers have by severity, rule and month; narrowed by the month of the filter.
    pub fn counts(&self, scope: &Scope, month: &str) -> Result<Counts> {
        let of = |key: &str, narrow: &str| -> Result<Vec<CountRow>> {
            let sql = format!(
                "SELECT {key} AS key, sum(n), sum(benefit_yen) FROM case_counts WHERE owner = ?1 AND hold <= ?2 \
                 AND (?3 = '' OR exam_month = ?3) {narrow} GROUP BY key HAVING sum(n) > 0 ORDER BY key"
            );
            let mut rows = self.connection().prepare_cached(&sql)?;
            let month = if key == "exam_month" { "" } else { month };
            let found = rows.query_map(params![scope.owner, scope.hold, month], |r| {
                Ok(CountRow { key: r.get(0)?, n: r.get(1)?, benefit_yen: r.get(2)? })
            })?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        };
        let with_reviewers: Vec<String> =
            STATES.iter().filter(|s| s.stage == 1).map(|s| format!("'{}'", s.state)).collect();
        let narrow = format!("AND state IN ({})", with_reviewers.join(","));
        let mut states = of("state", "")?;
        states.sort_by_key(|s| STATES.iter().position(|k| k.state == s.key));
        Ok(Counts {
            states,
            severities: of("severity", &narrow)?,
            rules: of("rule", &narrow)?,
            months: of("exam_month", &narrow)?,
        })
    }

    /// Filters a user has kept: name and query.
    pub fn saved_filters(&self, user: &str) -> Result<Vec<(String, String)>> {
        let mut rows =
            self.connection().prepare_cached("SELECT name, query FROM saved_filters WHERE user = ?1 ORDER BY name")?;
        let found = rows.query_map([user], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
    }

    /// Keeps a filter under a name; an empty query removes it.
    pub fn save_filter(&self, user: &str, name: &str, query: &str) -> Result<()> {
        let c = self.connection();
        if query.is_empty() {
            c.execute("DELETE FROM saved_filters WHERE user = ?1 AND name = ?2", [user, name])?;
        } else {
            c.execute("INSERT OR REPLACE INTO saved_filters VALUES (?1, ?2, ?3)", [user, name, query])?;
        }
        Ok(())
    }
}

impl QueueRow {
    pub fn state_ja(&self) -> &str {
        title(&self.state)
    }
}
