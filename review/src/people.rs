//! People: users, passwords, sessions of browsers, tokens of programs.
//!
//! A password is kept as argon2id; of a session and a token only the BLAKE3 of what its owner holds is kept.

use std::{fmt::Write as _, sync::LazyLock};

use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _, password_hash::SaltString};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::{
    database::Database,
    error::{Error, Result},
    functions::{Function, known_role},
};

/// Tries that fail before an account stops for a while.
pub const TRIES: i64 = 5;
/// Seconds for which it stops.
const LOCK_SECONDS: i64 = 15 * 60;
/// Seconds after which a session nobody used has ended, and after which any has.
const IDLE_SECONDS: i64 = 30 * 60;
const SESSION_SECONDS: i64 = 12 * 3_600;
/// Days for which the token of a program holds.
const TOKEN_DAYS: i64 = 365;
/// Characters of a password.
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 10..=128;
/// Pieces that a password may not consist of.
const COMMON: [&str; 10] =
    ["password", "passw0rd", "123456", "qwerty", "tenken", "asdfgh", "abcdef", "kokuho", "reseputo", "111111"];

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub role: &'static str,
    /// 保険者番号 of those whose claims may be seen; empty: all of the store
    pub insurers: Vec<String>,
    /// signed in with a password that somebody else chose
    pub must_change: bool,
    pub disabled_at: Option<String>,
    /// seconds since 1970
    pub locked_until: i64,
    pub created_at: String,
    pub created_by: String,
}

impl User {
    pub fn may(&self, function: Function) -> bool {
        function.allows(self.role)
    }

    /// Whether the claims of an insurer may be seen.
    pub fn sees(&self, owner: &str) -> bool {
        self.insurers.is_empty() || self.insurers.iter().any(|i| i == owner)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<(Self, String)> {
        let role: String = row.get("role")?;
        let insurers: String = row.get("insurers")?;
        Ok((
            Self {
                name: row.get("name")?,
                role: "",
                insurers: insurers.split(',').filter(|i| !i.is_empty()).map(str::to_owned).collect(),
                must_change: row.get("must_change")?,
                disabled_at: row.get("disabled_at")?,
                locked_until: row.get("locked_until")?,
                created_at: row.get("created_at")?,
                created_by: row.get("created_by")?,
            },
            role,
        ))
    }
}

fn with_role((user, role): (User, String)) -> Result<User> {
    Ok(User { role: known_role(&role)?, ..user })
}

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub user: User,
    /// comes back with every form
    pub csrf: String,
}

/// Bytes nobody can guess.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(|e| Error::Other(anyhow::anyhow!("乱数: {e}")))?;
    Ok(bytes)
}

/// The same as hex.
fn secret<const N: usize>() -> Result<String> {
    Ok(random::<N>()?.iter().fold(String::with_capacity(2 * N), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    }))
}

/// A password that nobody can guess, for a first sign-in.
///
/// # Errors
/// The system has no random numbers.
pub fn new_password() -> Result<String> {
    secret::<8>()
}

fn digest(token: &str) -> Vec<u8> {
    blake3::hash(token.as_bytes()).as_bytes().to_vec()
}

fn hashed(password: &str) -> Result<String> {
    let failed = |e| Error::Other(anyhow::anyhow!("argon2: {e}"));
    let salt = SaltString::encode_b64(&random::<16>()?).map_err(failed)?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    hash.map(|h| h.to_string()).map_err(failed)
}

/// Takes as long as any other, so that a name nobody has is not quicker to refuse.
static NOBODY: LazyLock<String> = LazyLock::new(|| hashed("nobody has this").unwrap_or_default());

fn is_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
}

/// # Errors
/// [`Error::WeakPassword`]
pub fn check_password(name: &str, password: &str) -> Result<()> {
    let weak = |why: String| Err(Error::WeakPassword { why });
    let chars = password.chars().count();
    if !PASSWORD_CHARS.contains(&chars) {
        return weak(format!("{}〜{} 字にしてください", PASSWORD_CHARS.start(), PASSWORD_CHARS.end()));
    }
    let lower = password.to_lowercase();
    if lower.contains(&name.to_lowercase()) {
        return weak("利用者の名前を含んでいます".into());
    }
    let mut rest = lower.clone();
    COMMON.iter().for_each(|c| rest = rest.replace(c, ""));
    let mut distinct: Vec<char> = rest.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 5 {
        return weak("ありふれた並びや同じ字の繰り返しです".into());
    }
    Ok(())
}

fn check_name(name: &str) -> Result<()> {
    let bad = |c: char| c.is_whitespace() || c.is_control() || ",:/\\\"'".contains(c);
    if (1..=32).contains(&name.chars().count()) && !name.chars().any(bad) {
        return Ok(());
    }
    Err(Error::BadUserName { name: name.to_owned() })
}

fn find(c: &Connection, name: &str) -> Result<User> {
    let found = c.query_row("SELECT * FROM users WHERE name = ?1", [name], User::read).optional()?;
    with_role(found.ok_or_else(|| Error::NoSuchUser { name: name.to_owned() })?)
}

impl Database {
    /// Whether nobody may sign in yet.
    pub fn has_users(&self) -> Result<bool> {
        Ok(self.connection().query_row("SELECT EXISTS (SELECT 1 FROM users)", [], |r| r.get(0))?)
    }

    /// In order of their names.
    pub fn users(&self) -> Result<Vec<User>> {
        let mut all = self.connection().prepare("SELECT * FROM users ORDER BY name")?;
        let rows: Vec<_> = all.query_map([], User::read)?.collect::<rusqlite::Result<_>>()?;
        rows.into_iter().map(with_role).collect()
    }

    /// # Errors
    /// [`Error::NoSuchUser`]
    pub fn user(&self, name: &str) -> Result<User> {
        find(self.connection(), name)
    }

    /// Adds a user. The first one must be able to add others.
    ///
    /// # Errors
    /// [`Error::FirstMustManage`], [`Error::UserKnown`], [`Error::BadUserName`], [`Error::WeakPassword`],
    /// [`Error::UnknownWord`] for the role.
    pub fn add_user(
        &mut self,
        name: &str,
        role: &str,
        insurers: &[String],
        password: &str,
        by: &str,
        must_change: bool,
    ) -> Result<User> {
        let role = known_role(role)?;
        check_name(name)?;
        check_password(name, password)?;
        let hash = hashed(password)?;
        let now = Timestamp::now().to_string();
        let tx = self.write()?;
        let any: bool = tx.query_row("SELECT EXISTS (SELECT 1 FROM users)", [], |r| r.get(0))?;
        if !any && !Function::People.allows(role) {
            return Err(Error::FirstMustManage {});
        }
        if tx.query_row("SELECT 1 FROM users WHERE name = ?1", [name], |_| Ok(())).optional()?.is_some() {
            return Err(Error::UserKnown { name: name.to_owned() });
        }
        tx.execute(
            "INSERT INTO users (name, role, insurers, password, password_at, must_change, created_at, created_by) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5, ?7)",
            params![name, role, insurers.join(","), hash, now, must_change, by],
        )?;
        let user = find(&tx, name)?;
        tx.commit()?;
        Ok(user)
    }

    /// Sets a password; every session and token of the user ends, a lock too. `must_change`: somebody else chose it.
    ///
    /// # Errors
    /// [`Error::NoSuchUser`], [`Error::WeakPassword`].
    pub fn set_password(&mut self, name: &str, password: &str, must_change: bool) -> Result<()> {
        check_password(name, password)?;
        let hash = hashed(password)?;
        let tx = self.write()?;
        find(&tx, name)?;
        tx.execute(
            "UPDATE users SET password = ?2, password_at = ?3, must_change = ?4, failed = 0, locked_until = 0 \
             WHERE name = ?1",
            params![name, hash, Timestamp::now().to_string(), must_change],
        )?;
        tx.execute("DELETE FROM sessions WHERE user = ?1", [name])?;
        tx.execute("DELETE FROM tokens WHERE user = ?1", [name])?;
        Ok(tx.commit()?)
    }

    /// The user's own change: the old password first.
    ///
    /// # Errors
    /// [`Error::SignInFailed`], [`Error::WeakPassword`] also for the same as before.
    pub fn change_password(&mut self, name: &str, old: &str, new: &str) -> Result<()> {
        let hash: Option<String> = self
            .connection()
            .query_row("SELECT password FROM users WHERE name = ?1", [name], |r| r.get(0))
            .optional()?;
        if !hash.is_some_and(|h| is_password(old, &h)) {
            return Err(Error::SignInFailed {});
        }
        if old == new {
            return Err(Error::WeakPassword { why: "前と同じです".into() });
        }
        self.set_password(name, new, false)
    }

    /// Changes role and insurers. Sessions go on with the new ones.
    ///
    /// # Errors
    /// [`Error::NoSuchUser`], [`Error::LastManager`], [`Error::UnknownWord`].
    pub fn change_user(&mut self, name: &str, role: &str, insurers: &[String]) -> Result<()> {
        let role = known_role(role)?;
        let tx = self.write()?;
        let user = find(&tx, name)?;
        if user.may(Function::People) && !Function::People.allows(role) {
            not_the_last(&tx, name)?;
        }
        tx.execute(
            "UPDATE users SET role = ?2, insurers = ?3 WHERE name = ?1",
            params![name, role, insurers.join(",")],
        )?;
        Ok(tx.commit()?)
    }

    /// Ends an account; what it did stays.
    ///
    /// # Errors
    /// [`Error::NoSuchUser`], [`Error::LastManager`].
    pub fn disable_user(&mut self, name: &str) -> Result<()> {
        let tx = self.write()?;
        let user = find(&tx, name)?;
        if user.may(Function::People) && user.disabled_at.is_none() {
            not_the_last(&tx, name)?;
        }
        let now = Timestamp::now().to_string();
        tx.execute("UPDATE users SET disabled_at = coalesce(disabled_at, ?2) WHERE name = ?1", params![name, now])?;
        tx.execute("DELETE FROM sessions WHERE user = ?1", [name])?;
        tx.execute("DELETE FROM tokens WHERE user = ?1", [name])?;
        Ok(tx.commit()?)
    }

    /// Signs in: the session and what the browser is to hold.
    ///
    /// # Errors
    /// [`Error::SignInFailed`] whatever was wrong; [`Error::LockedOut`].
    pub fn sign_in(&mut self, name: &str, password: &str, address: &str, now: Timestamp) -> Result<(String, Session)> {
        let at = now.as_second();
        let known = self
            .connection()
            .query_row("SELECT * FROM users WHERE name = ?1 AND disabled_at IS NULL", [name], |r| {
                Ok((User::read(r)?, r.get::<_, String>("password")?))
            })
            .optional()?;
        let Some((user, hash)) = known else {
            is_password(password, &NOBODY);
            return Err(Error::SignInFailed {});
        };
        let user = with_role(user)?;
        if user.locked_until > at {
            return Err(Error::LockedOut { minutes: (user.locked_until - at + 59) / 60 });
        }
        if !is_password(password, &hash) {
            self.connection().execute(
                "UPDATE users SET locked_until = iif((failed + 1) % ?2 = 0, ?3, locked_until), failed = failed + 1 \
                 WHERE name = ?1",
                params![name, TRIES, at + LOCK_SECONDS],
            )?;
            return Err(Error::SignInFailed {});
        }
        let (token, csrf) = (secret::<32>()?, secret::<16>()?);
        let tx = self.write()?;
        tx.execute("UPDATE users SET failed = 0, locked_until = 0 WHERE name = ?1", [name])?;
        tx.execute(
            "DELETE FROM sessions WHERE seen_at < ?1 OR created_at < ?2",
            [at - IDLE_SECONDS, at - SESSION_SECONDS],
        )?;
        tx.execute(
            "INSERT INTO sessions (token, user, csrf, address, created_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
            params![digest(&token), name, csrf, address, at],
        )?;
        tx.commit()?;
        Ok((token, Session { user, csrf }))
    }

    /// The session of a browser, when it still holds; a look keeps it alive.
    pub fn session(&self, token: &str, now: Timestamp) -> Result<Option<Session>> {
        let (c, at) = (self.connection(), now.as_second());
        let found = c
            .prepare_cached(
                "SELECT u.*, s.csrf, s.seen_at AS seen FROM sessions s JOIN users u ON u.name = s.user \
                 WHERE s.token = ?1 AND s.seen_at >= ?2 AND s.created_at >= ?3 AND u.disabled_at IS NULL",
            )?
            .query_row(params![digest(token), at - IDLE_SECONDS, at - SESSION_SECONDS], |r| {
                Ok((User::read(r)?, r.get::<_, String>("csrf")?, r.get::<_, i64>("seen")?))
            })
            .optional()?;
        let Some((user, csrf, seen)) = found else { return Ok(None) };
        // a minute more or less does not matter; a write for every look would
        if at - seen >= 60 {
            c.execute("UPDATE sessions SET seen_at = ?2 WHERE token = ?1", params![digest(token), at])?;
        }
        Ok(Some(Session { user: with_role(user)?, csrf }))
    }

    pub fn sign_out(&self, token: &str) -> Result<()> {
        self.connection().execute("DELETE FROM sessions WHERE token = ?1", [digest(token)])?;
        Ok(())
    }

    /// A token for a program of this user: shown once.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a label in use.
    pub fn add_token(&self, user: &str, label: &str, now: Timestamp) -> Result<String> {
        if !(1..=40).contains(&label.chars().count()) {
            return Err(Error::BadInput {
                field: "トークンの名前".into(), why: "1〜40 字で付けてください".into()
            });
        }
        let token = format!("tenken_{}", secret::<32>()?);
        let added = self.connection().execute(
            "INSERT OR IGNORE INTO tokens (token, user, label, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![digest(&token), user, label, now.to_string(), now.as_second() + TOKEN_DAYS * 86_400],
        )?;
        if added == 0 {
            return Err(Error::BadInput {
                field: "トークンの名前".into(), why: format!("「{label}」はもうあります")
            });
        }
        Ok(token)
    }

    /// Label, moment of making, end (seconds since 1970) of a user's tokens.
    pub fn tokens(&self, user: &str) -> Result<Vec<(String, String, i64)>> {
        let mut all = self
            .connection()
            .prepare("SELECT label, created_at, expires_at FROM tokens WHERE user = ?1 ORDER BY label")?;
        let rows = all.query_map([user], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub fn remove_token(&self, user: &str, label: &str) -> Result<()> {
        self.connection().execute("DELETE FROM tokens WHERE user = ?1 AND label = ?2", [user, label])?;
        Ok(())
    }

    /// Whose token it is, while it holds.
    pub fn token_user(&self, token: &str, now: Timestamp) -> Result<Option<User>> {
        let found = self
            .connection()
            .prepare_cached(
                "SELECT u.* FROM tokens t JOIN users u ON u.name = t.user \
                 WHERE t.token = ?1 AND t.expires_at > ?2 AND u.disabled_at IS NULL",
            )?
            .query_row(params![digest(token), now.as_second()], User::read)
            .optional()?;
        found.map(with_role).transpose()
    }
}

fn not_the_last(c: &Connection, name: &str) -> Result<()> {
    let mut others = c.prepare("SELECT role FROM users WHERE disabled_at IS NULL AND name <> ?1")?;
    let roles: Vec<String> = others.query_map([name], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
    if roles.iter().any(|r| Function::People.allows(r)) {
        return Ok(());
    }
    Err(Error::LastManager { name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "さくら並木を歩く2026";

    fn place() -> (tempfile::TempDir, Database) {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::of_store(dir.path()).unwrap();
        (dir, database)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    #[test]
    fn the_first_user_manages_and_the_last_manager_stays() {
        let (_dir, mut d) = place();
        assert!(matches!(d.add_user("佐藤", "点検", &[], PASSWORD, "x", false), Err(Error::FirstMustManage {})));
        d.add_user("管理者", "管理", &[], PASSWORD, "x", false).unwrap();
        d.add_user("佐藤", "点検", &["138941".into()], PASSWORD, "管理者", true).unwrap();
        assert!(matches!(d.add_user("佐藤", "点検", &[], PASSWORD, "x", false), Err(Error::UserKnown { .. })));
        assert!(matches!(d.disable_user("管理者"), Err(Error::LastManager { .. })));
        assert!(matches!(d.change_user("管理者", "点検", &[]), Err(Error::LastManager { .. })));
        d.change_user("佐藤", "管理", &[]).unwrap();
        d.disable_user("管理者").unwrap();
        assert!(matches!(d.sign_in("管理者", PASSWORD, "a", at(0)), Err(Error::SignInFailed {})));
        assert!(d.user("佐藤").unwrap().sees("138941"));
    }

    #[test]
    fn passwords_that_are_refused() {
        for (name, password, ok) in [
            ("佐藤", "短い", false),
            ("sato", "xSATOx-9183-kq", false),
            ("佐藤", "password123456", false),
            ("佐藤", "aaaaaaaaaaaaaaaa", false),
            ("佐藤", &"長".repeat(129), false),
            ("佐藤", "駅前の時計台が7時を打つ", true),
        ] {
            assert_eq!(check_password(name, password).is_ok(), ok, "{password}");
        }
        for name in ["", "a b", "a,b", "a/b", &"あ".repeat(33)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn five_tries_lock_the_account_for_a_while_and_a_reset_ends_everything() {
        let (_dir, mut d) = place();
        d.add_user("管理者", "管理", &[], PASSWORD, "x", false).unwrap();
        let (token, session) = d.sign_in("管理者", PASSWORD, "a", at(0)).unwrap();
        assert_eq!(d.session(&token, at(1)).unwrap().unwrap(), session);
        for n in 0..TRIES {
            assert!(matches!(d.sign_in("管理者", "違う言葉です", "a", at(n)), Err(Error::SignInFailed {})));
        }
        assert!(matches!(d.sign_in("管理者", PASSWORD, "a", at(60)), Err(Error::LockedOut { .. })));
        assert!(d.sign_in("管理者", PASSWORD, "a", at(LOCK_SECONDS + 60)).is_ok());
        let program = d.add_token("管理者", "月次", at(0)).unwrap();
        assert!(d.token_user(&program, at(1)).unwrap().is_some());
        d.set_password("管理者", "駅前の時計台が7時を打つ", true).unwrap();
        assert!(d.session(&token, at(1)).unwrap().is_none());
        assert!(d.token_user(&program, at(1)).unwrap().is_none());
        assert!(d.user("管理者").unwrap().must_change);
        let wrong = d.change_password("管理者", PASSWORD, "別の長い言葉をひとつ");
        assert!(matches!(wrong, Err(Error::SignInFailed {})));
        let same = d.change_password("管理者", "駅前の時計台が7時を打つ", "駅前の時計台が7時を打つ");
        assert!(matches!(same, Err(Error::WeakPassword { .. })));
        d.change_password("管理者", "駅前の時計台が7時を打つ", "別の長い言葉をひとつ").unwrap();
        assert!(!d.user("管理者").unwrap().must_change);
    }

    #[test]
    fn a_session_ends_when_nobody_uses_it_and_after_a_day_of_work() {
        let (_dir, mut d) = place();
        d.add_user("管理者", "管理", &[], PASSWORD, "x", false).unwrap();
        let (token, _) = d.sign_in("管理者", PASSWORD, "a", at(0)).unwrap();
        let mut second = 0;
        while second + 1_700 < SESSION_SECONDS {
            second += 1_700;
            assert!(d.session(&token, at(second)).unwrap().is_some(), "{second}");
        }
        assert!(d.session(&token, at(SESSION_SECONDS + 1)).unwrap().is_none());
        let (token, _) = d.sign_in("管理者", PASSWORD, "a", at(0)).unwrap();
        assert!(d.session(&token, at(IDLE_SECONDS + 1)).unwrap().is_none());
        d.sign_out(&token).unwrap();
        assert!(d.session(&token, at(1)).unwrap().is_none());
        assert!(d.session("なにか", at(1)).unwrap().is_none());
        let token = d.add_token("管理者", "x", at(0)).unwrap();
        assert!(d.add_token("管理者", "x", at(0)).is_err());
        assert!(d.token_user(&token, at(TOKEN_DAYS * 86_400 + 1)).unwrap().is_none());
    }
}
