//! One's own settings, and the users.

use askama::Template;
use jiff::Timestamp;
use tenken_store::audit::Look;

use super::{
    app::App,
    guard::INSURER_COOKIE,
    http::{Request, Response},
    shell::{Shell, page},
};
use crate::{
    error::{Error, Result},
    functions::{Function, roles},
    people::User,
};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountHtml {
    shell: Shell,
    must_change: bool,
    tokens: Vec<(String, String)>,
    shown: String,
    wrong: String,
}

fn account_page(app: &App, r: &Request, shown: String, wrong: String) -> Result<Response> {
    let caller = r.caller()?;
    let day = |at: i64| Timestamp::from_second(at).map_or(String::new(), |t| crate::text::japan(t).date().to_string());
    let tokens = app.with(|d| d.tokens(&caller.user.name))?;
    let status = if wrong.is_empty() { 200 } else { 422 };
    let page = page(&AccountHtml {
        shell: Shell::of(r, "自分の設定")?,
        must_change: caller.user.must_change,
        tokens: tokens.into_iter().map(|(label, _, ends)| (label, day(ends))).collect(),
        shown,
        wrong,
    })?;
    Ok(page.status(status))
}

pub fn account(app: &App, r: &Request) -> Result<Response> {
    account_page(app, r, String::new(), String::new())
}

pub fn password(app: &App, r: &Request) -> Result<Response> {
    let name = &r.caller()?.user.name;
    let raw = |field: &str| r.form.iter().find(|f| f.0 == field).map_or("", |f| f.1.as_str());
    if raw("new") != raw("again") {
        return account_page(app, r, String::new(), "新しいパスワードが 2 回で違います".into());
    }
    match app.with(|d| d.change_password(name, raw("old"), raw("new"))) {
        Ok(()) => {
            app.log(r, Look::new("password"))?;
            // every session has ended, this one too
            Ok(Response::see("/sign-in"))
        }
        Err(e @ (Error::WeakPassword { .. } | Error::SignInFailed {})) => {
            app.log(r, Look::new("password refused"))?;
            account_page(app, r, String::new(), e.to_string())
        }
        Err(e) => Err(e),
    }
}

pub fn add_token(app: &App, r: &Request) -> Result<Response> {
    let name = &r.caller()?.user.name;
    let label = r.field("label");
    match app.with(|d| d.add_token(name, label, Timestamp::now())) {
        Ok(token) => {
            app.log(r, Look::new("token").target(label))?;
            account_page(app, r, token, String::new())
        }
        Err(e @ Error::BadInput { .. }) => account_page(app, r, String::new(), e.to_string()),
        Err(e) => Err(e),
    }
}

pub fn remove_token(app: &App, r: &Request) -> Result<Response> {
    let label = r.field("label");
    app.with(|d| d.remove_token(&r.caller()?.user.name, label))?;
    app.log(r, Look::new("token removed").target(label))?;
    Ok(Response::see("/account"))
}

/// Which insurer's desk is shown from now on.
pub fn insurer(app: &App, r: &Request) -> Result<Response> {
    let (caller, owner) = (r.caller()?, r.field("insurer"));
    if !caller.owners.iter().any(|o| o == owner) {
        return Err(Error::NotFound { what: format!("保険者 {owner}") });
    }
    let secure = if app.secure { "; Secure" } else { "" };
    let cookie = format!("{INSURER_COOKIE}={owner}; Path=/; HttpOnly; SameSite=Strict{secure}");
    Ok(Response::see("/").with("set-cookie", &cookie))
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeopleHtml {
    shell: Shell,
    users: Vec<User>,
    roles: &'static [&'static str],
    functions: Vec<(&'static str, Vec<bool>)>,
    now: i64,
    wrong: String,
}

fn people_page(app: &App, r: &Request, wrong: String) -> Result<Response> {
    let users = app.with(|d| d.users())?;
    let functions =
        Function::ALL.iter().map(|f| (f.title(), roles().iter().map(|role| f.allows(role)).collect())).collect();
    let status = if wrong.is_empty() { 200 } else { 422 };
    let now = Timestamp::now().as_second();
    let shell = Shell::of(r, "利用者")?;
    Ok(page(&PeopleHtml { shell, users, roles: roles(), functions, now, wrong })?.status(status))
}

pub fn people(app: &App, r: &Request) -> Result<Response> {
    people_page(app, r, String::new())
}

/// A change of people: written down, and shown again with what was wrong.
fn change_people(
    app: &App,
    r: &Request,
    what: &str,
    change: impl FnOnce(&mut crate::Database) -> Result<()>,
) -> Result<Response> {
    match app.with(change) {
        Ok(()) => {
            app.log(r, Look::new(what).target(r.field("name")))?;
            Ok(Response::see("/people"))
        }
        Err(e) if super::http::status_of(&e) < 500 => people_page(app, r, e.to_string()),
        Err(e) => Err(e),
    }
}

fn insurers(r: &Request) -> Vec<String> {
    r.field("insurers").split([',', ' ', '、']).map(str::trim).filter(|i| !i.is_empty()).map(str::to_owned).collect()
}

fn raw_password(r: &Request) -> &str {
    r.fields("password").next().unwrap_or_default()
}

pub fn add(app: &App, r: &Request) -> Result<Response> {
    let by = r.caller()?.user.name.clone();
    change_people(app, r, "user add", |d| {
        d.add_user(r.field("name"), r.field("role"), &insurers(r), raw_password(r), &by, true).map(|_| ())
    })
}

pub fn change(app: &App, r: &Request) -> Result<Response> {
    change_people(app, r, "user change", |d| d.change_user(r.field("name"), r.field("role"), &insurers(r)))
}

pub fn reset(app: &App, r: &Request) -> Result<Response> {
    change_people(app, r, "user passwd", |d| d.set_password(r.field("name"), raw_password(r), true))
}

pub fn disable(app: &App, r: &Request) -> Result<Response> {
    change_people(app, r, "user disable", |d| d.disable_user(r.field("name")))
}
