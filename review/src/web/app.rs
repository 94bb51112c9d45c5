//! What the application works with: the store, the desk, the registers, and what only the command knows.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use jiff::{Timestamp, civil::Date};
use serde_json::Value;
use tenken_matcher::registry::rows::Register;
use tenken_parser::masters::Masters;
use tenken_store::{
    Store,
    audit::{Look, Source},
};

use super::{http::Request, rate::Rate};
use crate::{
    database::Database,
    desk::Synced,
    error::{Error, Result},
    text::japan,
    timeline::PersonRecord,
};

/// Between two looks at the store for what other commands have done.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Tries to sign in from one address, and requests of one user.
const SIGN_INS: (u32, f64) = (100, 1.0);
const REQUESTS: (u32, f64) = (300, 60.0);

/// 種別 of an attribute.
const NO_NOTICE: &str = "通知除外";

/// Lines under a cell of a report: column names, and rows of texts.
#[derive(Debug, Default)]
pub struct CellLines {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    pub sum: i64,
    pub title: String,
}

/// What the command does for the pages: reports and other work that reads configuration.
pub trait Office: Send + Sync {
    /// Months of treatment that can be reported, newest first.
    ///
    /// # Errors
    /// What reading the store can meet.
    fn report_months(&self) -> anyhow::Result<Vec<String>>;

    /// The page of a month's reports, self-contained.
    ///
    /// # Errors
    /// A month without data; what reading the store can meet.
    fn report_page(&self, owner: &str, month: &str) -> anyhow::Result<String>;

    /// The lines under a cell of a form.
    ///
    /// # Errors
    /// As [`Office::report_page`].
    fn report_cell(
        &self,
        owner: &str,
        month: &str,
        form: &str,
        sheet: &str,
        row: &str,
        col: &str,
    ) -> anyhow::Result<CellLines>;

    /// The result of the batch (高額療養費) of a household and month of treatment, with its trace.
    ///
    /// # Errors
    /// What reading the store can meet.
    fn high_cost(&self, owner: &str, household_id: &str, service_month: &str) -> anyhow::Result<Option<Value>>;

    /// Name of a rule and its legal basis.
    fn rule(&self, rule: &str) -> Option<(String, String)>;
}

/// How the application is started.
pub struct Options {
    pub listen: SocketAddr,
    /// files of certificate chain and key, PEM
    pub tls: Option<(PathBuf, PathBuf)>,
}

/// Shared by all requests.
pub struct App {
    pub store: Store,
    pub office: Box<dyn Office>,
    pub secure: bool,
    databases: Mutex<Vec<Database>>,
    registers: RwLock<HashMap<String, Arc<Register>>>,
    /// owners with the run of their register
    owners: RwLock<Vec<(String, String)>>,
    masters: RwLock<Option<Arc<Masters>>>,
    pub(super) sign_ins: Rate,
    pub(super) requests: Rate,
}

impl App {
    /// # Errors
    /// [`Error::NoUserYet`]; what opening the store and its desk can meet.
    pub fn open(store: Store, office: Box<dyn Office>, secure: bool) -> Result<Self> {
        let database = Database::of_store(store.root())?;
        if !database.has_users()? {
            return Err(Error::NoUserYet {});
        }
        let app = Self {
            store,
            office,
            secure,
            databases: Mutex::new(vec![database]),
            registers: RwLock::default(),
            owners: RwLock::default(),
            masters: RwLock::default(),
            sign_ins: Rate::new(SIGN_INS.0, SIGN_INS.1),
            requests: Rate::new(REQUESTS.0, REQUESTS.1),
        };
        app.refresh()?;
        Ok(app)
    }

    /// Looks at the store: registers that were loaded, imports and re-checks that have come.
    ///
    /// # Errors
    /// What reading the store and writing the desk can meet.
    pub fn refresh(&self) -> Result<Synced> {
        let now: Vec<(String, String)> = self.store.owners()?.into_iter().map(|o| (o.owner, o.run.run_id)).collect();
        let mut owners = self.owners.write().unwrap_or_else(PoisonError::into_inner);
        if *owners != now {
            self.registers.write().unwrap_or_else(PoisonError::into_inner).clear();
            *owners = now;
        }
        drop(owners);
        self.with(|d| d.sync(&self.store))
    }

    /// Work on the desk with a connection of its own.
    ///
    /// # Errors
    /// Those of the work.
    pub fn with<T>(&self, work: impl FnOnce(&mut Database) -> Result<T>) -> Result<T> {
        let free = self.databases.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut database = match free {
            Some(database) => database,
            None => Database::of_store(self.store.root())?,
        };
        let done = work(&mut database);
        self.databases.lock().unwrap_or_else(PoisonError::into_inner).push(database);
        done
    }

    /// Every insurer that has a register.
    pub fn owners(&self) -> Vec<String> {
        let owners = self.owners.read().unwrap_or_else(PoisonError::into_inner);
        owners.iter().map(|o| o.0.clone()).collect()
    }

    /// The run of an owner's register: what was known when something was decided.
    pub fn registry_run(&self, owner: &str) -> String {
        let owners = self.owners.read().unwrap_or_else(PoisonError::into_inner);
        owners.iter().find(|o| o.0 == owner).map_or(String::new(), |o| o.1.clone())
    }

    /// An owner's register; read once after each load.
    ///
    /// # Errors
    /// What reading it can meet; `None` when there is none.
    pub fn register(&self, owner: &str) -> Result<Option<Arc<Register>>> {
        if self.registry_run(owner).is_empty() {
            return Ok(None);
        }
        if let Some(known) = self.registers.read().unwrap_or_else(PoisonError::into_inner).get(owner) {
            return Ok(Some(known.clone()));
        }
        // one reads, the others wait for it
        let mut registers = self.registers.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = registers.get(owner) {
            return Ok(Some(known.clone()));
        }
        let register = Arc::new(self.store.register(owner)?);
        registers.insert(owner.to_owned(), register.clone());
        Ok(Some(register))
    }

    /// The official masters of the store; read once.
    ///
    /// # Errors
    /// A master that was kept and cannot be read.
    pub fn masters(&self) -> Result<Arc<Masters>> {
        if let Some(known) = &*self.masters.read().unwrap_or_else(PoisonError::into_inner) {
            return Ok(known.clone());
        }
        let read = Arc::new(crate::masters::of_store(&self.store).map_err(|e| Error::Other(e.into()))?);
        *self.masters.write().unwrap_or_else(PoisonError::into_inner) = Some(read.clone());
        Ok(read)
    }

    /// Writes who did or saw what to the access log; nothing is shown before it is on the disk.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn log(&self, r: &Request, look: Look) -> Result<()> {
        let by = r.caller.as_ref().map(|c| c.user.name.clone());
        self.log_by(r, look, by)
    }

    pub(super) fn log_by(&self, r: &Request, look: Look, by: Option<String>) -> Result<()> {
        let source = if r.api { Source::Api } else { Source::Review };
        self.store.log_look(&look.by(by).source(source).from(&r.address))?;
        Ok(())
    }

    /// Japan's day.
    pub fn today(&self) -> Date {
        japan(Timestamp::now()).date()
    }

    /// Whether a person may not be written to without a named role's word (通知除外 of the person or its household).
    ///
    /// # Errors
    /// What reading the register can meet.
    pub fn no_notice(&self, owner: &str, person_id: &str) -> Result<bool> {
        let Some(register) = self.register(owner)? else { return Ok(false) };
        let record = PersonRecord::find(&register, person_id);
        Ok(record.is_some_and(|r| r.person.no_notice || r.attributes.iter().any(|a| a.kind == NO_NOTICE)))
    }
}

/// What went wrong, for the log of the program: never with data of a person.
pub(super) fn say(e: &Error) {
    eprintln!("tenken serve: {e}");
}
