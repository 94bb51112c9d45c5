//! The queue.

use askama::Template;
use jiff::Timestamp;
use tenken_store::audit::Look;

use super::{
    app::App,
    http::{Request, Response},
    shell::{Shell, page},
};
use crate::{
    desk_case::Actor,
    error::Result,
    functions::Function,
    queue::{Counts, Filter, QueuePage},
    text::thousands,
};

pub struct RuleCount {
    pub rule: String,
    pub name: String,
    pub n: String,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct QueueHtml {
    shell: Shell,
    f: Filter,
    found: QueuePage,
    counts: Counts,
    rules: Vec<RuleCount>,
    saved: Vec<(String, String)>,
    users: Vec<String>,
    query: String,
    previous: Option<String>,
    next: Option<String>,
    may_review: bool,
}

pub fn filter_of(r: &Request) -> Result<Filter> {
    r.query()
}

pub fn list(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    let (scope, f, today) = (caller.scope(), filter_of(r)?, app.today());
    let (found, counts, saved, users) = app.with(|d| {
        let users = d.users()?;
        let may =
            |u: &&crate::people::User| u.disabled_at.is_none() && u.may(Function::Review) && u.sees(&caller.owner);
        let names = users.iter().filter(may).map(|u| u.name.clone()).collect::<Vec<_>>();
        Ok((d.queue(&scope, &f, today)?, d.counts(&scope, &f.month)?, d.saved_filters(&caller.user.name)?, names))
    })?;
    let mut persons: Vec<&str> = found.rows.iter().filter_map(|row| row.person_id.as_deref()).collect();
    persons.sort_unstable();
    persons.dedup();
    // what was searched for may be a name: only that there was a search
    let asked = Filter { q: if f.q.is_empty() { String::new() } else { "*".into() }, ..f.clone() };
    let look = Look::new(if f.q.is_empty() { "queue" } else { "search" });
    let look = look.target(&format!("{} {}", caller.owner, asked.query())).rows(found.rows.len());
    app.log(r, look.persons(Some(persons.len())))?;
    let rules = counts
        .rules
        .iter()
        .map(|c| RuleCount {
            rule: c.key.clone(),
            name: app.office.rule(&c.key).map_or_else(|| "手で起こした事案".to_owned(), |rule| rule.0),
            n: thousands(c.n),
        })
        .collect();
    let at = f.page_no();
    let go = |page: usize| format!("/queue?{}", f.with_page(page).query());
    page(&QueueHtml {
        shell: Shell::of(r, "事案")?,
        previous: at.checked_sub(1).map(go),
        next: found.has_next.then(|| go(at + 1)),
        query: f.query(),
        may_review: caller.user.may(Function::Review),
        f,
        found,
        counts,
        rules,
        saved,
        users,
    })
}

/// `ID:VERSION` of the rows that were marked.
fn marked(r: &Request) -> Vec<(i64, i64)> {
    let pair = |text: &str| {
        let (id, version) = text.split_once(':')?;
        Some((id.parse().ok()?, version.parse().ok()?))
    };
    r.fields("case").filter_map(pair).collect()
}

pub fn assign(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    let (cases, to) = (marked(r), r.field("assignee"));
    let run = app.registry_run(&caller.owner);
    let actor = Actor { user: &caller.user, registry_run: &run, now: Timestamp::now() };
    let given = app.with(|d| d.assign(&caller.scope(), &cases, &actor, to))?;
    app.log(r, Look::new("assign").target(&format!("{given} cases to {to}")).rows(given))?;
    let left = cases.len() - given;
    let rest = if left > 0 { format!("（{left} 件はすでに変わっていました）") } else { String::new() };
    Ok(Response::see(&back(r, &format!("{given} 件を割り当てました{rest}"))))
}

pub fn save_filter(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    let (name, query) = (r.field("name"), r.field("query"));
    if name.is_empty() {
        return Ok(Response::see(&back(r, "条件の名前を入れてください")));
    }
    app.with(|d| d.save_filter(&caller.user.name, name, query))?;
    Ok(Response::see(&back(r, if query.is_empty() { "条件を消しました" } else { "条件を保存しました" })))
}

/// The queue as it was asked for, with a word on what was done.
fn back(r: &Request, said: &str) -> String {
    let said: String = url::form_urlencoded::byte_serialize(said.as_bytes()).collect();
    match r.field("back") {
        "" => format!("/queue?said={said}"),
        query => format!("/queue?{query}&said={said}"),
    }
}
