//! 一括計算 of a 審査月: every household and 診療月 that its claims, decisions and corrections touch, from the current state
//! of every claim (high-cost.md 9.1).
//!
//! Claims come in once and lie in memory in a compact form; households are worked out side by side, each month after
//! month, because a month's benefit decides the 多数回 of those that follow.

pub mod aggregate;
pub mod annual;
pub(crate) mod collect;
mod units;

pub use units::{UNKNOWN_70_PLUS, UNKNOWN_UNDER_70, by_change};

use std::collections::BTreeMap;

use anyhow::Result;
use rayon::prelude::*;
use serde_json::json;
use tenken_benefit::Law;
use tenken_matcher::registry::OwnerRegistry;
use tenken_parser::Month;
use tenken_store::{
    Store, WriteLock,
    benefit::BenefitPiece,
    runs::{RunKind, RunRow},
};

use crate::{
    commands::law_of,
    config::{BenefitConfig, Config},
    matching::register_of,
    platform,
};

/// What a run was done with and came to.
#[derive(Debug)]
pub struct Done {
    pub run: RunRow,
    pub numbers: Numbers,
    /// no ledger file was ever loaded
    pub without_ledger: bool,
    /// of the eleven months before, those with claims that no run has worked out
    pub not_run: Vec<String>,
}

/// Counts of a run.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// household months worked out
    pub worked_out: u64,
    /// versions written, by kind of change
    pub changes: BTreeMap<&'static str, u64>,
    /// household months whose result is as it was
    pub unchanged: u64,
    /// sums of the versions written, 円
    pub benefit_yen: i64,
    pub in_kind_yen: i64,
    pub cash_yen: i64,
    /// stand on limits that nobody confirmed
    pub needs_decision: u64,
    /// could not be worked out, by reason
    pub failed: BTreeMap<String, u64>,
    /// claims of the month whose person or household is not known
    pub unidentified: u64,
    /// 公費単独 and subordinate claims
    pub not_insured: u64,
    /// claims of the month that were worked with
    pub claims: u64,
    /// groups of dispensing without their prescriber
    pub no_prescriber: u64,
    /// the window took off more than the benefit
    pub overpaid: u64,
    /// no income category in the register
    pub no_category: u64,
}

impl Numbers {
    fn add(&mut self, other: &Self) {
        self.worked_out += other.worked_out;
        self.unchanged += other.unchanged;
        self.benefit_yen += other.benefit_yen;
        self.in_kind_yen += other.in_kind_yen;
        self.cash_yen += other.cash_yen;
        self.needs_decision += other.needs_decision;
        self.no_prescriber += other.no_prescriber;
        self.overpaid += other.overpaid;
        self.no_category += other.no_category;
        for (change, n) in &other.changes {
            *self.changes.entry(change).or_default() += n;
        }
        for (why, n) in &other.failed {
            *self.failed.entry(why.clone()).or_default() += n;
        }
    }

    /// Something needs a person.
    pub fn needs_look(&self) -> bool {
        self.needs_decision > 0 || !self.failed.is_empty()
    }
}

/// Everything that a run looks up.
pub(crate) struct Basis {
    pub law: Law,
    pub config: BenefitConfig,
    /// by owner number
    pub registers: Vec<OwnerRegistry>,
    pub registry_runs: Vec<String>,
    pub month: Month,
}

impl Basis {
    pub fn of_store(store: &Store, month: Month) -> Result<Self> {
        let config = Config::of_store(store.root())?.benefit;
        let (mut registers, mut registry_runs) = (Vec::new(), Vec::new());
        for owner in store.owners()? {
            registers.push(register_of(store, &owner)?);
            registry_runs.push(owner.run.run_id);
        }
        Ok(Self { law: law_of(&config)?, config, registers, registry_runs, month })
    }
}

/// Households in one piece of what is written.
const PIECE: usize = 10_000;

/// Runs the batch of a month. Nothing of it is visible before all of it is.
pub fn run(store: &Store, lock: &WriteLock, month: Month, insurer: Option<&str>) -> Result<Done> {
    let owners: Vec<String> = store.owners()?.into_iter().map(|o| o.owner).collect();
    // registers are read while the claims are
    let (basis, collected) =
        rayon::join(|| Basis::of_store(store, month), || collect::collect(store, month, &owners, insurer));
    let (basis, collected) = (basis?, collected?);
    let mut run = RunRow::new(store.new_run_id()?, RunKind::Benefit);
    run.user = platform::user_name();
    run.owner = insurer.map(str::to_owned);
    run.exam_month_from = Some(month.to_string());
    run.exam_month_to = Some(month.to_string());
    run.inputs = json!({
        "imports": collected.imports,
        "registers": basis.registry_runs,
        "ledgers": collected.ledgers,
        "limits": basis.config.limits.as_ref().map(|p| p.display().to_string()),
        "accept_limits": basis.config.accept_limits,
        "accepted_by": basis.config.accepted_by,
        "accepted_on": basis.config.accepted_on,
    });
    let mut writer = store.benefit_writer(lock, run)?;
    let mut numbers = Numbers {
        unidentified: collected.unidentified,
        not_insured: collected.not_insured,
        claims: collected.claims,
        ..Numbers::default()
    };
    let chains = collected.chains();
    // as many pieces side by side as there are threads: what is in memory does not grow with the month
    for pieces in chains.chunks(PIECE * rayon::current_num_threads()) {
        let work = |piece: &[collect::Chain]| {
            let (results, groups, of) = units::work_out(&basis, &collected, piece);
            let piece = if results.is_empty() { None } else { Some(BenefitPiece::of(&results, &groups)?) };
            Ok::<_, anyhow::Error>((piece, of))
        };
        let made: Vec<Result<(Option<BenefitPiece>, Numbers)>> = pieces.par_chunks(PIECE).map(work).collect();
        for piece in made {
            let (piece, of) = piece?;
            numbers.add(&of);
            if let Some(piece) = piece {
                writer.write(&piece)?;
            }
        }
    }
    writer.run_mut().counts = json!({
        "worked_out": numbers.worked_out,
        "changes": numbers.changes,
        "unchanged": numbers.unchanged,
        "benefit_yen": numbers.benefit_yen,
        "in_kind_yen": numbers.in_kind_yen,
        "cash_yen": numbers.cash_yen,
        "needs_decision": numbers.needs_decision,
        "failed": numbers.failed,
        "claims": numbers.claims,
        "unidentified": numbers.unidentified,
        "no_prescriber": numbers.no_prescriber,
        "overpaid": numbers.overpaid,
        "no_category": numbers.no_category,
    });
    let run = writer.commit()?;
    Ok(Done { run, numbers, without_ledger: collected.ledgers.is_empty(), not_run: collected.not_run })
}
