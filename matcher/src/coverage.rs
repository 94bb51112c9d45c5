//! 資格 of a person on days: `cov`, `app`, `ok` of eligibility-rules.md 1.3, and why a day is not covered.

use tenken_parser::Month;

use crate::{
    calendar::{self, Day, OPEN},
    facts::ClaimFacts,
    registry::{
        AttributeKind, PersonView,
        compact::{ALWAYS, AttributeRow, Known, PeriodRow, Span},
        rows::{Moment, Scheme},
    },
};

/// What a day of service meets in the register.
#[derive(Clone, Copy, Debug)]
pub enum DayState<'r> {
    /// covered and in application
    Ok,
    /// not covered
    Lost {
        rule: &'static str,
        /// the span whose loss decides, or the next one for days before it
        span: Option<&'r Span>,
        /// when the decisive change was registered
        known: Known,
    },
    /// covered, but in application elsewhere (県内転出, 県内転入前)
    Elsewhere { rule: &'static str, row: &'r PeriodRow, known: Known },
    /// covered, but outside every row: the register contradicts itself
    Gap { span: &'r Span },
}

impl DayState<'_> {
    pub fn is_ok(self) -> bool {
        matches!(self, Self::Ok)
    }

    /// The rule that says why.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Ok => "",
            Self::Lost { rule, .. } | Self::Elsewhere { rule, .. } => rule,
            Self::Gap { .. } => "E217",
        }
    }

    pub fn known(self) -> Known {
        match self {
            Self::Lost { known, .. } | Self::Elsewhere { known, .. } => known,
            Self::Ok | Self::Gap { .. } => ALWAYS,
        }
    }
}

/// The qualification of one person under one scheme.
#[derive(Clone, Copy)]
pub struct Coverage<'r> {
    pub person: PersonView<'r>,
    pub scheme: Scheme,
    /// the day of 適用終了 itself still counts (parameter `app_end_inclusive`)
    pub app_end_inclusive: bool,
}

impl<'r> Coverage<'r> {
    fn spans(self) -> impl Iterator<Item = &'r Span> + Clone {
        self.person.spans().iter().filter(move |s| s.scheme == self.scheme)
    }

    /// The span that covers a day, death considered.
    pub fn span_at(self, day: Day) -> Option<&'r Span> {
        if self.person.death() != OPEN && day > self.person.death() {
            return None;
        }
        self.spans().find(|s| s.acquired <= day && day < s.lost)
    }

    fn in_application(self, row: &PeriodRow, day: Day) -> bool {
        let last = Day::from(self.app_end_inclusive && row.end != OPEN);
        row.start <= day && day < row.end.saturating_add(last)
    }

    pub fn row_at(self, day: Day) -> Option<&'r PeriodRow> {
        self.rows().find(|r| self.in_application(r, day))
    }

    fn rows(self) -> impl Iterator<Item = &'r PeriodRow> + Clone {
        self.person.periods().iter().filter(move |r| self.person.span_of(r).scheme == self.scheme)
    }

    /// The span with the greatest loss on or before a day.
    pub fn lost_before(self, day: Day) -> Option<&'r Span> {
        self.spans().filter(|s| s.lost <= day).max_by_key(|s| s.lost)
    }

    fn next_span(self, day: Day) -> Option<&'r Span> {
        self.spans().filter(|s| s.acquired > day && s.lost > s.acquired).min_by_key(|s| s.acquired)
    }

    /// マル学, マル遠, 住所地特例
    pub fn special_residence(self) -> impl Iterator<Item = &'r AttributeRow> + Clone {
        let registry = self.person.registry;
        self.person.attributes(AttributeKind::SpecialResidence).filter(move |a| registry.value(a) != "退職")
    }

    /// What a day meets. Who lives elsewhere under a special rule stays insured: having moved is no reason then.
    pub fn state(self, day: Day) -> DayState<'r> {
        let state = self.state_by_rows(day);
        let moved = matches!(state.rule(), "E208" | "E210");
        if moved && self.special_residence().any(|a| a.covers(day)) { DayState::Ok } else { state }
    }

    fn state_by_rows(self, day: Day) -> DayState<'r> {
        let Some(span) = self.span_at(day) else { return self.lost(day) };
        if self.row_at(day).is_some() {
            return DayState::Ok;
        }
        let of_span = || self.rows().filter(|r| self.person.span_of(r).acquired == span.acquired);
        let registry = self.person.registry;
        if let Some(last) = of_span().filter(|r| r.end <= day).max_by_key(|r| r.end) {
            if registry.end_reason(last) == "県内転出" {
                return DayState::Elsewhere { rule: "E208", row: last, known: last.end_known };
            }
            return DayState::Gap { span };
        }
        match of_span().min_by_key(|r| r.start) {
            Some(first) if day < first.start => {
                DayState::Elsewhere { rule: "E209", row: first, known: first.start_known }
            }
            _ => DayState::Gap { span },
        }
    }

    fn lost(self, day: Day) -> DayState<'r> {
        let lost = self.lost_before(day);
        if self.person.death() != OPEN && day > self.person.death() {
            // the span that death ended, for what was known when
            let span = self.spans().filter(|s| s.lost > self.person.death()).min_by_key(|s| s.lost).or(lost);
            return DayState::Lost { rule: "E214", span, known: span.map_or(ALWAYS, |s| s.lost_known) };
        }
        let next = self.next_span(day);
        let Some(span) = lost else {
            return DayState::Lost { rule: "E202", span: next, known: next.map_or(ALWAYS, |s| s.acquired_known) };
        };
        let rule = match self.person.registry.lost_reason(span) {
            "転出" | "国外転出" => "E210",
            "社保加入" => "E211",
            "生保開始" => "E212",
            // the day of death itself is covered by law: a loss dated on it is no death before the service
            "死亡" if self.person.death() == OPEN => "E214",
            "組合加入" => "E215",
            "後期加入" => "E213",
            _ if next.is_some() => "E203",
            _ => "E201",
        };
        let known = match (rule, next) {
            ("E203", Some(next)) => next.acquired_known,
            _ => span.lost_known,
        };
        DayState::Lost { rule, span: Some(span), known }
    }

    /// Days inside a month on which `ok` changes, and for 国保 the 75th birthday and the ends of a qualification
    /// of 後期: a claim without exact days cannot be judged then.
    pub fn has_break(self, month: Month) -> bool {
        let (first, last) = calendar::bounds(month);
        let inside = |d: Day| first < d && d <= last;
        let by_age =
            self.scheme == Scheme::Kokuho && self.person.birth().is_some_and(|b| inside(calendar::kouki_start(b)));
        let by_kouki = self.scheme == Scheme::Kokuho
            && self.person.spans().iter().any(|s| s.scheme == Scheme::Kouki && (inside(s.acquired) || inside(s.lost)));
        if by_age || by_kouki {
            return true;
        }
        let moved = |d: Day| inside(d) && self.state(d - 1).is_ok() != self.state(d).is_ok();
        let death = self.person.death();
        let last_day = Day::from(self.app_end_inclusive);
        self.spans().any(|s| moved(s.acquired) || moved(s.lost))
            || self.rows().any(|r| moved(r.start) || moved(r.end.saturating_add(last_day)))
            || (death != OPEN && moved(death + 1))
            || self.special_residence().any(|a| moved(a.from) || moved(a.to))
    }

    /// The rows by which the register, as it was known on a day, showed the person as covered on it.
    pub fn rows_as_then_known(self, day: Day) -> impl Iterator<Item = &'r PeriodRow> {
        let then = date_end(day);
        self.rows().filter(move |r| {
            let span = self.person.span_of(r);
            let begun = span.acquired <= day && span.acquired_known <= then && r.start <= day && r.start_known <= then;
            let lost = span.lost <= day && span.lost_known <= then;
            let ended = r.end <= day && r.end_known <= then;
            begun && !lost && !ended
        })
    }
}

/// The last moment of a day.
pub fn date_end(day: Day) -> Known {
    let next = calendar::date(day.saturating_add(1)).map_or(i64::MAX, |d| Moment::start_of(d).0);
    Known::at(Moment(next - 1))
}

/// The scheme whose spans a claim is held against: 後期 for digit 3, else 国保.
pub fn scheme_of(c: &ClaimFacts<'_>) -> Scheme {
    if c.scheme() == 3 { Scheme::Kouki } else { Scheme::Kokuho }
}
