//! Fees of 調剤 and 訪問看護 by what they are for (`samples/data/*_fees.csv`).

use std::sync::LazyLock;

use crate::rng::Rng;

/// 点 (訪問看護: 円)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    role: &'static str,
    pub code: &'static str,
    pub amount: i64,
}

/// The fees of one kind of claim; those of one role stand together.
pub struct Fees(Vec<Fee>);

impl Fees {
    fn read(table: &'static str) -> Self {
        let read = |line: &'static str| {
            let mut cells = line.split(',');
            let mut cell = || cells.next().unwrap_or_default();
            Fee { role: cell(), code: cell(), amount: cell().parse().unwrap_or(0) }
        };
        Self(table.lines().skip(1).map(read).collect())
    }

    /// The fees of a role.
    pub fn of(&self, role: &str) -> &[Fee] {
        let from = self.0.iter().position(|f| f.role == role).unwrap_or(0);
        let count = self.0[from..].iter().take_while(|f| f.role == role).count();
        &self.0[from..from + count.max(1)]
    }

    pub fn pick(&self, role: &str, rng: &mut Rng) -> Fee {
        *rng.pick(self.of(role))
    }
}

/// 調剤.
pub static PHARMACY: LazyLock<Fees> = LazyLock::new(|| Fees::read(include_str!("../../data/pharmacy_fees.csv")));

/// 訪問看護.
pub static NURSING: LazyLock<Fees> = LazyLock::new(|| Fees::read(include_str!("../../data/nursing_fees.csv")));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles() {
        assert_eq!(PHARMACY.of("base").len(), 3);
        assert_eq!(NURSING.of("manage_next").len(), 1);
        for fees in [&*PHARMACY, &*NURSING] {
            assert!(fees.0.iter().all(|f| f.code.len() == 9 && f.amount > 0 && fees.of(f.role).contains(f)));
        }
    }
}
