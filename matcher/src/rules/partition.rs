//! The days of service, each with what it meets in the register.

use crate::{
    calendar::{self, Day},
    coverage::{Coverage, DayState, date_end, scheme_of},
    facts::ClaimFacts,
    finding::BadDay,
    registry::{PersonView, compact::ALWAYS, rows::Scheme},
    settings::Settings,
};

/// Partition of the days of service (of all days of the month where none is known).
pub struct Partition<'r> {
    pub coverage: Coverage<'r>,
    /// bit 0 = day 1; covered and in application
    pub ok: u32,
    pub bad: u32,
    /// not covered
    pub lost: u32,
    /// covered, in application elsewhere
    pub elsewhere: u32,
    /// 国保 billed after the change to 後期 (E213)
    pub kouki: u32,
    /// covered but outside every row
    pub gap: u32,
    /// bad days with their state
    pub states: Vec<(Day, DayState<'r>)>,
    /// the days are not exact and the qualification changes inside the month: nothing can be said
    pub undecided: bool,
}

impl<'r> Partition<'r> {
    pub fn of(c: &ClaimFacts<'_>, person: PersonView<'r>, settings: &Settings) -> Self {
        let coverage =
            Coverage { person, scheme: scheme_of(c), app_end_inclusive: settings.parameters.app_end_inclusive };
        let all = c.days_or_month();
        let mut p = Self {
            coverage,
            ok: 0,
            bad: 0,
            lost: 0,
            elsewhere: 0,
            kouki: 0,
            gap: 0,
            states: Vec::new(),
            undecided: false,
        };
        let kouki_from =
            if c.scheme() == 3 { Day::MAX } else { person.birth().map_or(Day::MAX, calendar::kouki_start) };
        let kouki_span = |d: Day| {
            c.scheme() != 3 && person.spans().iter().any(|s| s.scheme == Scheme::Kouki && s.acquired <= d && d < s.lost)
        };
        let (first, last) = c.span();
        let has_kouki = c.scheme() != 3 && person.spans().iter().any(|s| s.scheme == Scheme::Kouki);
        // nearly all: one row and its span cover every day of service
        if last < kouki_from
            && !has_kouki
            && let Some(row) = coverage.row_at(first)
            && last < row.end
            && let Some(span) = coverage.span_at(first)
            && last < span.lost
            && coverage.span_at(last).is_some()
        {
            p.ok = all;
            p.undecided = !c.exact && coverage.has_break(c.month);
            return p;
        }
        for d in calendar::days_of(all, c.month) {
            let bit = 1u32 << (c.day_no(d) - 1);
            let mut state = coverage.state(d);
            let by_law = d >= kouki_from;
            if by_law || kouki_span(d) {
                let span = person.spans().iter().find(|s| s.scheme == Scheme::Kouki && s.acquired <= d && d < s.lost);
                let known = if by_law { ALWAYS } else { span.map_or(ALWAYS, |s| s.acquired_known) };
                state = DayState::Lost { rule: "E213", span, known };
            }
            if c.scheme() == 3
                && let DayState::Lost { rule: "E213", span, known } = state
            {
                state = DayState::Lost { rule: "E201", span, known };
            }
            match state {
                DayState::Ok => p.ok |= bit,
                DayState::Lost { rule: "E213", .. } => p.kouki |= bit,
                DayState::Lost { .. } => p.lost |= bit,
                DayState::Elsewhere { .. } => p.elsewhere |= bit,
                DayState::Gap { .. } => p.gap |= bit,
            }
            if !state.is_ok() {
                p.bad |= bit;
                p.states.push((d, state));
            }
        }
        p.undecided = !c.exact && coverage.has_break(c.month);
        p
    }

    /// Bad days with the rules that say why.
    pub fn causes(&self, c: &ClaimFacts<'_>) -> Vec<BadDay> {
        if c.days == 0 {
            return Vec::new();
        }
        self.states.iter().map(|(d, s)| BadDay { day: c.day_no(*d), rule: s.rule() }).collect()
    }

    pub fn first_of(&self, rule: &str) -> Option<(Day, DayState<'r>)> {
        self.states.iter().copied().find(|(_, s)| s.rule() == rule)
    }

    /// Whether what decides a day was registered after the last day of service.
    pub fn is_retro(&self, state: DayState<'_>, c: &ClaimFacts<'_>) -> bool {
        state.known() != ALWAYS && state.known() > date_end(c.span().1)
    }
}
