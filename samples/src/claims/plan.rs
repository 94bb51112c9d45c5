//! The charged units of one claim before they are written (算定単位, uke-medical-dpc.md 1.5).

use super::{
    amounts::{Sharers, Sums},
    catalogue::Part,
};

/// What the points of a unit are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// 点
    Charge,
    /// 食事療養 円, with so many meals a day
    Meals(i64),
    /// 標準負担額 円
    StandardBurden,
}

/// Records that are charged together.
#[derive(Clone, Copy, Debug)]
pub struct Unit<'t> {
    /// 診療識別
    pub category: &'t str,
    /// place of its parts in the plan
    pub first: usize,
    pub count: usize,
    pub points: i64,
    pub days: u32,
    /// 回 on each day
    pub per_day: u32,
    pub sharers: Sharers,
    pub role: Role,
    /// ordered: never taken away by the review body
    pub fixed: bool,
    /// 行番号 of its first record, once written
    pub line: u32,
}

impl Unit<'_> {
    pub fn times(&self) -> i64 {
        i64::from(self.days.count_ones()) * i64::from(self.per_day)
    }

    /// 点数 × 回数
    pub fn amount(&self) -> i64 {
        self.points * self.times()
    }
}

/// All units of a claim.
#[derive(Debug, Default)]
pub struct Plan<'t> {
    pub units: Vec<Unit<'t>>,
    pub parts: Vec<Part<'t>>,
}

impl<'t> Plan<'t> {
    pub fn parts_of(&self, unit: &Unit<'t>) -> &[Part<'t>] {
        self.parts.get(unit.first..unit.first + unit.count).unwrap_or_default()
    }

    /// In order of 診療識別, otherwise as they came.
    pub fn sort(&mut self) {
        self.units.sort_by(|a, b| a.category.cmp(b.category));
    }

    pub fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for unit in &self.units {
            match unit.role {
                Role::Charge => sums.add(unit.sharers, unit.amount(), unit.days),
                Role::Meals(per_day) => {
                    unit.sharers.add(&mut sums.meal_yen, unit.amount());
                    unit.sharers.add(&mut sums.meals, per_day * unit.times());
                }
                Role::StandardBurden => {}
            }
        }
        sums
    }
}
