//! Every route of the application, in one table.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, FromRequest as _, Multipart, RawPathParams, Request as AxumRequest, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response as AxumResponse,
    routing::{MethodFilter, on},
};

use super::{
    api,
    app::App,
    audit_page, batch_pages, case_pages, finance_pages, guard,
    guard::Papers,
    http::{Request, Response, Upload},
    overview_page, people_pages, queue_page,
    server::Peer,
    sign_in,
};
use crate::{error::Result, functions::Function};

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// before signing in
    Open,
    Needs(Function),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

type Handler = fn(&App, &Request) -> Result<Response>;

/// A row of the table.
#[derive(Clone, Copy)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    pub(super) handler: Handler,
}

const fn open(method: Method, path: &'static str, handler: Handler) -> Route {
    Route { method, path, access: Access::Open, handler }
}

const fn get(path: &'static str, function: Function, handler: Handler) -> Route {
    Route { method: Method::Get, path, access: Access::Needs(function), handler }
}

const fn post(path: &'static str, function: Function, handler: Handler) -> Route {
    Route { method: Method::Post, path, access: Access::Needs(function), handler }
}

/// Bytes of a body.
const BODY_MOST: usize = 64 << 20;

pub static ROUTES: &[Route] = &[
    open(Method::Get, "/healthz", sign_in::health),
    open(Method::Get, "/assets/app.css", sign_in::css),
    open(Method::Get, "/assets/app.js", sign_in::js),
    open(Method::Get, "/sign-in", sign_in::form),
    open(Method::Post, "/sign-in", sign_in::enter),
    post("/sign-out", Function::Own, sign_in::leave),
    get("/", Function::Own, sign_in::home),
    get("/account", Function::Own, people_pages::account),
    post("/account/password", Function::Own, people_pages::password),
    post("/account/tokens", Function::Own, people_pages::add_token),
    post("/account/tokens/remove", Function::Own, people_pages::remove_token),
    post("/account/insurer", Function::Own, people_pages::insurer),
    get("/queue", Function::Queue, queue_page::list),
    post("/queue/assign", Function::Review, queue_page::assign),
    post("/queue/filters", Function::Queue, queue_page::save_filter),
    get("/cases/new", Function::Review, case_pages::new),
    post("/cases/new", Function::Review, case_pages::open),
    get("/cases/{id}", Function::Claim, case_pages::case),
    post("/cases/{id}/step", Function::Queue, case_pages::step),
    post("/cases/{id}/approve", Function::Approve, case_pages::approve),
    post("/cases/{id}/undo", Function::Review, case_pages::undo),
    post("/cases/{id}/note", Function::Review, case_pages::note),
    post("/cases/{id}/assign", Function::Review, case_pages::assign),
    get("/claims/{id}", Function::Claim, case_pages::claim),
    get("/claims/{id}/high-cost", Function::Claim, case_pages::high_cost),
    get("/persons/{id}", Function::Claim, case_pages::person),
    get("/batches", Function::Export, batch_pages::list),
    post("/batches", Function::Export, batch_pages::make),
    get("/batches/{no}", Function::Export, batch_pages::show),
    get("/batches/{no}/file", Function::Export, batch_pages::file),
    post("/batches/{no}/accepted", Function::Results, batch_pages::accepted),
    get("/results", Function::Results, batch_pages::results),
    post("/results", Function::Results, batch_pages::read_results),
    get("/calendar", Function::Calendar, batch_pages::calendar),
    post("/calendar", Function::Calendar, batch_pages::set_cut_off),
    get("/finance", Function::Finance, finance_pages::months),
    get("/finance/{month}", Function::Finance, finance_pages::month),
    get("/finance/{month}/cell", Function::Finance, finance_pages::cell),
    get("/overview", Function::Overview, overview_page::page),
    get("/people", Function::People, people_pages::people),
    post("/people", Function::People, people_pages::add),
    post("/people/change", Function::People, people_pages::change),
    post("/people/reset", Function::People, people_pages::reset),
    post("/people/disable", Function::People, people_pages::disable),
    get("/audit", Function::Audit, audit_page::page),
    open(Method::Get, "/api/openapi.json", api::document),
    get("/api/v1/cases", Function::Queue, api::cases),
    post("/api/v1/cases", Function::Review, api::open),
    get("/api/v1/cases/{id}", Function::Claim, api::case),
    post("/api/v1/cases/{id}/step", Function::Queue, api::step),
    post("/api/v1/cases/{id}/approve", Function::Approve, api::approve),
    post("/api/v1/cases/{id}/undo", Function::Review, api::undo),
    post("/api/v1/cases/{id}/note", Function::Review, api::note),
    post("/api/v1/assign", Function::Review, api::assign),
    get("/api/v1/counts", Function::Queue, api::counts),
    get("/api/v1/claims/{id}", Function::Claim, api::claim),
    get("/api/v1/overview", Function::Overview, api::overview),
];

/// The router: the table, and 404 for all else.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let filter = match route.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
        };
        let handler = move |State(app): State<Arc<App>>, params: RawPathParams, request: AxumRequest| async move {
            let params = params.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
            dispatch(app, route, params, request).await
        };
        router = router.route(route.path, on(filter, handler));
    }
    let nothing = |State(app): State<Arc<App>>, request: AxumRequest| async move {
        static NOTHING: Route = get("", Function::Own, sign_in::nothing);
        dispatch(app, &NOTHING, std::collections::HashMap::new(), request).await
    };
    router.fallback(nothing).with_state(app)
}

async fn dispatch(
    app: Arc<App>,
    route: &'static Route,
    params: std::collections::HashMap<String, String>,
    request: AxumRequest,
) -> AxumResponse {
    let secure = app.secure;
    let (mut r, papers) = match read(request, route).await {
        Ok(read) => read,
        Err(status) => return finish(Response::default().status(status), secure),
    };
    r.params = params;
    // files and databases wait: never on a thread that others wait for
    let answered = tokio::task::spawn_blocking(move || guard::answer(&app, route, r, &papers)).await;
    finish(answered.unwrap_or_else(|_| Response::default().status(500)), secure)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

fn papers(headers: &HeaderMap) -> Papers {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .collect();
    let bearer = text(headers, header::AUTHORIZATION).strip_prefix("Bearer ").map(|t| t.trim().to_owned());
    let origin = text(headers, header::ORIGIN);
    let host = text(headers, header::HOST);
    let foreign = !origin.is_empty() && origin.split_once("://").is_none_or(|(_, place)| place != host);
    let csrf_header = headers.get("x-csrf-token").and_then(|v| v.to_str().ok()).map(str::to_owned);
    Papers { cookies, bearer, csrf_header, foreign }
}

async fn read(request: AxumRequest, route: &Route) -> std::result::Result<(Request, Papers), u16> {
    let address = request.extensions().get::<ConnectInfo<Peer>>().map_or(String::new(), |c| c.0.0.ip().to_string());
    let uri = request.uri();
    let path = uri.path().to_owned();
    let mut r = Request {
        address,
        api: path.starts_with("/api/"),
        query: uri.query().unwrap_or_default().to_owned(),
        path,
        ..Request::default()
    };
    let papers = papers(request.headers());
    if route.method == Method::Get {
        return Ok((r, papers));
    }
    let kind = text(request.headers(), header::CONTENT_TYPE).to_owned();
    if kind.starts_with("multipart/form-data") {
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| 400u16)?;
        let mut left = BODY_MOST;
        while let Some(part) = parts.next_field().await.map_err(|_| 400u16)? {
            let (name, file) = (part.name().unwrap_or_default().to_owned(), part.file_name().map(str::to_owned));
            let bytes = part.bytes().await.map_err(|_| 400u16)?;
            left = left.checked_sub(bytes.len()).ok_or(413u16)?;
            match file {
                Some(name) => r.files.push(Upload { name, bytes: bytes.to_vec() }),
                None => r.form.push((name, String::from_utf8_lossy(&bytes).into_owned())),
            }
        }
        return Ok((r, papers));
    }
    let bytes: Bytes = axum::body::to_bytes(request.into_body(), BODY_MOST).await.map_err(|_| 413u16)?;
    if kind.starts_with("application/json") {
        r.json = Some(serde_json::from_slice(&bytes).map_err(|_| 400u16)?);
    } else {
        r.form = url::form_urlencoded::parse(&bytes).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    }
    Ok((r, papers))
}

/// Nothing but our own files runs or is shown in our pages.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                          connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

fn finish(response: Response, secure: bool) -> AxumResponse {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut out = AxumResponse::new(Body::from(response.body));
    *out.status_mut() = status;
    let headers = out.headers_mut();
    if !response.content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(response.content_type));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    for (name, value) in response.headers {
        if let (Ok(name), Ok(value)) = (header::HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
        {
            if name == header::SET_COOKIE {
                headers.append(name, value);
            } else {
                headers.insert(name, value);
            }
        }
    }
    out
}
