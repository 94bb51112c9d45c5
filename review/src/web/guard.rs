//! Who comes in: sessions and tokens, roles, forms that are ours, how often, and what is written down of a refusal.

use std::sync::Arc;

use jiff::Timestamp;
use tenken_store::audit::Look;

use super::{
    app::{App, say},
    http::{Caller, Request, Response, status_of},
    routes::{Access, Method, Route},
    shell,
};
use crate::{
    error::{Error, Result},
    functions::Function,
};

pub const COOKIE: &str = "tenken_session";
pub const INSURER_COOKIE: &str = "tenken_insurer";

/// What came with a request beside its path and body.
#[derive(Debug, Default)]
pub struct Papers {
    pub cookies: Vec<(String, String)>,
    pub bearer: Option<String>,
    pub csrf_header: Option<String>,
    /// `Origin` names another place than `Host`
    pub foreign: bool,
}

impl Papers {
    fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|c| c.0 == name).map(|c| c.1.as_str())
    }
}

/// Why somebody is turned away.
enum Refused {
    SignIn,
    Change,
    Error(Error),
}

impl From<Error> for Refused {
    fn from(e: Error) -> Self {
        Self::Error(e)
    }
}

/// Equal, in a time that does not tell where they differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && !a.is_empty() && a.bytes().zip(b.bytes()).fold(0, |d, (x, y)| d | (x ^ y)) == 0
}

fn caller(app: &App, r: &Request, papers: &Papers) -> Result<Option<Caller>> {
    let now = Timestamp::now();
    let (user, csrf, token) = if r.api {
        let Some(token) = &papers.bearer else { return Ok(None) };
        let Some(user) = app.with(|d| d.token_user(token, now))? else { return Ok(None) };
        (user, String::new(), String::new())
    } else {
        let Some(token) = papers.cookie(COOKIE) else { return Ok(None) };
        let Some(session) = app.with(|d| d.session(token, now))? else { return Ok(None) };
        (session.user, session.csrf, token.to_owned())
    };
    let mut owners = app.owners();
    for own in &user.insurers {
        if !owners.contains(own) {
            owners.push(own.clone());
        }
    }
    owners.retain(|o| user.sees(o));
    let asked = r.asked("insurer");
    let wanted = if asked.is_empty() { papers.cookie(INSURER_COOKIE).unwrap_or_default().to_owned() } else { asked };
    let owner = owners.iter().find(|o| **o == wanted).or(owners.first()).cloned().unwrap_or_default();
    Ok(Some(Caller { user, csrf, token, owner, owners }))
}

fn admit(app: &App, route: &Route, r: &mut Request, papers: &Papers) -> std::result::Result<(), Refused> {
    let Access::Needs(function) = route.access else { return Ok(()) };
    r.caller = caller(app, r, papers)?;
    let Some(caller) = &r.caller else { return Err(Refused::SignIn) };
    if !app.requests.takes(&caller.user.name) {
        return Err(Error::TooManyRequests {}.into());
    }
    if route.method == Method::Post && !r.api {
        let field = r.form.iter().find(|f| f.0 == "csrf").map_or("", |f| f.1.as_str());
        let said = papers.csrf_header.as_deref().unwrap_or(field);
        if papers.foreign || !same(said, &caller.csrf) {
            return Err(Error::NotOurForm {}.into());
        }
    }
    // whoever signs in with a password that somebody else chose does nothing before choosing one
    if caller.user.must_change && function != Function::Own {
        return Err(Refused::Change);
    }
    function.require(caller.user.role)?;
    // an insurer that is named in the query must be one's own
    let asked = r.asked("insurer");
    if !asked.is_empty() && !caller.user.sees(&asked) {
        return Err(Error::NotFound { what: format!("保険者 {asked}") }.into());
    }
    Ok(())
}

/// Answers a request, whatever happens.
pub fn answer(app: &Arc<App>, route: &Route, mut r: Request, papers: &Papers) -> Response {
    let outcome = match admit(app, route, &mut r, papers) {
        Ok(()) => (route.handler)(app, &r).map_err(Refused::Error),
        Err(refused) => Err(refused),
    };
    match outcome {
        Ok(response) => response,
        Err(refused) => refuse(app, route, &r, refused),
    }
}

fn refuse(app: &App, route: &Route, r: &Request, refused: Refused) -> Response {
    let (status, text) = match &refused {
        Refused::SignIn => (401, "サインインしてください".to_owned()),
        Refused::Change => (403, "先にパスワードを変えてください".to_owned()),
        Refused::Error(e) => (status_of(e), e.to_string()),
    };
    if matches!(status, 401 | 403 | 404 | 429) {
        // what was tried, not what was sent
        let look = Look::new("refused").target(&format!("{status} {} {}", route.method.as_str(), r.path));
        if let Err(e) = app.log(r, look) {
            say(&e);
        }
    }
    if status == 500
        && let Refused::Error(e) = &refused
    {
        say(e);
    }
    if r.api {
        let body = serde_json::json!({ "error": text });
        return Response::json(&body).unwrap_or_default().status(status);
    }
    match refused {
        Refused::SignIn if route.method == Method::Get => {
            let next: String = url::form_urlencoded::byte_serialize(place(r).as_bytes()).collect();
            Response::see(&format!("/sign-in?next={next}"))
        }
        Refused::SignIn => Response::see("/sign-in"),
        Refused::Change => Response::see("/account?change=1"),
        Refused::Error(_) => shell::error_page(r, status, &text),
    }
}

fn place(r: &Request) -> String {
    if r.query.is_empty() { r.path.clone() } else { format!("{}?{}", r.path, r.query) }
}
