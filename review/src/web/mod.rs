//! The reviewers' application: pages and the JSON interface, over HTTP.
//!
//! Every route is a row of [`routes::ROUTES`]: method, path, the function that a role needs for it, and what answers. One
//! place ([`guard`]) decides who comes in; handlers see only what their [`Caller`] may see.

mod api;
mod app;
mod audit_page;
mod batch_pages;
mod case_pages;
mod finance_pages;
mod guard;
mod http;
mod overview_page;
mod people_pages;
mod queue_page;
mod rate;
pub mod routes;
mod server;
mod shell;
mod sign_in;

pub use app::{App, CellLines, Office, Options};
pub use http::{Caller, Request, Response};
pub use routes::{ROUTES, Route, router};
pub use server::{Listening, serve};
