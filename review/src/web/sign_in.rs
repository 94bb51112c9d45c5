//! Coming in and going out, and the files of the pages.

use askama::Template;
use jiff::Timestamp;
use tenken_store::audit::Look;

use super::{
    app::App,
    guard::COOKIE,
    http::{Request, Response, status_of},
    shell::page,
};
use crate::{
    error::{Error, Result},
    functions::Function,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'p> {
    next: &'p str,
    name: &'p str,
    wrong: &'p str,
}

pub fn health(app: &App, _: &Request) -> Result<Response> {
    app.with(|d| d.has_users())?;
    Ok(Response { status: 200, content_type: "text/plain; charset=utf-8", body: b"ok\n".to_vec(), headers: Vec::new() })
}

fn asset(content_type: &'static str, text: &'static str) -> Result<Response> {
    let response = Response { status: 200, content_type, body: text.into(), headers: Vec::new() };
    Ok(response.with("cache-control", "max-age=300"))
}

pub fn css(_: &App, _: &Request) -> Result<Response> {
    const CSS: &str = concat!(include_str!("../../assets/app.css"), include_str!("../../assets/claim_sheet.css"));
    asset("text/css; charset=utf-8", CSS)
}

pub fn js(_: &App, _: &Request) -> Result<Response> {
    asset("text/javascript; charset=utf-8", include_str!("../../assets/app.js"))
}

/// A place of ours to go on to: nothing that leads elsewhere.
fn ours(next: &str) -> &str {
    if next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') { next } else { "/" }
}

pub fn form(_: &App, r: &Request) -> Result<Response> {
    page(&SignIn { next: ours(&r.asked("next")), name: "", wrong: "" })
}

fn cookie(app: &App, name: &str, value: &str, ends: bool) -> String {
    let secure = if app.secure { "; Secure" } else { "" };
    let age = if ends { "; Max-Age=0" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}")
}

pub fn enter(app: &App, r: &Request) -> Result<Response> {
    let (name, next) = (r.field("name"), ours(r.field("next")));
    // the password as it was typed, blanks too
    let password = r.fields("password").next().unwrap_or_default();
    if !app.sign_ins.takes(&r.address) {
        return Err(Error::TooManyRequests {});
    }
    match app.with(|d| d.sign_in(name, password, &r.address, Timestamp::now())) {
        Ok((token, session)) => {
            app.log_by(r, Look::new("sign-in"), Some(session.user.name.clone()))?;
            let place = if session.user.must_change { "/account?change=1" } else { next };
            Ok(Response::see(place).with("set-cookie", &cookie(app, COOKIE, &token, false)))
        }
        Err(e @ (Error::SignInFailed {} | Error::LockedOut { .. })) => {
            // a name that nobody has may be a password typed into the wrong field
            let known = app.with(|d| d.user(name)).is_ok();
            let by = known.then(|| name.to_owned());
            app.log_by(r, Look::new("sign-in failed"), by)?;
            let wrong = e.to_string();
            Ok(page(&SignIn { next, name: if known { name } else { "" }, wrong: &wrong })?.status(status_of(&e)))
        }
        Err(e) => Err(e),
    }
}

pub fn leave(app: &App, r: &Request) -> Result<Response> {
    app.with(|d| d.sign_out(&r.caller()?.token))?;
    app.log(r, Look::new("sign-out"))?;
    Ok(Response::see("/sign-in").with("set-cookie", &cookie(app, COOKIE, "", true)))
}

/// Where somebody begins the day.
pub fn home(_: &App, r: &Request) -> Result<Response> {
    let user = &r.caller()?.user;
    Ok(Response::see(if user.may(Function::Cashier) { "/finance" } else { "/queue" }))
}

pub fn nothing(_: &App, r: &Request) -> Result<Response> {
    Err(Error::NotFound { what: r.path.clone() })
}
