//! The claim as one self-contained HTML page.

use askama::Template;

use super::Page;

#[derive(Template)]
#[template(path = "claim.html")]
struct ClaimHtml<'p> {
    page: &'p Page,
}

impl Page {
    /// # Errors
    /// None in practice: the template writes into memory.
    pub fn html(&self) -> askama::Result<String> {
        ClaimHtml { page: self }.render()
    }
}
