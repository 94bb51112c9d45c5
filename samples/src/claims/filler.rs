//! Puts units into a plan until the claim has the points and about the records that it should have.

use tenken_parser::{Decimal, Month};

use super::{
    amounts::Sharers,
    catalogue::{Catalogue, PLAIN, Part, Pool, RecordKind, Template},
    plan::{Plan, Role, Unit},
    spread::{self, first_day, some_days},
};
use crate::{order::Order, rng::Rng};

/// 点数 has seven digits.
pub const POINTS_MAX: i64 = 9_999_999;
/// Points of one unit of a large claim, so that its sum does not become one line.
const CHUNK: i64 = 9_000_000;

/// A plan that grows.
pub struct Filler<'f, 't> {
    pub order: &'f Order<'t>,
    pub rng: &'f mut Rng,
    pub plan: Plan<'t>,
    catalogue: &'static Catalogue,
    /// 点 that are still to be charged
    pub rest: i64,
    /// records of detail that are still wanted
    pub records: i64,
}

impl<'f, 't> Filler<'f, 't> {
    pub fn new(order: &'f Order<'t>, rng: &'f mut Rng, catalogue: &'static Catalogue, records: i64) -> Self {
        let mut plan = Plan::default();
        plan.parts.reserve(records.clamp(8, 4096) as usize);
        plan.units.reserve(records.clamp(8, 4096) as usize / 2);
        let mut filler = Self { order, rng, plan, catalogue, rest: order.target, records };
        filler.ordered();
        filler
    }

    /// The items that the order asks for, each once on the first day.
    fn ordered(&mut self) {
        let order = self.order;
        for item in order.items {
            let part =
                Part { record: RecordKind::of_code(item.code), code: item.code, quantity: Decimal(0), detail: &PLAIN };
            self.plan.parts.push(part);
            self.push(item.category, 1, item.points, first_day(order.days), 1);
            if let Some(unit) = self.plan.units.last_mut() {
                unit.fixed = true;
            }
        }
    }

    /// A unit of the parts pushed last.
    fn push(&mut self, category: &'t str, count: usize, points: i64, days: u32, per_day: u32) {
        let sharers = Sharers::draw(self.order, self.rng);
        let unit = Unit {
            category,
            first: self.plan.parts.len() - count,
            count,
            points,
            days,
            per_day,
            sharers,
            role: Role::Charge,
            fixed: false,
            line: 0,
        };
        self.rest -= unit.amount();
        self.records -= count as i64;
        self.plan.units.push(unit);
    }

    fn add(&mut self, template: &Template, points: i64, days: u32, per_day: u32) {
        self.plan.parts.extend_from_slice(&template.parts);
        self.push(template.category, template.parts.len(), points, days, per_day);
    }

    pub fn pick(&mut self, pool: Pool) -> Option<&'static Template> {
        let list = self.catalogue.pool(pool);
        (!list.is_empty()).then(|| self.rng.pick(list))
    }

    /// A unit of the pool as the table has it, if the claim can bear it.
    pub fn charge(&mut self, pool: Pool, days: u32, per_day: u32) -> bool {
        let Some(t) = self.pick(pool) else { return false };
        let fits = self.bears(t.points * times_of(days) * i64::from(per_day), t.parts.len());
        if fits {
            self.add(t, t.points, days, per_day);
        }
        fits
    }

    /// Whether a unit of so many records can be charged: where many records are wanted for few points, only
    /// cheap ones.
    fn bears(&self, amount: i64, records: usize) -> bool {
        const DEARER: i64 = 7;
        let share = self.rest * DEARER * records as i64 / self.records.max(1);
        amount <= self.rest.min(share)
    }

    /// A unit of the pool, with fewer points where the claim cannot bear those of the table.
    pub fn at_most(&mut self, pool: Pool, days: u32, share: i64) {
        let Some(t) = self.pick(pool) else { return };
        self.exactly_of(t, days, t.points.min(self.rest * share / 100 / times_of(days)));
    }

    /// A unit of the pool with these points each time, if any.
    pub fn exactly(&mut self, pool: Pool, days: u32, points: i64) {
        if let Some(t) = self.pick(pool) {
            self.exactly_of(t, days, points);
        }
    }

    fn exactly_of(&mut self, t: &Template, days: u32, points: i64) {
        if points > 0 && days != 0 {
            self.add(t, points.min(POINTS_MAX), days, 1);
        }
    }

    /// The fee of the visits: every day has one, whatever the claim comes to.
    pub fn visit(&mut self, pool: Pool, days: u32) {
        let Some(t) = self.pick(pool) else { return };
        if days != 0 {
            let points = t.points.min(self.rest / times_of(days)).max(1);
            self.add(t, points, days, 1);
        }
    }

    /// Several rows of a pool in one unit.
    pub fn together(&mut self, pool: Pool, count: i64, points: i64, days: u32, per_day: u32) -> bool {
        let list = self.catalogue.pool(pool);
        if list.is_empty() || days == 0 || per_day == 0 {
            return false;
        }
        let count = count.clamp(1, list.len() as i64) as usize;
        let start = self.rng.between(0, list.len() as i64 - 1) as usize;
        let before = self.plan.parts.len();
        let rows = list.iter().cycle().skip(start).take(count);
        self.plan.parts.extend(rows.flat_map(|t| t.parts.iter().copied()));
        let count = self.plan.parts.len() - before;
        self.push(list[start].category, count, points, days, per_day);
        true
    }

    /// まるめ検査: five and more tests have one price (医科点数表 D007).
    pub fn chemistry(&mut self, days: u32) -> bool {
        let count = self.rng.between(4, 14).min(self.records.max(3));
        let points = match count {
            ..=4 => 17 * count,
            5..=7 => 93,
            8..=9 => 99,
            _ => 103,
        };
        let fits = self.bears(points * times_of(days), count as usize);
        if fits {
            self.together(Pool::Chem, count, points, days, 1);
        }
        fits
    }

    /// Drugs for some days, given out on one of them.
    pub fn drugs(&mut self, days: u32) -> bool {
        const SUPPLY: [u32; 6] = [3, 5, 7, 14, 28, 30];
        let supply = *self.rng.pick(&SUPPLY);
        let points = self.rng.between(2, 24);
        let count = self.rng.between(1, 4);
        let fits = self.bears(points * i64::from(supply), count as usize);
        if fits {
            let on = some_days(self.rng, days, 1);
            self.together(Pool::Drug, count, points, on, supply);
        }
        fits
    }

    /// A drip on some days.
    pub fn drip(&mut self, days: u32, most: i64) -> bool {
        let times = self.rng.between(1, i64::from(days.count_ones()).min(most));
        let points = self.rng.between(20, 180);
        let count = self.rng.between(1, 4);
        let fits = self.bears(points * times, count as usize);
        if fits {
            let on = some_days(self.rng, days, times as u32);
            self.together(Pool::Inject, count, points, on, 1);
        }
        fits
    }

    /// Material bought for one day, with a price of its own.
    fn material(&mut self, days: u32) -> bool {
        let points = self.rng.between(30, 900);
        let fits = self.bears(points, 1);
        if fits {
            let on = some_days(self.rng, days, 1);
            self.together(Pool::Material, 1, points, on, 1);
        }
        fits
    }

    /// Draws units by the weights of a mix until the claim has enough records or no more points.
    pub fn fill(&mut self, mix: &[(Pool, i64)], keep: i64) {
        const MISSES_MAX: u32 = 24;
        let whole: i64 = mix.iter().map(|(_, w)| w).sum();
        let reserve = self.rest * keep / 100;
        self.rest -= reserve;
        let mut misses = 0;
        while self.records > 0 && misses < MISSES_MAX && whole > 0 {
            let mut draw = self.rng.between(0, whole - 1);
            let pool = mix
                .iter()
                .find(|(_, w)| {
                    draw -= w;
                    draw < 0
                })
                .map_or(Pool::Test, |(p, _)| *p);
            let all = self.order.days;
            let many = if self.order.inpatient { 8 } else { 2 };
            let done = match pool {
                Pool::Chem => {
                    let on = self.on_days(all, 2);
                    self.chemistry(on)
                }
                Pool::Drug => self.drugs(all),
                Pool::Inject => self.drip(all, many),
                Pool::Material => self.material(all),
                Pool::Rehab | Pool::Treat | Pool::Act => {
                    let on = self.on_days(all, many);
                    self.charge(pool, on, 1)
                }
                _ => {
                    let on = self.on_days(all, 1);
                    self.charge(pool, on, 1)
                }
            };
            misses = if done { 0 } else { misses + 1 };
        }
        self.rest += reserve;
    }

    fn on_days(&mut self, all: u32, most: i64) -> u32 {
        let count = self.rng.between(1, most.min(i64::from(all.count_ones())).max(1));
        some_days(self.rng, all, count as u32)
    }

    /// Drugs for some weeks whose points are free, as long as much is left.
    pub fn supplies(&mut self, pieces: i64) {
        const SUPPLY: [u32; 4] = [7, 14, 28, 30];
        for _ in 0..pieces {
            let supply = *self.rng.pick(&SUPPLY);
            let points = self.rest * self.rng.between(20, 70) / 100 / i64::from(supply);
            if points < 1 {
                break;
            }
            let count = self.rng.between(1, 4).min(self.records.max(1));
            let on = some_days(self.rng, self.order.days, 1);
            self.together(Pool::Drug, count, points.min(CHUNK / 100), on, supply);
        }
    }

    /// Charges everything that is left with units whose points are free, the last of them to the point.
    pub fn settle(&mut self, pool: Pool, pieces: i64) {
        let days = self.order.days;
        for _ in 1..pieces {
            let times = self.rng.between(1, i64::from(days.count_ones()).min(7));
            let points = (self.rest * self.rng.between(15, 60) / 100 / times).min(CHUNK);
            if points < 2 {
                break;
            }
            let count = self.rng.between(1, 3).min(self.records.max(1));
            let on = some_days(self.rng, days, times as u32);
            self.together(pool, count, points, on, 1);
        }
        while self.rest > 0 {
            let on = some_days(self.rng, days, 1);
            if !self.together(pool, 1, self.rest.min(CHUNK), on, 1) {
                break;
            }
        }
    }

    /// 食事療養 of a stay, two meals on the first day and one on the last.
    pub fn meals(&mut self, service_month: Month) {
        const MEAL_YEN: i64 = 690;
        const BURDEN_YEN: i64 = 510;
        let all = self.order.days;
        let admitted_now = self.order.admission.is_some_and(|d| d.year_month() == service_month);
        let (mut two, mut one) = (0, 0);
        if admitted_now {
            two = first_day(all);
            one = spread::last_day(all) & !two;
        }
        let sharers = Sharers::draw(self.order, self.rng);
        for (code, yen, burden) in [("197000110", MEAL_YEN, false), ("197000810", BURDEN_YEN, true)] {
            for (per_day, days) in [(2, two), (3, all & !two & !one), (1, one)] {
                if days == 0 {
                    continue;
                }
                let quantity = Decimal::from_int(per_day);
                self.plan.parts.push(Part { record: RecordKind::Si, code, quantity, detail: &PLAIN });
                self.plan.units.push(Unit {
                    category: "97",
                    first: self.plan.parts.len() - 1,
                    count: 1,
                    points: yen * per_day,
                    days,
                    per_day: 1,
                    sharers,
                    role: if burden { Role::StandardBurden } else { Role::Meals(per_day) },
                    fixed: true,
                    line: 0,
                });
            }
        }
    }
}

fn times_of(days: u32) -> i64 {
    i64::from(days.count_ones()).max(1)
}
