//! The claim as HTML: one sheet to be put into another page, or a self-contained page.

use askama::Template;

use super::Page;

/// What the sheet looks like. It needs no attribute `style` and no script.
pub const CSS: &str = include_str!("../../assets/claim_sheet.css");

#[derive(Template)]
#[template(path = "claim_sheet.html")]
struct SheetHtml<'p> {
    page: &'p Page,
}

#[derive(Template)]
#[template(path = "claim.html")]
struct ClaimHtml<'p> {
    /// the effective one first
    sheets: Vec<&'p Page>,
    page: &'p Page,
    css: &'static str,
}

/// The standalone page of a claim: the effective state, and beside it the claim as billed where it was another.
///
/// # Errors
/// None in practice: the template writes into memory.
pub fn html(effective: &Page, billed: Option<&Page>) -> askama::Result<String> {
    let sheets = std::iter::once(effective).chain(billed).collect();
    ClaimHtml { sheets, page: effective, css: CSS }.render()
}

impl Page {
    /// One sheet, without a page around it. Other templates may include `claim_sheet.html` with a `page` of their own.
    ///
    /// # Errors
    /// None in practice: the template writes into memory.
    pub fn sheet(&self) -> askama::Result<String> {
        SheetHtml { page: self }.render()
    }
}
