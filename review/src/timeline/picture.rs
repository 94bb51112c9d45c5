//! The picture: rows of bars over months, markers of registrations, the days of service. Everything is placed here and
//! written by `templates/timeline.svg`.

use askama::Template;
use tenken_parser::{Date, Month};

use super::{Group, Options, PersonRecord, Row, table};
use crate::text::{date_ja, month_ja, years_ja};

/// Units of the view box.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 950.0;
const FONT: f64 = 11.0;
const LANE: f64 = 20.0;
const BAR: f64 = 16.0;
/// Years, months.
const HEAD: f64 = 34.0;
/// Half the width of a marker.
const MARKER: f64 = 6.0;
const RETRO: &str = "遡及";

/// A bar of one lane.
struct Bar {
    x: f64,
    y: f64,
    width: f64,
    class: &'static str,
    fill: &'static str,
    stroke: &'static str,
    label: String,
    full: String,
}

/// The registrations of one day.
struct Marker {
    x: f64,
    y: f64,
    retro: bool,
    /// where the line begins that leads back to the day from which something changed
    back: f64,
    label_x: f64,
    anchor: &'static str,
    full: String,
}

/// A day of service in the picture or in the strip of its month.
struct Day {
    x: f64,
    y: f64,
    covered: bool,
    full: String,
}

/// A text that fits its place.
struct Label {
    x: f64,
    y: f64,
    text: String,
    full: String,
}

struct Line {
    x: f64,
    top: f64,
    bottom: f64,
}

#[derive(Template)]
#[template(path = "timeline.svg")]
struct Picture {
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    title: String,
    desc: String,
    /// x and width of the service month
    shade: Option<(f64, f64)>,
    head: f64,
    bottom: f64,
    years: Vec<Label>,
    months: Vec<Label>,
    ticks: Vec<Line>,
    rows: Vec<Label>,
    bars: Vec<Bar>,
    markers: Vec<Marker>,
    days: Vec<Day>,
    strip: Vec<(Label, Option<Day>)>,
    strip_title: Label,
    as_of: Option<Line>,
    legend: f64,
    bar_height: f64,
}

/// An inline SVG with its own title and description: no script, no attribute `style`, no id, so that it may stand anywhere.
pub fn svg(record: &PersonRecord<'_>, options: &Options<'_>) -> String {
    Drawing::new(options).draw(&table(record, options)).render().unwrap_or_default()
}

/// A tenth of a unit is enough.
fn rounded(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

/// The width of a text: 漢字 and かな as wide as high, the rest of most fonts no wider than two thirds of that.
fn width_of(text: &str, font: f64) -> f64 {
    text.chars().map(|c| if c.is_ascii() { font * 0.66 } else { font }).sum()
}

/// As much of a text as fits, with `…` for the rest; empty when not even a letter fits.
fn fit(text: &str, width: f64, font: f64) -> String {
    if width_of(text, font) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if width_of(&out, font) + font > width {
            out.pop();
            break;
        }
    }
    if out.is_empty() { out } else { out + "…" }
}

/// The lane of each interval, so that those of one lane do not touch; the intervals stand in order of their beginnings.
fn lanes(intervals: impl Iterator<Item = (f64, f64)>) -> (Vec<usize>, usize) {
    let mut ends: Vec<f64> = Vec::new();
    let of = intervals
        .map(|(from, to)| {
            let lane = ends.iter().position(|end| *end <= from).unwrap_or(ends.len());
            if lane == ends.len() {
                ends.push(to);
            } else {
                ends[lane] = to;
            }
            lane
        })
        .collect();
    (of, ends.len())
}

struct Drawing<'o> {
    options: &'o Options<'o>,
    first: Date,
    end: Date,
}

impl<'o> Drawing<'o> {
    fn new(options: &'o Options<'o>) -> Self {
        let (first, end) = options.window();
        Self { options, first, end }
    }

    /// Days outside the window lie on its edge.
    fn x(&self, day: Date) -> f64 {
        let all = f64::from(self.end.epoch_days() - self.first.epoch_days());
        let at = f64::from(day.epoch_days() - self.first.epoch_days()).clamp(0.0, all);
        rounded(LEFT + (RIGHT - LEFT) * at / all)
    }

    fn is_inside(&self, day: Date) -> bool {
        self.first <= day && day < self.end
    }

    fn months(&self) -> impl Iterator<Item = Month> {
        let (from, to) = (self.options.from, self.end.year_month().plus(-1));
        (0..=to.index() - from.index()).map(move |n| from.plus(n))
    }

    fn draw(&self, table: &[Row]) -> Picture {
        let mut y = HEAD;
        let (mut rows, mut bars) = (Vec::new(), Vec::new());
        let mut label = |y: f64, text: &str| {
            let full = text.to_owned();
            rows.push(Label { x: LEFT - 6.0, y: y + BAR - 4.0, text: fit(text, LEFT - 12.0, FONT), full });
        };
        let mut days = Vec::new();
        let of_service = self.options.days();
        if !of_service.is_empty() {
            label(y, "診療日");
            let inside = of_service.iter().filter(|(d, _)| self.is_inside(*d));
            days = inside.map(|d| self.day(d, self.x(d.0), y)).collect();
            // what is not covered lies on top
            days.sort_by_key(|d| !d.covered);
            y += LANE;
        }
        let mut rest = table.iter().filter(|r| r.group != Group::Registration).peekable();
        while let Some(first) = rest.next() {
            let title = row_title(first);
            let mut of_row = vec![first];
            while let Some(next) = rest.next_if(|r| row_title(r) == title) {
                of_row.push(next);
            }
            of_row.sort_by_key(|r| r.from);
            label(y, title);
            let place = |r: &Row| (r.from.map_or(LEFT, |d| self.x(d)), r.to.map_or(RIGHT, |d| self.x(d)));
            let (of, count) = lanes(of_row.iter().map(|r| place(r)));
            for (row, lane) in of_row.iter().zip(of) {
                let (from, to) = place(row);
                bars.push(bar(row, from, rounded(to - from), y + LANE * lane as f64));
            }
            y += LANE * count as f64;
        }
        let (markers, count) = self.markers(table, y);
        if count > 0 {
            label(y, Group::Registration.title());
            y += LANE * count as f64;
        }
        let bottom = y + 2.0;
        let (strip_title, strip) = self.strip(&of_service, bottom + 10.0);
        let month = self.options.service_month;
        let shade = (self.options.from <= month && self.is_inside(month.first_day())).then(|| {
            let (from, to) = (self.x(month.first_day()), self.x(month.plus(1).first_day()));
            (from, rounded(to - from))
        });
        let as_of = self.options.as_of.and_then(|m| m.day()).filter(|d| self.is_inside(*d));
        let legend = bottom + 58.0;
        Picture {
            width: WIDTH,
            height: legend + 10.0,
            left: LEFT,
            right: RIGHT,
            title: format!(
                "資格の推移 {}から{}まで",
                month_ja(self.options.from),
                month_ja(self.end.year_month().plus(-1))
            ),
            desc: self.description(table, &of_service),
            shade,
            head: HEAD,
            bottom,
            years: self.years(),
            months: self.month_labels(),
            ticks: self.months().map(|m| Line { x: self.x(m.first_day()), top: 16.0, bottom }).collect(),
            rows,
            bars,
            markers,
            days,
            strip,
            strip_title,
            as_of: as_of.map(|d| Line { x: self.x(d), top: 16.0, bottom }),
            legend,
            bar_height: BAR,
        }
    }

    fn day(&self, (day, covered): &(Date, bool), x: f64, y: f64) -> Day {
        let says = if *covered { "資格あり" } else { "資格なし" };
        Day { x: rounded(x), y: y + BAR / 2.0, covered: *covered, full: format!("診療日 {} {says}", date_ja(*day)) }
    }

    /// A label over the months of each year of an era, as long as the place allows.
    fn years(&self) -> Vec<Label> {
        let mut out: Vec<(Month, [String; 2])> = Vec::new();
        for m in self.months() {
            let names = years_ja(m);
            if out.last().is_none_or(|(_, last)| *last != names) {
                out.push((m, names));
            }
        }
        let ends: Vec<f64> = out.iter().skip(1).map(|(m, _)| self.x(m.first_day())).chain([RIGHT]).collect();
        let placed = out.into_iter().zip(ends).filter_map(|((m, names), end)| {
            let x = self.x(m.first_day()) + 2.0;
            let text = names.iter().find(|n| width_of(n, FONT) <= end - x)?.clone();
            Some(Label { x, y: 12.0, text, full: names[0].clone() })
        });
        placed.collect()
    }

    /// Numbers of months: all of them, or as many as there is room for.
    fn month_labels(&self) -> Vec<Label> {
        let width = (RIGHT - LEFT) / self.months().count() as f64;
        let step = [1, 3, 6, 12].into_iter().find(|n| width * f64::from(*n) >= width_of("12 ", FONT)).unwrap_or(12);
        self.months()
            .filter(|m| (i32::from(m.month()) - 1) % step == 0)
            .map(|m| {
                let x = rounded(self.x(m.first_day()) + width / 2.0);
                Label { x, y: 28.0, text: m.month().to_string(), full: month_ja(m) }
            })
            .collect()
    }

    /// One marker a day, and the lanes that they take.
    fn markers(&self, table: &[Row], y: f64) -> (Vec<Marker>, usize) {
        let mut of_days: Vec<(Date, Vec<&Row>)> = Vec::new();
        for row in table.iter().filter(|r| r.group == Group::Registration) {
            let Some(day) = row.registered_at.and_then(|m| m.day()) else { continue };
            match of_days.last_mut() {
                Some((last, rows)) if *last == day => rows.push(row),
                _ => of_days.push((day, vec![row])),
            }
        }
        let label_width = width_of(RETRO, FONT) + 4.0;
        let mut placed: Vec<(f64, f64, Marker)> = Vec::new();
        for (day, rows) in of_days {
            let x = self.x(day).clamp(LEFT + MARKER, RIGHT - MARKER);
            let retro: Vec<&Row> = rows.iter().copied().filter(|r| r.retro).collect();
            let back = retro.iter().map(|r| r.from.map_or(LEFT, |d| self.x(d))).fold(x, f64::min);
            let right = x + MARKER + label_width <= RIGHT;
            let (label_x, anchor) = if right { (x + MARKER + 2.0, "start") } else { (x - MARKER - 2.0, "end") };
            let (mut from, mut to) = (x - MARKER, x + MARKER);
            if !retro.is_empty() {
                from = from.min(back).min(if right { from } else { from - label_width });
                to = if right { to + label_width } else { to };
            }
            let lines: Vec<String> =
                rows.iter().map(|r| format!("{}{}", if r.retro { "遡及: " } else { "" }, r.line())).collect();
            let full = format!("{} 登録: {}", date_ja(day), lines.join("、"));
            placed.push((from, to, Marker { x, y, retro: !retro.is_empty(), back, label_x, anchor, full }));
        }
        placed.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (of, count) = lanes(placed.iter().map(|(from, to, _)| (*from, *to)));
        let moved = placed.into_iter().zip(of).map(|((.., mut marker), lane)| {
            marker.y += LANE * lane as f64 + BAR / 2.0;
            marker
        });
        (moved.collect(), count)
    }

    /// The service month day by day, where one day is wide enough to be seen.
    fn strip(&self, days: &[(Date, bool)], y: f64) -> (Label, Vec<(Label, Option<Day>)>) {
        let month = self.options.service_month;
        let full = format!("{}の診療日", month_ja(month));
        let title = Label { x: LEFT - 6.0, y: y + 10.0, text: fit(&full, LEFT - 12.0, FONT), full };
        let step = (RIGHT - LEFT) / 31.0;
        let cells = (1..=month.days()).map(|n| {
            let x = rounded(LEFT + step * (f64::from(n) - 0.5));
            let day = days.iter().find(|(d, _)| month.day(n) == Some(*d)).map(|d| self.day(d, x, y + 14.0));
            (Label { x, y: y + 10.0, text: n.to_string(), full: String::new() }, day)
        });
        (title, cells.collect())
    }

    fn description(&self, table: &[Row], days: &[(Date, bool)]) -> String {
        let count = |group| table.iter().filter(|r| r.group == group).count();
        let mut out = format!("資格 {} 件、適用 {} 件", count(Group::Span), count(Group::Applied));
        if !days.is_empty() {
            let bad = days.iter().filter(|(_, covered)| !covered).count();
            out.push_str(&format!("。診療日 {} 日のうち資格なし {bad} 日", days.len()));
        }
        let retro = table.iter().filter(|r| r.retro).count();
        if retro > 0 {
            out.push_str(&format!("。遡及した登録 {retro} 件"));
        }
        if let Some(day) = self.options.as_of.and_then(|m| m.day()) {
            out.push_str(&format!("。{} に登録されていた内容", date_ja(day)));
        }
        out + "。詳しくは下の表にあります。"
    }
}

/// What stands to the left of a row.
fn row_title(row: &Row) -> &str {
    if row.group == Group::Attribute { &row.kind } else { row.group.title() }
}

fn bar(row: &Row, x: f64, width: f64, y: f64) -> Bar {
    let (class, fill, stroke) = match row.group {
        Group::Span => ("span", "#d3e8d3", "#2f6b2f"),
        Group::Applied => ("period", "#d6e4f5", "#2f5d8a"),
        Group::Attribute | Group::Registration => ("attribute", "#f5ead0", "#8a6d1a"),
    };
    let text = if row.group == Group::Attribute { row.text.clone() } else { format!("{} {}", row.kind, row.text) };
    // a day is no wider than a line, and is seen nevertheless
    Bar {
        x,
        y,
        width: width.max(1.0),
        class,
        fill,
        stroke,
        label: fit(text.trim(), width - 6.0, FONT),
        full: row.line(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_their_place() {
        assert_eq!(fit("国保 139998", 200.0, 10.0), "国保 139998");
        assert_eq!(fit("国保 139998", 45.0, 10.0), "国保 1…");
        assert_eq!(fit("国保", 5.0, 10.0), "");
        for width in 0..120 {
            let text = fit("適用 139998 見本-1234567-01", f64::from(width), 10.0);
            assert!(width_of(&text, 10.0) <= f64::from(width), "{text}");
        }
    }

    #[test]
    fn what_overlaps_takes_another_lane() {
        assert_eq!(lanes([(0.0, 5.0), (5.0, 9.0), (6.0, 7.0)].into_iter()), (vec![0, 0, 1], 2));
    }
}
