//! The overview.

use askama::Template;
use tenken_store::audit::Look;

use super::{
    app::App,
    http::{Request, Response},
    shell::{self, Shell},
};
use crate::{Kpi, error::Result, overview::Overview};

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewHtml {
    shell: Shell,
    found: Overview,
    names: Vec<String>,
    third_party: Vec<(String, String)>,
}

pub fn page(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    let today = app.today();
    let (found, kpi) = app.with(|d| {
        let found = d.overview(&caller.scope(), today)?;
        let cases = d.cases(Some(&caller.owner))?;
        let from = today.checked_sub(jiff::Span::new().years(1)).unwrap_or(today);
        Ok((found, Kpi::default().measures(&cases, from, today)))
    })?;
    app.log(r, Look::new("overview").target(&caller.owner))?;
    let names = found.rules.iter().map(|f| app.office.rule(&f.rule).map_or(String::new(), |n| n.0)).collect();
    let third_party = kpi
        .iter()
        .filter(|m| m.denominator > 0)
        .map(|m| (format!("{} {}", m.name_ja, m.part), format!("{} / {}", m.numerator, m.denominator)))
        .collect();
    shell::page(&OverviewHtml { shell: Shell::of(r, "概況")?, found, names, third_party })
}
