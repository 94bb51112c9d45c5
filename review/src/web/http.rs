//! A request as handlers see it, and what they answer.

use std::collections::HashMap;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    functions::Function,
    people::User,
    queue::Scope,
};

/// Who asks, through what.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user: User,
    /// of the browser's session; empty for a program
    pub csrf: String,
    /// token of the session
    pub token: String,
    /// the insurer whose desk is shown
    pub owner: String,
    /// every insurer that may be shown
    pub owners: Vec<String>,
}

impl Caller {
    pub fn scope(&self) -> Scope {
        self.scope_of(&self.owner)
    }

    pub fn scope_of(&self, owner: &str) -> Scope {
        Scope { owner: owner.to_owned(), hold: self.user.may(Function::Hold) }
    }
}

/// A file that came with a form.
#[derive(Clone, Default)]
pub struct Upload {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What was asked.
#[derive(Default)]
pub struct Request {
    pub caller: Option<Caller>,
    pub address: String,
    /// came to `/api/`
    pub api: bool,
    pub path: String,
    pub params: HashMap<String, String>,
    pub query: String,
    /// fields of a form, in order
    pub form: Vec<(String, String)>,
    pub files: Vec<Upload>,
    /// body of the interface
    pub json: Option<serde_json::Value>,
}

impl Request {
    /// # Errors
    /// [`Error::NotFound`] where nobody is signed in: the guard lets nobody through to a handler that asks.
    pub fn caller(&self) -> Result<&Caller> {
        self.caller.as_ref().ok_or_else(|| Error::NotFound { what: self.path.clone() })
    }

    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// # Errors
    /// [`Error::NotFound`]
    pub fn id(&self, name: &str) -> Result<i64> {
        self.param(name).parse().map_err(|_| Error::NotFound { what: self.path.clone() })
    }

    /// A field of the form, trimmed.
    pub fn field(&self, name: &str) -> &str {
        self.form.iter().find(|f| f.0 == name).map_or("", |f| f.1.trim())
    }

    pub fn fields<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.form.iter().filter(move |f| f.0 == name).map(|f| f.1.as_str())
    }

    /// A part of the query.
    pub fn asked(&self, name: &str) -> String {
        let mut parts = url::form_urlencoded::parse(self.query.as_bytes());
        parts.find(|p| p.0 == name).map_or(String::new(), |p| p.1.trim().to_owned())
    }

    /// The query as a struct of texts.
    ///
    /// # Errors
    /// [`Error::BadInput`]
    pub fn query<T: DeserializeOwned>(&self) -> Result<T> {
        let parts: serde_json::Map<String, serde_json::Value> = url::form_urlencoded::parse(self.query.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.trim().into()))
            .collect();
        let parsed = serde_json::from_value(parts.into());
        parsed.map_err(|e| Error::BadInput { field: "条件".into(), why: e.to_string() })
    }

    /// The body of the interface as a struct; of a form where a page asks.
    ///
    /// # Errors
    /// [`Error::BadInput`]
    pub fn body<T: DeserializeOwned>(&self) -> Result<T> {
        let value = self.json.clone().unwrap_or_else(|| serde_json::json!({}));
        serde_json::from_value(value).map_err(|e| Error::BadInput { field: "JSON".into(), why: e.to_string() })
    }
}

/// What is answered.
#[derive(Debug, Default)]
pub struct Response {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub headers: Vec<(&'static str, String)>,
}

impl Response {
    pub fn html(text: String) -> Self {
        Self { status: 200, content_type: "text/html; charset=utf-8", body: text.into_bytes(), headers: Vec::new() }
    }

    /// A page that brings its own style: it is named to the browser by its hash.
    pub fn own_style(html: String) -> Self {
        let policy = policy_of(&html);
        Self::html(html).with("content-security-policy", &policy)
    }

    /// # Errors
    /// None in practice: the value is one of ours.
    pub fn json<T: Serialize>(value: &T) -> Result<Self> {
        let body = serde_json::to_vec(value).map_err(|e| Error::Other(e.into()))?;
        Ok(Self { status: 200, content_type: "application/json", body, headers: Vec::new() })
    }

    /// To another page, after something was done.
    pub fn see(place: &str) -> Self {
        Self { status: 303, content_type: "text/plain; charset=utf-8", ..Self::default() }.with("location", place)
    }

    /// A file to be kept.
    pub fn file(name: &str, content_type: &'static str, body: Vec<u8>) -> Self {
        let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let encoded = encoded.replace('+', "%20");
        Self { status: 200, content_type, body, headers: Vec::new() }
            .with("content-disposition", &format!("attachment; filename*=UTF-8''{encoded}"))
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

/// The status that an error has over HTTP.
pub fn status_of(e: &Error) -> u16 {
    match e {
        Error::NotFound { .. } | Error::NoSuchCase { .. } | Error::NoSuchUser { .. } => 404,
        Error::NotAllowed { .. } | Error::NotOurForm {} | Error::OwnDecision { .. } | Error::Held { .. } => 403,
        Error::Conflict { .. } | Error::Changed { .. } | Error::Open { .. } | Error::Imported { .. } => 409,
        Error::SignInFailed {} | Error::LockedOut { .. } => 401,
        Error::TooManyRequests {} => 429,
        Error::Sqlite(_) | Error::Store(_) | Error::Io { .. } | Error::Other(_) | Error::Xlsx(_) => 500,
        _ => 422,
    }
}

/// The policy of a page that brings its own style with it, named by the hash of that style.
fn policy_of(html: &str) -> String {
    use std::fmt::Write as _;
    let mut hashes = String::new();
    let mut rest = html;
    while let Some((_, from)) = rest.split_once("<style>") {
        let Some((style, after)) = from.split_once("</style>") else { break };
        let _ = write!(hashes, " 'sha256-{}'", sha256_base64(style.as_bytes()));
        rest = after;
    }
    format!("default-src 'none'; style-src{hashes}; img-src data:; frame-ancestors 'none'; base-uri 'none'")
}

fn sha256_base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    use tokio_rustls::rustls::crypto::{hash::HashAlgorithm, ring};
    let suites = ring::default_provider().cipher_suites;
    let mut providers = suites.iter().filter_map(|s| Some(s.tls13()?.common.hash_provider));
    let sha256 = providers.find(|h| h.algorithm() == HashAlgorithm::SHA256);
    let hash = sha256.map(|h| h.hash(bytes).as_ref().to_vec()).unwrap_or_default();
    let mut out = String::new();
    for chunk in hash.chunks(3) {
        let n = chunk.iter().enumerate().fold(0u32, |n, (i, b)| n | u32::from(*b) << (16 - 8 * i));
        for i in 0..4 {
            let letter = LETTERS[(n >> (18 - 6 * i)) as usize & 63] as char;
            out.push(if i <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_is_named_by_its_hash() {
        // the hash of no bytes, as everybody knows it
        assert_eq!(sha256_base64(b""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert!(policy_of("<style></style>").contains("'sha256-47DEQ"));
    }
}
