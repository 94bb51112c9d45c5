//! The registers of a store, and whose a claim is (registry-files.md section 4).

use std::collections::HashMap;

use tenken_parser::Month;

use crate::{
    calendar::{self, Day, OPEN},
    identify::own_number,
    registry::OwnerRegistry,
    rules::LimitBasis,
    settings::Settings,
};

/// One insurer: register, parameters and switches.
pub struct Owner {
    pub registry: OwnerRegistry,
    pub settings: Settings,
}

/// Every insurer of a store.
#[derive(Default)]
pub struct Registers {
    owners: Vec<Owner>,
    /// own numbers, with the days between which they hold
    numbers: HashMap<String, (usize, Day, Day)>,
    default: Option<usize>,
    /// in force where there is no register
    pub settings: Settings,
    /// limits of 高額療養費 and the months that count
    pub limits: LimitBasis,
}

impl Registers {
    /// `default` names the owner of claims whose number is nobody's; with one owner it is that one.
    pub fn new(owners: Vec<Owner>, default: Option<&str>, settings: Settings) -> Self {
        let mut numbers = HashMap::new();
        for (at, owner) in owners.iter().enumerate() {
            for (no, from, to) in owner.registry.insurer_numbers() {
                numbers.insert(no, (at, from, to));
            }
            for no in owner.settings.numbers.iter().chain([&owner.registry.owner]) {
                numbers.insert(no.clone(), (at, Day::MIN, OPEN));
            }
            // a retired number is known as one's own, and E103 says the rest
            for (no, _) in &owner.settings.retired {
                numbers.insert(no.clone(), (at, Day::MIN, OPEN));
            }
        }
        let named = default.and_then(|d| owners.iter().position(|o| o.registry.owner == d));
        let default = named.or(if owners.len() == 1 { Some(0) } else { None });
        Self { owners, numbers, default, settings, limits: LimitBasis::default() }
    }

    /// The same with limits of one's own and the months that are known to count.
    pub fn with_limits(mut self, limits: LimitBasis) -> Self {
        self.limits = limits;
        self
    }

    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    pub fn owners(&self) -> &[Owner] {
        &self.owners
    }

    /// The owner of a claim, and whether the number is that owner's in the month (else E101).
    pub fn owner_of(&self, payer: Option<&str>, month: Month) -> (Option<&Owner>, bool) {
        let (first, last) = calendar::bounds(month);
        match payer.and_then(|p| self.numbers.get(own_number(p))) {
            Some((at, from, to)) if *from <= last && first < *to => (self.owners.get(*at), true),
            Some((at, ..)) => (self.owners.get(*at), false),
            None => (self.default.and_then(|at| self.owners.get(at)), false),
        }
    }

    pub fn find(&self, owner: &str) -> Option<&Owner> {
        self.owners.iter().find(|o| o.registry.owner == owner)
    }
}
