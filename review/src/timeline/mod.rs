//! What a register says of one person: on a day, as known at a moment, and as a picture for a claim
//! (registry-files.md section 2: what was known when).

mod picture;

use std::cmp::Ordering;

use tenken_matcher::registry::{
    AttributeKind,
    rows::{Attribute, Household, Moment, Period, Person, Register, Target},
};
use tenken_parser::{Date, Month};

pub use picture::svg;

use crate::text::date_ja;

/// The rows of one person and of the households that the person was in, in the order of the register.
#[derive(Clone, Debug)]
pub struct PersonRecord<'r> {
    pub person: &'r Person,
    pub periods: &'r [Period],
    pub attributes: Vec<&'r Attribute>,
    pub households: Vec<&'r Household>,
}

/// The rows of a sorted slice that compare as equal with what is looked for.
fn equal<T>(rows: &[T], compare: impl Fn(&T) -> Ordering) -> &[T] {
    let from = rows.partition_point(|r| compare(r) == Ordering::Less);
    let len = rows[from..].partition_point(|r| compare(r) == Ordering::Equal);
    &rows[from..from + len]
}

impl<'r> PersonRecord<'r> {
    /// Looks a person up by 宛名番号. The rows of a register are in order, so this costs no pass over them.
    pub fn find(register: &'r Register, person_id: &str) -> Option<Self> {
        let person = equal(&register.persons, |p| p.person_id.as_str().cmp(person_id)).first()?;
        let periods = equal(&register.periods, |p| p.person_id.as_str().cmp(person_id));
        let mut ids: Vec<&str> = periods.iter().map(|p| p.household_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let of = |target, id: &str| equal(&register.attributes, |a| (a.target, a.id.as_str()).cmp(&(target, id)));
        let mut attributes: Vec<&Attribute> = of(Target::Person, person_id).iter().collect();
        attributes.extend(ids.iter().flat_map(|id| of(Target::Household, id)));
        let households =
            ids.iter().flat_map(|id| equal(&register.households, |h| h.household_id.as_str().cmp(id))).collect();
        Some(Self { person, periods, attributes, households })
    }
}

/// One person, on a day, as known at a moment. `None`: on any day; as known today.
#[derive(Clone, Copy, Debug)]
pub struct View<'v> {
    pub record: &'v PersonRecord<'v>,
    pub at: Option<Date>,
    pub as_of: Option<Moment>,
}

impl<'v> View<'v> {
    fn knows(&self, at: Option<Moment>) -> bool {
        self.as_of.is_none_or(|then| at.is_none_or(|known| known <= then))
    }

    fn covers(&self, from: Option<Date>, to: Option<Date>) -> bool {
        self.at.is_none_or(|day| from.is_none_or(|f| f <= day) && to.is_none_or(|t| day < t))
    }

    /// The rows that were known, ends that were not left open.
    pub fn periods(&self) -> Vec<Period> {
        let mut out = Vec::new();
        for p in self.record.periods {
            let mut p = p.clone();
            if !self.knows(start_known(&p)) {
                continue;
            }
            if has_end(&p) && !self.knows(p.registered_at) {
                (p.lost_on, p.lost_reason, p.applied_to, p.applied_to_reason) = (None, None, None, None);
            }
            out.push(p);
        }
        // the loss of a span ends all its rows
        let losses: Vec<(i32, Date)> = out.iter().filter_map(|p| Some((p.span_no, p.lost_on?))).collect();
        for p in &mut out {
            p.lost_on = p.lost_on.or_else(|| losses.iter().find(|l| l.0 == p.span_no).map(|l| l.1));
        }
        out.retain(|p| self.covers(Some(applied_from(p)), p.applied_to.or(p.lost_on)));
        out
    }

    /// The attributes of the person and of these households that were known.
    pub fn attributes(&self, households: &[String]) -> Vec<&'v Attribute> {
        let of = |a: &Attribute| a.target == Target::Person || households.contains(&a.id);
        let known = |a: &Attribute| self.knows(a.registered_at) && self.covers(a.valid_from, a.valid_to);
        self.record.attributes.iter().copied().filter(|a| of(a) && known(a)).collect()
    }
}

fn applied_from(p: &Period) -> Date {
    p.applied_from.unwrap_or(p.acquired_on)
}

fn has_end(p: &Period) -> bool {
    p.lost_on.is_some() || p.applied_to.is_some()
}

/// When the beginning of a row was registered: its last registration is that of the end, where it has one.
fn start_known(p: &Period) -> Option<Moment> {
    if has_end(p) { p.registered_at_start } else { p.registered_at }
}

/// The window and the claim that the picture is for.
#[derive(Clone, Debug)]
pub struct Options<'o> {
    /// first and last month shown
    pub from: Month,
    pub to: Month,
    /// what was known at this moment; `None`: what is known now
    pub as_of: Option<Moment>,
    pub service_days: &'o [Date],
    /// those of them on which the claim is not covered
    pub bad_days: &'o [Date],
    pub service_month: Month,
}

/// Months of the usual window, and how many of them lie before the service month.
const WINDOW_MONTHS: i32 = 24;
const MONTHS_BEFORE: i32 = 15;

impl Options<'_> {
    /// 24 months around the service month, as known now, without days.
    pub fn around(service_month: Month) -> Self {
        let from = service_month.plus(-MONTHS_BEFORE);
        Self { from, to: from.plus(WINDOW_MONTHS - 1), as_of: None, service_days: &[], bad_days: &[], service_month }
    }

    /// First day, and the day after the last one.
    fn window(&self) -> (Date, Date) {
        (self.from.first_day(), self.to.max(self.from).plus(1).first_day())
    }

    fn shows(&self, from: Option<Date>, to: Option<Date>) -> bool {
        let (first, end) = self.window();
        from.is_none_or(|f| f < end) && to.is_none_or(|t| t > first)
    }

    /// The days of service in order, each with whether it is covered.
    fn days(&self) -> Vec<(Date, bool)> {
        let mut days: Vec<Date> = self.service_days.iter().chain(self.bad_days).copied().collect();
        days.sort_unstable();
        days.dedup();
        days.into_iter().map(|d| (d, !self.bad_days.contains(&d))).collect()
    }

    /// 遡及: a registration made after a day of service that says something else of that day. Without days of service, one
    /// made after the service month that says something else of it.
    fn is_retro(&self, registered: Moment, from: Option<Date>, to: Option<Date>) -> bool {
        let Some(on) = registered.day() else { return false };
        let says = |d: Date| from.is_none_or(|f| f <= d) && to.is_none_or(|t| d < t);
        let days = self.days();
        if days.is_empty() {
            let month = self.service_month;
            let touches = from.is_none_or(|f| f <= month.last_day()) && to.is_none_or(|t| t > month.first_day());
            return on > month.last_day() && touches;
        }
        days.iter().any(|(d, _)| *d < on && says(*d))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// 資格: from 取得 to 喪失
    Span,
    /// 適用: under one insurer and one set of identifiers
    Applied,
    /// an attribute of the person or of the household
    Attribute,
    /// 登録: when something became known
    Registration,
}

impl Group {
    pub fn title(self) -> &'static str {
        match self {
            Self::Span => "資格",
            Self::Applied => "適用",
            Self::Attribute => "属性",
            Self::Registration => "登録",
        }
    }
}

/// A row of the table under the picture, and a shape of the picture. Nothing in it is a name of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub group: Group,
    /// 制度, 種別 of an attribute, or what was registered
    pub kind: String,
    pub text: String,
    /// half-open, as in the register
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub registered_at: Option<Moment>,
    /// a registration that changed the past of the days of service
    pub retro: bool,
}

impl Row {
    /// `令和8.4.1〜令和8.10.1`; open ends are left open.
    pub fn period_ja(&self) -> String {
        let day = |d: Option<Date>| d.map_or(String::new(), date_ja);
        if self.from.is_none() && self.to.is_none() {
            return String::new();
        }
        format!("{}〜{}", day(self.from), day(self.to))
    }

    /// `令和8.10.5`
    pub fn registered_ja(&self) -> String {
        self.registered_at.and_then(Moment::day).map_or(String::new(), date_ja)
    }

    /// Everything, in one line.
    pub fn line(&self) -> String {
        let registered = if self.registered_at.is_some() && self.group != Group::Registration {
            format!("（{} 登録）", self.registered_ja())
        } else {
            String::new()
        };
        let parts = [self.kind.as_str(), &self.text, &self.period_ja()];
        let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
        format!("{}{registered}", parts.join(" "))
    }
}

/// What the picture shows, as rows: spans, applications, attributes by kind, registrations in their order.
pub fn table(record: &PersonRecord<'_>, options: &Options<'_>) -> Vec<Row> {
    let view = View { record, at: None, as_of: options.as_of };
    let periods = view.periods();
    let mut rows = spans(&periods);
    rows.extend(periods.iter().map(|p| applied(&view, p)));
    let mut households: Vec<String> = periods.iter().map(|p| p.household_id.clone()).collect();
    households.dedup();
    let attributes = view.attributes(&households);
    let mut of_kinds: Vec<Row> = attributes.iter().map(|a| attribute(a)).collect();
    of_kinds.sort_by(|a, b| (place_of(&a.kind), a.from).cmp(&(place_of(&b.kind), b.from)));
    rows.append(&mut of_kinds);
    rows.retain(|r| options.shows(r.from, r.to));
    rows.append(&mut registrations(&view, &attributes, options));
    rows
}

/// Spans: the rows of a person with one number.
fn spans(periods: &[Period]) -> Vec<Row> {
    let mut out: Vec<(i32, Row)> = Vec::new();
    for p in periods {
        let reason = |title: &str, r: &Option<String>| r.as_ref().map(|r| format!("{title}:{r}"));
        let text = [reason("取得", &p.acquired_reason), p.lost_on.and_then(|_| reason("喪失", &p.lost_reason))];
        match out.iter_mut().find(|(no, _)| *no == p.span_no) {
            Some((_, row)) => {
                // a reason that only another row of the span gives
                for part in
                    text.into_iter().flatten().filter(|part| !row.text.contains(part.as_str())).collect::<Vec<_>>()
                {
                    row.text = format!("{} {part}", row.text).trim().to_owned();
                }
                row.to = row.to.or(p.lost_on);
            }
            None => out.push((
                p.span_no,
                Row {
                    group: Group::Span,
                    kind: p.scheme.title().to_owned(),
                    text: text.into_iter().flatten().collect::<Vec<_>>().join(" "),
                    from: Some(p.acquired_on),
                    to: p.lost_on,
                    registered_at: None,
                    retro: false,
                },
            )),
        }
    }
    out.into_iter().map(|(_, row)| row).collect()
}

/// `139998 見本-1234567-01`
fn numbers(p: &Period) -> String {
    let number: Vec<&str> = [&p.kigo, &p.bango, &p.edaban].into_iter().flatten().map(String::as_str).collect();
    [p.insurer_no.as_str(), &number.join("-")].join(" ")
}

fn applied(view: &View<'_>, p: &Period) -> Row {
    Row {
        group: Group::Applied,
        kind: p.scheme.title().to_owned(),
        text: numbers(p),
        from: Some(applied_from(p)),
        to: p.applied_to.or(p.lost_on),
        // where the end was not known yet, the beginning was registered
        registered_at: p.registered_at.filter(|m| view.knows(Some(*m))).or(p.registered_at_start),
        retro: false,
    }
}

/// What stands behind the kind of an attribute of the household.
const OF_HOUSEHOLD: &str = "（世帯）";

fn attribute(a: &Attribute) -> Row {
    let household = if a.target == Target::Household { OF_HOUSEHOLD } else { "" };
    Row {
        group: Group::Attribute,
        kind: format!("{}{household}", a.kind),
        text: a.value.clone(),
        from: a.valid_from,
        to: a.valid_to,
        registered_at: a.registered_at,
        retro: false,
    }
}

/// Kinds in the order of the specification, those that it does not know at the end.
fn place_of(kind: &str) -> (usize, &str) {
    let word = kind.trim_end_matches(OF_HOUSEHOLD);
    let at = AttributeKind::ALL.iter().position(|k| k.word() == word).unwrap_or(AttributeKind::ALL.len());
    (at, kind)
}

/// Every registration that was known, in the window or retroactive, in order of time.
fn registrations(view: &View<'_>, attributes: &[&Attribute], options: &Options<'_>) -> Vec<Row> {
    let (first, end) = options.window();
    let mut rows = Vec::new();
    let mut put = |at: Option<Moment>, kind: &str, text: String, from: Option<Date>, to: Option<Date>| {
        let Some(moment) = at.filter(|_| view.knows(at)) else { return };
        let retro = options.is_retro(moment, from, to);
        if retro || moment.day().is_some_and(|d| first <= d && d < end) {
            let (kind, registered_at) = (kind.to_owned(), Some(moment));
            rows.push(Row { group: Group::Registration, kind, text, from, to, registered_at, retro });
        }
    };
    for p in view.record.periods {
        let from = applied_from(p);
        let kind = if from == p.acquired_on { "取得" } else { "適用開始" };
        // an end that was not known yet does not limit what the beginning said
        let to = p.applied_to.or(p.lost_on).filter(|_| view.knows(p.registered_at));
        put(start_known(p), kind, numbers(p), Some(from), to);
        if has_end(p) {
            let (kind, on, reason) = match (p.lost_on, p.applied_to) {
                (Some(lost), to) if to.is_none_or(|to| to == lost) => ("喪失", lost, &p.lost_reason),
                (_, Some(to)) => ("適用終了", to, &p.applied_to_reason),
                (Some(lost), None) => ("喪失", lost, &p.lost_reason),
                (None, None) => continue,
            };
            let text = [numbers(p), reason.clone().unwrap_or_default()].join(" ");
            put(p.registered_at, kind, text.trim().to_owned(), Some(on), None);
        }
    }
    for a in attributes {
        let row = attribute(a);
        put(a.registered_at, &row.kind, row.text, row.from, row.to);
    }
    rows.sort_by_key(|r| r.registered_at);
    rows
}
