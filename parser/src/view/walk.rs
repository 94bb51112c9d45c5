//! One pass over the rows of a claim: everything that comes many times, and the sums that the arithmetic of
//! section 1.5 compares.

use super::{
    comment::Comment, diagnosis::Diagnosis, header::Common, line::Line, medical_lines, nursing_lines, pharmacy_lines,
};
use crate::{
    claim::{Claim, Kind, Row, View},
    codes::{self, MealRole},
    field::{FieldError, FieldRef, FieldType},
    layout::{common, dpc},
    problem::{Problem, ProblemCode},
    record::{Cut, DayCells},
};

/// Takes what a claim holds many times. The order is that of the claim.
pub trait Sink<'a> {
    fn line(&mut self, _: &Line<'a>) {}
    fn diagnosis(&mut self, _: &Diagnosis<'a>) {}
    fn comment(&mut self, _: &Comment<'a>) {}
}

/// A sink that takes nothing: for the sums alone.
pub struct Nothing;
impl Sink<'_> for Nothing {}

/// Sums of a claim. Index 0 = 医保, 1 … 4 = 公費.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// 点 (訪問看護: 円), 診療識別 97 left out
    pub points: [i64; 5],
    /// 調剤: the same when the points of KI are already multiplied by the times
    pub points_ki_flat: [i64; 5],
    /// 食事・生活療養 円, without 標準負担額
    pub meal_yen: [i64; 5],
    /// 回
    pub meal_count: [i64; 5],
    /// 標準負担額 円
    pub standard_burden_yen: [i64; 5],
    /// a 診療識別 97 code whose role is not known
    pub unknown_meal_code: bool,
    /// days with an item cell
    pub item_days: u32,
    /// the same on 入院料 and 食事 (診療識別 90, 92, 97)
    pub stay_days: u32,
    /// dates of CZ, ST, KI, KA, CD inside the service month
    pub dated_days: u32,
    /// JD of the main insurer: days with 1 or 2
    pub visit_days: u32,
    pub has_jd: bool,
    /// days with 1 in the JD of each payer
    pub counted_days: [Option<u32>; 5],
    /// a day outside the calendar month was written
    pub day_outside: bool,
    /// 調剤: days of prescription in the service month and in the month before
    pub prescribed_days: [u32; 2],
    /// 調剤: most days from prescription to dispensing
    pub longest_wait_days: i32,
    /// 分割調剤 (ST)
    pub split_dispensing: bool,
    /// some amount could not be read, or a record split the amounts (ST): the sums say nothing
    pub incomplete: bool,
    pub diagnoses: u32,
    pub lines: u32,
    pub comments: u32,
}

/// State of the pass.
pub(super) struct Pass<'c, 'a, S: Sink<'a>> {
    pub claim: &'c Claim<'a>,
    pub sink: &'c mut S,
    pub problems: &'c mut Vec<Problem>,
    pub totals: Totals,
    pub common: Common<'a>,
    pub unit_no: u32,
    pub in_unit: bool,
    pub category: Option<&'a str>,
    detail_class: Option<&'a str>,
    month_days: u32,
}

impl<'a, S: Sink<'a>> Pass<'_, 'a, S> {
    pub fn emit(&mut self, line: &Line<'a>) {
        self.totals.lines += 1;
        self.sink.line(line);
    }

    pub fn comment(&mut self, comment: &Comment<'a>) {
        self.totals.comments += 1;
        self.sink.comment(comment);
    }

    pub fn report(&mut self, code: ProblemCode, row: &Row<'a>, field: Option<&'static str>, detail: String) {
        self.problems.push(self.claim.problem_at(code, row, field, detail));
    }

    /// A typed field of a detail record; what cannot be read is reported and taken as absent.
    pub fn typed<T: FieldType, const N: usize>(
        &mut self,
        row: &Row<'a>,
        cut: &Cut<'a, N>,
        field: FieldRef<T>,
        name: &'static str,
    ) -> Option<T::Value<'a>> {
        match cut.get(field) {
            Ok(v) => v,
            Err(FieldError) => {
                self.report(ProblemCode::FieldUnreadable, row, Some(name), String::new());
                self.totals.incomplete |= matches!(name, "points" | "times" | "amount_yen");
                None
            }
        }
    }

    /// Day cells of a detail record, held against the calendar and against 回数.
    pub fn days(&mut self, row: &Row<'a>, bytes: &[u8], times: Option<i64>) -> Option<u32> {
        let cells = DayCells::read(bytes);
        if cells.broken {
            self.report(ProblemCode::FieldUnreadable, row, Some("day_1"), String::new());
        }
        if !cells.present {
            return None;
        }
        if cells.mask & !self.month_days != 0 {
            self.totals.day_outside = true;
            self.report(ProblemCode::DayOutsideMonth, row, Some("day_31"), String::new());
        }
        if !cells.broken
            && let Some(times) = times
            && times != i64::from(cells.total)
        {
            self.report(ProblemCode::TimesDiffer, row, Some("times"), format!("{times} ≠ {}", cells.total));
        }
        Some(cells.mask & self.month_days)
    }

    /// Adds an amount to every payer that shares the line.
    pub fn add(&mut self, burden_class: Option<&str>, points: i64) {
        let payers = codes::payers_of(burden_class.unwrap_or_default().as_bytes());
        for (i, sum) in self.totals.points.iter_mut().enumerate() {
            if payers >> i & 1 == 1 {
                *sum = sum.saturating_add(points);
            }
        }
    }

    /// The amount of a 診療識別 97 line, 円, and its number of meals.
    pub fn add_meal(&mut self, burden_class: Option<&str>, code: Option<&str>, yen: i64, meals: i64) {
        let payers = codes::payers_of(burden_class.unwrap_or_default().as_bytes());
        let role = code.and_then(codes::meal_role);
        self.totals.unknown_meal_code |= role.is_none();
        for i in (0..5).filter(|i| payers >> i & 1 == 1) {
            let (sum, count) = match role {
                Some(MealRole::StandardBurden) => (&mut self.totals.standard_burden_yen[i], 0),
                Some(MealRole::Basic) => (&mut self.totals.meal_yen[i], meals),
                _ => (&mut self.totals.meal_yen[i], 0),
            };
            *sum = sum.saturating_add(yen);
            self.totals.meal_count[i] = self.totals.meal_count[i].saturating_add(count);
        }
    }

    /// A dated service; `true` when the day lies in the service month.
    pub fn dated(&mut self, date: Option<crate::Date>) -> bool {
        match (date, self.common.service_month) {
            (Some(d), Some(m)) if d.year_month() == m => {
                self.totals.dated_days |= 1 << (d.day_of_month() - 1);
                true
            }
            (Some(_), Some(_)) => {
                self.totals.day_outside = true;
                false
            }
            _ => true,
        }
    }

    /// A prescription and its dispensing.
    pub fn prescribed(&mut self, prescribed: Option<crate::Date>, dispensed: Option<crate::Date>) {
        let (Some(prescribed), Some(month)) = (prescribed, self.common.service_month) else { return };
        for (days, month) in self.totals.prescribed_days.iter_mut().zip([month, month.plus(-1)]) {
            if prescribed.year_month() == month {
                *days |= 1 << (prescribed.day_of_month() - 1);
            }
        }
        if let Some(dispensed) = dispensed {
            let wait = dispensed.epoch_days() - prescribed.epoch_days();
            self.totals.longest_wait_days = self.totals.longest_wait_days.max(wait);
        }
    }

    fn diagnosis(&mut self, row: &Row<'a>) {
        let mut d = Diagnosis::read(self.claim.kind, row);
        if self.claim.kind == Kind::Dental {
            d.start_date = d.start_date.or(self.common.start_date);
            d.outcome = d.outcome.or(self.common.outcome);
        }
        self.totals.diagnoses += 1;
        self.sink.diagnosis(&d);
        if d.disease_name.is_some() {
            self.comment(&Comment::on(row, None, None, d.disease_name));
        }
        if d.comment_text.is_some() || d.comment_code.is_some() {
            self.comment(&Comment::on(row, None, d.comment_code, d.comment_text));
        }
    }

    fn visits(&mut self, row: &Row<'a>) {
        let payer: usize = match row.record.value(common::jd::PAYER_KIND) {
            Some(k) => match k.parse::<usize>() {
                Ok(n @ 1..=5) => n - 1,
                _ => return,
            },
            None => return,
        };
        let cut = row.record.cut::<2>();
        let (mut counted, mut visited) = (0u32, 0u32);
        let cells = DayCells::read_with(cut.rest, |day, class| {
            counted |= u32::from(class == 1) << (day - 1);
            visited |= u32::from(class == 1 || class == 2) << (day - 1);
        });
        if (cells.mask & !self.month_days) != 0 {
            self.totals.day_outside = true;
            self.report(ProblemCode::DayOutsideMonth, row, Some("day_31"), String::new());
        }
        self.totals.counted_days[payer] = Some(counted.count_ones());
        if payer == 0 && cells.present {
            self.totals.has_jd = true;
            self.totals.visit_days |= visited & self.month_days;
        }
    }
}

/// Walks over one state of a claim.
pub fn walk<'a, S: Sink<'a>>(claim: &Claim<'a>, view: View, sink: &mut S, problems: &mut Vec<Problem>) -> Totals {
    let common = claim.find(view, b"RE").map(|r| Common::read(claim.kind, r.record)).unwrap_or_default();
    walk_with(claim, view, common, sink, problems)
}

/// The same where RE of that state is read already.
pub fn walk_with<'a, S: Sink<'a>>(
    claim: &Claim<'a>,
    view: View,
    common: Common<'a>,
    sink: &mut S,
    problems: &mut Vec<Problem>,
) -> Totals {
    let month_days = common.service_month.map_or(u32::MAX >> 1, |m| u32::MAX >> (32 - u32::from(m.days())));
    let mut pass = Pass {
        claim,
        sink,
        problems,
        totals: Totals::default(),
        common,
        unit_no: 0,
        in_unit: false,
        category: None,
        detail_class: None,
        month_days,
    };
    let mut rx = pharmacy_lines::Prescription::default();
    for row in claim.view(view).filter(|r| r.readable) {
        match &row.id.0 {
            b"SI" | b"IY" | b"TO" | b"SS" => match claim.kind {
                Kind::Medical | Kind::Dpc => medical_lines::medical(&mut pass, row),
                Kind::Dental => medical_lines::dental(&mut pass, row),
                Kind::Pharmacy => rx.drug(&mut pass, row),
                Kind::Nursing => {}
            },
            b"CO" | b"TK" | b"TZ" => {
                let c = Comment::read(claim.kind, row, pass.category);
                pass.comment(&c);
            }
            b"SY" | b"SB" | b"HS" => pass.diagnosis(row),
            b"SJ" => {
                let c = Comment::read(claim.kind, row, pass.detail_class);
                pass.detail_class = c.category;
                pass.comment(&c);
            }
            b"JD" => pass.visits(row),
            b"SH" => rx.begin(&mut pass, row),
            b"CZ" => rx.dispense(&mut pass, row),
            b"KI" => {
                rx.finish(&mut pass);
                pharmacy_lines::fees(&mut pass, row);
            }
            b"ST" => pharmacy_lines::split(&mut pass, row),
            b"KA" => nursing_lines::visit(&mut pass, row),
            b"GT" => medical_lines::dpc_total(&mut pass, row),
            b"CD" => {
                let date = row.record.value(dpc::cd::PERFORMED_DATE);
                pass.dated(date);
            }
            // organ donors: another person's diagnoses and items, billed through the recipient's own lines
            b"TI" => break,
            _ => {}
        }
    }
    rx.finish(&mut pass);
    pass.totals
}
