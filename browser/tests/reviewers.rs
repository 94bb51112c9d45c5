//! A day of two reviewers in real Chromium: sign in, find, decide, approve, export, import the result; by keys alone.
//!
//! Needs `chromium` and `chromedriver`, and the command in `target/release` (or `TENKEN`). `SHOTS=DIR` keeps a picture of
//! every page in two sizes; `AXE=axe.min.js` holds every page against axe-core.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder, Locator, key::Key};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

const PASSWORD: &str = "さくら並木を歩く2026";
const REVIEWER: &str = "佐藤";
const APPROVER: &str = "鈴木";

fn tenken() -> PathBuf {
    let own = std::env::var_os("TENKEN").map(PathBuf::from);
    own.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/tenken"))
}

fn run(args: &[&str], store: &Path) -> (i32, String) {
    let out = Command::new(tenken()).args(args).arg("--store").arg(store).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    (out.status.code().unwrap_or(-1), text)
}

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Town {
    _dir: tempfile::TempDir,
    store: PathBuf,
    place: String,
    _serve: Running,
}

fn town() -> Town {
    let dir = tempfile::tempdir().unwrap();
    let sample = dir.path().join("町");
    let made = Command::new(tenken())
        .args(["sample", "--insured", "800", "--months", "2026-05", "--seed", "5", "--form", "insurer", "--out"])
        .arg(&sample)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let store = dir.path().join("保存先");
    assert_eq!(run(&["registry", "load", sample.join("registry").to_str().unwrap()], &store).0, 0);
    let claims = sample.join("claims/2026-05");
    let (code, text) = run(&["import", claims.to_str().unwrap(), "--month", "2026-05"], &store);
    assert!(code == 0 || code == 3, "{text}");
    let password = dir.path().join("password");
    fs::write(&password, PASSWORD).unwrap();
    for (name, role) in [("管理者", "管理"), (REVIEWER, "点検"), (APPROVER, "決裁"), ("高橋", "経理")] {
        let file = password.to_str().unwrap();
        let (code, text) = run(&["user", "add", name, "--role", role, "--password-file", file], &store);
        assert_eq!(code, 0, "{text}");
    }
    let mut serve = Command::new(tenken())
        .args(["serve", "--listen", "127.0.0.1:0", "--store"])
        .arg(&store)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(serve.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let at = line.find("http://").unwrap_or_else(|| panic!("{line}"));
    let place = line[at..].split('/').take(3).collect::<Vec<_>>().join("/");
    Town { _dir: dir, store, place, _serve: Running(serve) }
}

fn driver() -> (Running, String) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = Command::new("chromedriver")
        .arg(format!("--port={port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver (Debian: chromium-driver)");
    let until = Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "chromedriver does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    (Running(child), format!("http://127.0.0.1:{port}"))
}

struct Browser {
    c: Client,
    place: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    async fn open(driver: &str, place: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let user_data = format!("--user-data-dir={}", profile.path().display());
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            &user_data,
        ];
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".into(), json!({ "args": args }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let c = builder.capabilities(capabilities).connect(driver).await.unwrap();
        c.set_window_size(1366, 768).await.unwrap();
        Self { c, place: place.to_owned(), _profile: profile }
    }

    async fn go(&self, path: &str) {
        self.c.goto(&format!("{}{path}", self.place)).await.unwrap();
    }

    async fn keys(&self, keys: &str) {
        let active = self.c.active_element().await.unwrap();
        active.send_keys(keys).await.unwrap();
    }

    async fn enter(&self) {
        self.keys(&char::from(Key::Enter).to_string()).await;
    }

    async fn text(&self) -> String {
        let body = self.c.find(Locator::Css("body")).await.unwrap();
        body.text().await.unwrap()
    }

    /// Waits until the page says it.
    async fn until(&self, what: &str) -> String {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            if let Ok(body) = self.c.find(Locator::Css("body")).await
                && let Ok(text) = body.text().await
                && text.contains(what)
            {
                return text;
            }
            if Instant::now() > end {
                panic!("{what} is not on {}:\n{}", self.c.current_url().await.unwrap(), self.text().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn path(&self) -> String {
        self.c.current_url().await.unwrap().path().to_owned()
    }

    /// By keys: name, tab, password, Enter.
    async fn sign_in(&self, name: &str) {
        self.go("/sign-in").await;
        let tab = char::from(Key::Tab);
        self.keys(&format!("{name}{tab}")).await;
        self.keys(PASSWORD).await;
        self.enter().await;
        self.until(&format!("{name}（")).await;
    }

    /// What a person with a small or enlarged screen, or without eyes, meets on this page.
    async fn look(&self, name: &str) {
        if let Ok(axe) = std::env::var("AXE") {
            self.c.execute(&fs::read_to_string(axe).unwrap(), Vec::new()).await.unwrap();
            let found = self
                .c
                .execute_async(
                    "const done = arguments[arguments.length - 1]; axe.run(document, { resultTypes: ['violations'] })\
                     .then(r => done(r.violations.filter(v => ['serious', 'critical'].includes(v.impact))\
                     .map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(' | '))));",
                    Vec::new(),
                )
                .await
                .unwrap();
            assert_eq!(found, json!([]), "{name}");
        }
        // 200 %: half as many pixels for the same page; nothing but tables may have to be moved sideways
        for (width, height) in [(683, 500), (1366, 768), (1920, 1080)] {
            self.c.set_window_size(width, height).await.unwrap();
            let size = self
                .c
                .execute("return [document.documentElement.scrollWidth, window.innerWidth];", Vec::new())
                .await
                .unwrap();
            // the tables of a month are as wide as the forms that they are
            let fits = name == "report" || size[0].as_i64() <= size[1].as_i64();
            assert!(fits, "{name} at {width}: {size}");
            if let Ok(folder) = std::env::var("SHOTS")
                && width > 700
            {
                let png = self.c.screenshot().await.unwrap();
                fs::write(Path::new(&folder).join(format!("{name}-{width}.png")), png).unwrap();
            }
        }
        self.c.set_window_size(1366, 768).await.unwrap();
    }
}

/// `column` of the first row of a query.
fn one(store: &Path, sql: &str) -> String {
    let (code, text) = run(&["sql", sql, "--format", "json"], store);
    assert_eq!(code, 0, "{text}");
    let rows: Value = serde_json::from_str(&text).unwrap();
    rows[0]["v"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_day_of_two_reviewers() {
    let town = town();
    let (_driver, driver) = driver();
    let first = Browser::open(&driver, &town.place).await;
    let second = Browser::open(&driver, &town.place).await;
    first.go("/queue").await;
    first.until("サインイン").await;
    first.look("sign-in").await;
    first.sign_in(REVIEWER).await;
    second.sign_in(APPROVER).await;
    first.until("件").await;
    first.look("queue").await;

    // the keys are shown on a key
    first.keys("?").await;
    first.until("キー操作").await;
    first.enter().await;

    // find: a case that can be told apart by what it is about
    first.go("/queue?rule=E2&severity=S1").await;
    first.keys("j").await;
    first.enter().await;
    first.until("数字キーで選び").await;
    let case = first.path().await;
    first.look("case").await;
    second.go(&case).await;
    second.until("数字キーで選び").await;

    // a decision in two keystrokes
    first.keys("1").await;
    first.enter().await;
    first.until("資格過誤（過誤調整依頼）（決裁待ち）").await;

    // the other one had the case open: sees who was first, and nothing is lost
    second.keys("4").await;
    second.enter().await;
    let conflict = second.until("先に").await;
    assert!(conflict.contains(REVIEWER) && conflict.contains("決裁待ち"), "{conflict}");
    second.look("conflict").await;

    // taken back and decided again, then approved by the second person
    first.go(&case).await;
    first.keys("u").await;
    first.until("取り消して").await;
    first.go(&case).await;
    first.keys("1").await;
    first.enter().await;
    first.until("（決裁待ち）").await;
    second.go("/queue?state=waiting").await;
    second.keys("j").await;
    second.enter().await;
    second.until("さんの決定").await;
    second.keys("a").await;
    second.until("決裁しました").await;

    // out
    first.go("/batches").await;
    first.look("batches").await;
    first.c.find(Locator::Css("form[action='/batches'] button")).await.unwrap().send_keys(" ").await.unwrap();
    first.until("印刷用").await;
    let batch = first.path().await;
    first.look("batch").await;
    first.go(&format!("{batch}/file?format=html")).await;
    first.until("資格過誤（過誤調整依頼）一覧").await;
    first.look("document").await;

    // and in again: the answer of the 国保連
    first.go(&case).await;
    let claim = first.c.find(Locator::Css(".tabs .small")).await.unwrap().text().await.unwrap();
    let claim = claim.rsplit(' ').next().unwrap().to_owned();
    let search_no = one(&town.store, &format!("SELECT search_no AS v FROM claims WHERE claim_id = '{claim}'"));
    assert!(!search_no.is_empty(), "{claim}");
    let answer = town.store.parent().unwrap().join("結果.csv");
    fs::write(&answer, format!("search_no,result,note\n{search_no},過誤済,\n")).unwrap();
    first.go("/results").await;
    first.look("results").await;
    let file = first.c.find(Locator::Css("input[type=file]")).await.unwrap();
    file.send_keys(answer.to_str().unwrap()).await.unwrap();
    first.c.find(Locator::Css("form[action='/results'] button")).await.unwrap().click().await.unwrap();
    first.until("1 件の結果のうち 1 件の事案を進めました").await;
    first.go("/results").await;
    let file = first.c.find(Locator::Css("input[type=file]")).await.unwrap();
    file.send_keys(answer.to_str().unwrap()).await.unwrap();
    first.c.find(Locator::Css("form[action='/results'] button")).await.unwrap().click().await.unwrap();
    first.until("もう取り込まれています").await;
    first.go(&case).await;
    let done = first.until("完了").await;
    assert!(done.contains("過誤済") || done.contains("結果あり"), "{done}");

    // a telephone call
    first.go("/cases/new").await;
    first.look("new-case").await;
    first.go("/overview").await;
    first.until("規則の当たり外れ").await;
    first.look("overview").await;
    first.go("/account").await;
    first.look("account").await;

    // the others' pages
    second.go("/finance").await;
    second.look("finance").await;
    second.go("/finance/2026-04").await;
    second.look("report").await;
    second.go("/calendar").await;
    second.look("calendar").await;
    let manager = Browser::open(&driver, &town.place).await;
    manager.sign_in("管理者").await;
    manager.go("/people").await;
    manager.look("people").await;
    manager.go("/audit").await;
    manager.until("すべてつながっています").await;
    manager.look("audit").await;

    for browser in [first, second, manager] {
        browser.c.close().await.unwrap();
    }
    let (code, text) = run(&["audit", "verify"], &town.store);
    assert_eq!(code, 0, "{text}");
    let (_, log) = run(&["audit", "export", "--format", "csv"], &town.store);
    for action in ["sign-in", "queue", "case", "case change", "export", "results"] {
        assert!(log.contains(&format!(",review 127.0.0.1,{action},")), "{action}:\n{log}");
    }

    // one letter of one row is seen
    let folder = town.store.join("audit");
    let file = fs::read_dir(&folder)
        .unwrap()
        .flatten()
        .map(|e| e.path())
        .find(|p| p.extension().is_some_and(|e| e == "jsonl"));
    let file = file.unwrap();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen(REVIEWER, "佐東", 1)).unwrap();
    assert_eq!(run(&["audit", "verify"], &town.store).0, 1);
    let without: Vec<&str> = text.lines().enumerate().filter(|(i, _)| *i != 3).map(|(_, l)| l).collect();
    fs::write(&file, without.join("\n") + "\n").unwrap();
    assert_eq!(run(&["audit", "verify"], &town.store).0, 1);
}
