//! Every route of the table, by everybody who may not: refused, and written to the access log.

use std::sync::Arc;

use axum::{body::Body, http::Request};
use jiff::Timestamp;
use serde_json::Value;
use tenken_review::{
    Database,
    desk_case::{Actor, NewDeskCase, Step},
    functions::{Function, roles},
    queue::Scope,
    web::{
        App, CellLines, Office, ROUTES, Route, router,
        routes::{Access, Method},
    },
};
use tenken_store::Store;
use tower::ServiceExt as _;

const PASSWORD: &str = "さくら並木を歩く2026";
const OWN: &str = "139998";
const OTHER: &str = "138941";

struct NoOffice;

impl Office for NoOffice {
    fn report_months(&self) -> anyhow::Result<Vec<String>> {
        Ok(vec!["2026-05".into()])
    }
    fn report_page(&self, _: &str, _: &str) -> anyhow::Result<String> {
        Ok("<!doctype html><style>p{}</style><p>月報</p>".into())
    }
    fn report_cell(&self, _: &str, _: &str, _: &str, _: &str, _: &str, _: &str) -> anyhow::Result<CellLines> {
        Ok(CellLines::default())
    }
    fn high_cost(&self, _: &str, _: &str, _: &str) -> anyhow::Result<Option<Value>> {
        Ok(None)
    }
    fn rule(&self, _: &str) -> Option<(String, String)> {
        None
    }
}

struct House {
    _dir: tempfile::TempDir,
    app: Arc<App>,
    own_case: i64,
    other_case: i64,
}

fn house() -> House {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("保存先");
    let store = Store::open_or_create(&root).unwrap();
    let mut d = Database::of_store(&root).unwrap();
    d.add_user("管理", "管理", &[OWN.into()], PASSWORD, "x", false).unwrap();
    for role in roles() {
        if d.user(role).is_err() {
            d.add_user(role, role, &[OWN.into()], PASSWORD, "x", false).unwrap();
        }
    }
    let mut open = |owner: &str| {
        let user = d.user("点検").unwrap();
        let actor = Actor { user: &user, registry_run: "", now: Timestamp::now() };
        let new = NewDeskCase { person_id: "1000000001".into(), reason: "電話".into(), ..NewDeskCase::default() };
        d.open_by_hand(&Scope { owner: owner.into(), hold: false }, &new, None, &actor).unwrap().case_id
    };
    let (own_case, other_case) = (open(OWN), open(OTHER));
    drop(d);
    let app = Arc::new(App::open(store, Box::new(NoOffice), false).unwrap());
    House { _dir: dir, app, own_case, other_case }
}

#[derive(Clone, Default)]
struct Browser {
    cookie: String,
    csrf: String,
    token: String,
}

impl House {
    fn sign_in(&self, name: &str) -> Browser {
        self.app
            .with(|d| {
                let (token, session) = d.sign_in(name, PASSWORD, "test", Timestamp::now())?;
                let bearer =
                    d.add_token(name, &format!("t{}", token.len() + d.tokens(name)?.len()), Timestamp::now())?;
                Ok(Browser { cookie: format!("tenken_session={token}"), csrf: session.csrf, token: bearer })
            })
            .unwrap()
    }

    fn place(&self, route: &Route, case: i64) -> String {
        let id = if route.path.contains("/cases/") { case.to_string() } else { "0123456789abcdef".into() };
        route.path.replace("{id}", &id).replace("{no}", "20261127-001").replace("{month}", "2026-05")
    }

    fn ask(&self, route: &Route, place: &str, by: &Browser, csrf: &str) -> (u16, String, String) {
        let mut request = Request::builder().method(route.method.as_str()).uri(place).header("host", "test");
        let api = place.starts_with("/api/");
        if !by.cookie.is_empty() && !api {
            request = request.header("cookie", &by.cookie);
        }
        if !by.token.is_empty() && api {
            request = request.header("authorization", format!("Bearer {}", by.token));
        }
        let body = match (route.method, api) {
            (Method::Get, _) => Body::empty(),
            (_, true) => {
                request = request.header("content-type", "application/json");
                Body::from("{\"version\":1,\"to\":\"TRIAGE\",\"reason\":\"x\",\"kind\":\"note\",\"text\":\"x\"}")
            }
            _ => {
                request = request.header("content-type", "application/x-www-form-urlencoded");
                Body::from(format!("csrf={csrf}&version=1&to=TRIAGE"))
            }
        };
        let request = request.body(body).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let answer = router(self.app.clone()).oneshot(request).await.unwrap();
            let status = answer.status().as_u16();
            let location = answer.headers().get("location").map_or(String::new(), |l| l.to_str().unwrap().to_owned());
            let policy = answer.headers().get("content-security-policy").cloned();
            assert!(policy.is_some_and(|p| !p.to_str().unwrap().contains("unsafe")), "{place}");
            let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
            (status, location, String::from_utf8_lossy(&bytes).into_owned())
        })
    }

    fn log(&self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        self.app.store.access_log().read(None, &mut |row| rows.push((row.action.clone(), row.target.clone()))).unwrap();
        rows
    }
}

fn guarded() -> impl Iterator<Item = (&'static Route, Function)> {
    ROUTES.iter().filter_map(|r| match r.access {
        Access::Needs(function) => Some((r, function)),
        Access::Open => None,
    })
}

#[test]
fn what_is_open_is_few() {
    let open: Vec<&str> = ROUTES.iter().filter(|r| r.access == Access::Open).map(|r| r.path).collect();
    assert_eq!(open, ["/healthz", "/assets/app.css", "/assets/app.js", "/sign-in", "/sign-in", "/api/openapi.json"]);
}

#[test]
fn nobody_comes_in_without_a_session() {
    let house = house();
    for (route, _) in guarded() {
        let place = house.place(route, house.own_case);
        for by in [
            Browser::default(),
            Browser { cookie: "tenken_session=0123".into(), token: "tenken_0123".into(), ..Browser::default() },
        ] {
            let (status, location, text) = house.ask(route, &place, &by, "x");
            let refused = status == 401 || (status == 303 && location.starts_with("/sign-in"));
            assert!(refused, "{} {place}: {status} {location} {text}", route.method.as_str());
        }
    }
    let refused = house.log().iter().filter(|r| r.0 == "refused").count();
    assert_eq!(refused, 2 * guarded().count());
}

#[test]
fn every_role_does_what_the_table_says_and_nothing_else() {
    let house = house();
    for role in roles() {
        for (route, function) in guarded() {
            // ends the session
            if matches!(route.path, "/sign-out" | "/account/password") {
                continue;
            }
            let by = house.sign_in(role);
            let before = house.log().iter().filter(|r| r.0 == "refused").count();
            let place = house.place(route, house.own_case);
            let (status, _, text) = house.ask(route, &place, &by, &by.csrf);
            let after = house.log().iter().filter(|r| r.0 == "refused").count();
            if function.allows(role) {
                assert!(status < 500, "{role} {place}: {status} {text}");
                let inside = matches!(status, 403) && text.contains("では「");
                // 出力 of 返納金 is the cashier's, a step is its function's: said by the handler
                assert!(!inside || route.method == Method::Post, "{role} {place}: {status}");
            } else {
                assert_eq!(status, 403, "{role} {place}: {text}");
                assert_eq!(after, before + 1, "{role} {place}: not written down");
            }
        }
    }
}

#[test]
fn a_form_that_is_not_ours_is_refused() {
    let house = house();
    for (route, function) in guarded().filter(|(r, _)| r.method == Method::Post && !r.path.starts_with("/api/")) {
        let role = roles().iter().find(|r| function.allows(r)).unwrap();
        let by = house.sign_in(role);
        let place = house.place(route, house.own_case);
        for csrf in ["", "0123456789abcdef0123456789abcdef"] {
            let before = house.log().len();
            assert_eq!(house.ask(route, &place, &by, csrf).0, 403, "{place}");
            assert!(house.log()[before..].iter().any(|r| r.0 == "refused"), "{place}");
        }
    }
    // a page's session is no way into the interface
    let crossed = Browser { token: String::new(), ..house.sign_in("点検") };
    let api = ROUTES.iter().find(|r| r.path == "/api/v1/counts").unwrap();
    assert_eq!(house.ask(api, "/api/v1/counts", &crossed, "").0, 401);
}

#[test]
fn another_insurers_case_is_not_there() {
    let house = house();
    for (route, function) in guarded().filter(|(r, _)| r.path.contains("/cases/{id}")) {
        for role in roles().iter().filter(|r| function.allows(r)) {
            let by = house.sign_in(role);
            let place = house.place(route, house.other_case);
            let (status, _, text) = house.ask(route, &place, &by, &by.csrf);
            assert_eq!(status, 404, "{role} {place}: {text}");
            assert!(!text.contains("1000000001"), "{place}");
            let log = house.log();
            assert_eq!(log.last().unwrap().0, "refused", "{place}");
        }
    }
    // nor does naming the insurer help
    for (route, function) in guarded().filter(|(r, _)| r.method == Method::Get && !r.path.contains('{')) {
        let role = roles().iter().find(|r| function.allows(r)).unwrap();
        let by = house.sign_in(role);
        let (status, _, text) = house.ask(route, &format!("{}?insurer={OTHER}", route.path), &by, "");
        assert_eq!(status, 404, "{}: {text}", route.path);
    }
    // the case is as it was
    let scope = Scope { owner: OTHER.into(), hold: true };
    assert_eq!(house.app.with(|d| d.desk_case(&scope, house.other_case)).unwrap().state, "NEW");
}

#[test]
fn two_reviewers_on_one_case_lose_nothing() {
    let house = house();
    let scope = Scope { owner: OWN.into(), hold: false };
    let decide = |version: i64, decision: &str| Step {
        decision: decision.into(),
        k_code: "K06".into(),
        ..Step::to("DECIDED", version)
    };
    house
        .app
        .with(|d| {
            let (first, second) = (d.user("点検")?, d.user("決裁")?);
            let now = Timestamp::now();
            let (a, b) =
                (Actor { user: &first, registry_run: "r1", now }, Actor { user: &second, registry_run: "r1", now });
            let case = d.take(&scope, house.own_case, &a, &decide(1, "KAGO"))?;
            assert_eq!((case.state.as_str(), case.decision.as_str()), ("APPROVAL", "KAGO"));
            let late = d.take(&scope, house.own_case, &b, &decide(1, "HENNO")).unwrap_err().to_string();
            assert!(late.contains("点検 さん") && late.contains("決裁待ち"), "{late}");
            // whoever decided does not approve; the other one does, and then it may leave
            let own = d.approve(&scope, house.own_case, &a, case.version);
            assert!(own.is_err());
            let case = d.approve(&scope, house.own_case, &b, case.version)?;
            assert_eq!(case.approved_by, "決裁");
            let back = d.undo(&scope, house.own_case, &b, case.version)?;
            assert_eq!((back.state.as_str(), back.approved_by.as_str()), ("APPROVAL", ""));
            let moves = d.desk_moves(house.own_case)?;
            let states: Vec<&str> = moves.iter().map(|m| m.to_state.as_str()).collect();
            assert_eq!(states, ["NEW", "TRIAGE", "DECIDED", "APPROVAL", "APPROVAL", "APPROVAL"]);
            assert!(moves[1..].iter().all(|m| m.registry_run == "r1"));
            Ok(())
        })
        .unwrap();
}
