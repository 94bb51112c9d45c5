//! What every page has around it.

use askama::Template;

use super::http::{Request, Response};
use crate::{error::Result, functions::Function};

/// A place in the navigation.
pub struct Place {
    pub title: &'static str,
    pub href: &'static str,
    pub key: &'static str,
    pub here: bool,
}

/// Frame of a page: who is signed in, where one can go.
pub struct Shell {
    pub title: String,
    pub user: String,
    pub role: String,
    pub csrf: String,
    pub owner: String,
    pub owners: Vec<String>,
    pub places: Vec<Place>,
    /// what was just done
    pub said: String,
}

const PLACES: [(Function, &str, &str, &str); 9] = [
    (Function::Queue, "事案", "/queue", "q"),
    (Function::Export, "出力", "/batches", "b"),
    (Function::Results, "結果の取込", "/results", "r"),
    (Function::Finance, "月報", "/finance", "f"),
    (Function::Overview, "概況", "/overview", "o"),
    (Function::Calendar, "締切", "/calendar", "c"),
    (Function::People, "利用者", "/people", "p"),
    (Function::Audit, "閲覧記録", "/audit", "l"),
    (Function::Own, "自分の設定", "/account", "s"),
];

impl Shell {
    pub fn of(r: &Request, title: &str) -> Result<Self> {
        let caller = r.caller()?;
        let places = PLACES
            .iter()
            .filter(|(function, ..)| caller.user.may(*function))
            .map(|(_, title, href, key)| Place { title, href, key, here: r.path.starts_with(href) })
            .collect();
        Ok(Self {
            title: title.to_owned(),
            user: caller.user.name.clone(),
            role: caller.user.role.to_owned(),
            csrf: caller.csrf.clone(),
            owner: caller.owner.clone(),
            owners: caller.owners.clone(),
            places,
            said: r.asked("said"),
        })
    }
}

/// # Errors
/// None in practice: the template writes into memory.
pub fn page<T: Template>(template: &T) -> Result<Response> {
    Ok(Response::html(template.render().map_err(|e| crate::error::Error::Other(e.into()))?))
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'p> {
    shell: Option<Shell>,
    status: u16,
    text: &'p str,
    back: String,
}

pub fn error_page(r: &Request, status: u16, text: &str) -> Response {
    let shell = Shell::of(r, "できませんでした").ok();
    let back = if r.path.starts_with("/cases/") {
        let id: String = r.path["/cases/".len()..].chars().take_while(char::is_ascii_digit).collect();
        format!("/cases/{id}")
    } else {
        "/".to_owned()
    };
    let page = ErrorPage { shell, status, text, back };
    page.render().map_or_else(|_| Response::default().status(500), |html| Response::html(html).status(status))
}
