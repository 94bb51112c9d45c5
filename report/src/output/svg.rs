//! Charts, drawn here: plain SVG without a script.

use std::fmt::Write as _;

/// One series of a chart.
pub struct Series<'s> {
    pub name: &'s str,
    pub values: Vec<f64>,
}

const COLORS: [&str; 6] = ["#2f5d8a", "#d07a2c", "#5b8c5a", "#9a5b8f", "#b5a642", "#6b7b8c"];
const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 78.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 44.0;

pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// 12,345 / 1.2万 / 3.4億: short enough for an axis.
pub fn short(value: f64) -> String {
    let (value, unit) = match value.abs() {
        v if v >= 1e8 => (value / 1e8, "億"),
        v if v >= 1e4 => (value / 1e4, "万"),
        _ => (value, ""),
    };
    let text = if value.fract().abs() < 0.05 { format!("{value:.0}") } else { format!("{value:.1}") };
    format!("{text}{unit}")
}

/// A round number at or above the largest value.
fn ceiling(largest: f64) -> f64 {
    if largest <= 0.0 {
        return 1.0;
    }
    let unit = 10f64.powf(largest.log10().floor());
    [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
        .iter()
        .map(|n| n * unit)
        .find(|n| *n >= largest)
        .unwrap_or(largest)
}

/// The chart's name is said to those who do not see it.
fn open(out: &mut String, title: &str) {
    let title = escaped(title);
    let _ =
        write!(out, r##"<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}"><title>{title}</title>"##);
}

fn axis(out: &mut String, top: f64, unit: &str) {
    let height = HEIGHT - TOP - BOTTOM;
    for n in 0..=4 {
        let y = TOP + height * (1.0 - f64::from(n) / 4.0);
        let value = top * f64::from(n) / 4.0;
        let _ = write!(
            out,
            r##"<line x1="{LEFT}" y1="{y:.1}" x2="{:.1}" y2="{y:.1}" stroke="#dde3ea"/><text x="{:.1}" y="{:.1}" text-anchor="end">{}</text>"##,
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0,
            short(value)
        );
    }
    let _ = write!(out, r##"<text x="{LEFT}" y="{:.1}" text-anchor="end">{}</text>"##, TOP - 14.0, escaped(unit));
}

fn legend(out: &mut String, series: &[Series<'_>]) {
    let mut x = LEFT + 20.0;
    for (no, s) in series.iter().enumerate() {
        let color = COLORS[no % COLORS.len()];
        let _ = write!(
            out,
            r##"<rect x="{x:.1}" y="{:.1}" width="12" height="12" fill="{color}"/><text x="{:.1}" y="{:.1}">{}</text>"##,
            TOP - 26.0,
            x + 16.0,
            TOP - 16.0,
            escaped(s.name)
        );
        x += 34.0 + 13.0 * s.name.chars().count() as f64;
    }
}

/// Bars standing on one another, one pile a label.
pub fn stacked(title: &str, unit: &str, labels: &[String], series: &[Series<'_>]) -> String {
    let mut out = String::new();
    open(&mut out, title);
    let pile = |i: usize| series.iter().map(|s| s.values[i].max(0.0)).sum::<f64>();
    let top = ceiling((0..labels.len()).map(pile).fold(0.0, f64::max));
    axis(&mut out, top, unit);
    let step = (WIDTH - LEFT - RIGHT) / labels.len().max(1) as f64;
    let height = HEIGHT - TOP - BOTTOM;
    for (i, label) in labels.iter().enumerate() {
        let x = LEFT + step * (i as f64 + 0.15);
        let mut y = TOP + height;
        for (no, s) in series.iter().enumerate() {
            let h = s.values[i].max(0.0) / top * height;
            y -= h;
            let _ = write!(
                out,
                r##"<rect x="{x:.1}" y="{y:.1}" width="{:.1}" height="{h:.1}" fill="{}"><title>{} {}: {}</title></rect>"##,
                step * 0.7,
                COLORS[no % COLORS.len()],
                escaped(label),
                escaped(s.name),
                short(s.values[i])
            );
        }
        let _ = write!(
            out,
            r##"<text x="{:.1}" y="{:.1}" text-anchor="middle">{}</text>"##,
            x + step * 0.35,
            HEIGHT - BOTTOM + 18.0,
            escaped(label)
        );
    }
    if series.len() > 1 {
        legend(&mut out, series);
    }
    out.push_str("</svg>");
    out
}

/// Lines over the same labels; a value that is not known (NaN) leaves a gap.
pub fn lines(title: &str, unit: &str, labels: &[String], series: &[Series<'_>]) -> String {
    let mut out = String::new();
    open(&mut out, title);
    let largest = series.iter().flat_map(|s| &s.values).copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    let top = ceiling(largest);
    axis(&mut out, top, unit);
    let step = (WIDTH - LEFT - RIGHT) / labels.len().max(1) as f64;
    let height = HEIGHT - TOP - BOTTOM;
    for (no, s) in series.iter().enumerate() {
        let color = COLORS[no % COLORS.len()];
        let mut path = String::new();
        let mut broken = true;
        for (i, v) in s.values.iter().enumerate() {
            if !v.is_finite() {
                broken = true;
                continue;
            }
            let (x, y) = (LEFT + step * (i as f64 + 0.5), TOP + height * (1.0 - v.max(0.0) / top));
            let _ = write!(path, "{}{x:.1} {y:.1} ", if broken { "M" } else { "L" });
            broken = false;
            let _ = write!(
                out,
                r##"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="{color}"><title>{} {}: {}</title></circle>"##,
                escaped(&labels[i]),
                escaped(s.name),
                short(*v)
            );
        }
        let _ = write!(out, r##"<path d="{path}" fill="none" stroke="{color}" stroke-width="2"/>"##);
    }
    for (i, label) in labels.iter().enumerate() {
        let x = LEFT + step * (i as f64 + 0.5);
        let y = HEIGHT - BOTTOM + 18.0;
        let _ = write!(out, r##"<text x="{x:.1}" y="{y:.1}" text-anchor="middle">{}</text>"##, escaped(label));
    }
    legend(&mut out, series);
    out.push_str("</svg>");
    out
}

/// Bars with lines between some of them: `marks` are the number of the bar after which one stands, and its name.
pub fn bars(title: &str, unit: &str, labels: &[String], values: &[f64], marks: &[(f64, String)]) -> String {
    let mut out = stacked(title, unit, labels, &[Series { name: "", values: values.to_vec() }]);
    out.truncate(out.len() - "</svg>".len());
    let step = (WIDTH - LEFT - RIGHT) / labels.len().max(1) as f64;
    for (no, (at, name)) in marks.iter().enumerate() {
        let x = LEFT + step * at;
        // names beside one another would lie over one another
        let y = TOP + 8.0 + 15.0 * no as f64;
        let _ = write!(
            out,
            r##"<line x1="{x:.1}" y1="{:.1}" x2="{x:.1}" y2="{:.1}" stroke="#c00000" stroke-dasharray="4 3"/><text x="{:.1}" y="{:.1}" text-anchor="end" fill="#c00000">{}</text>"##,
            TOP - 4.0,
            HEIGHT - BOTTOM,
            x - 4.0,
            y,
            escaped(name)
        );
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (largest, expected) in [(0.0, 1.0), (7.0, 8.0), (11.0, 15.0), (1_000.0, 1_000.0), (8_300.0, 10_000.0)] {
            assert_eq!(ceiling(largest), expected, "{largest}");
        }
        assert_eq!(
            (short(123.0), short(15_000.0), short(230_000_000.0)),
            ("123".into(), "1.5万".into(), "2.3億".into())
        );
    }

    #[test]
    fn names_cannot_become_markup() {
        let chart = stacked("<script>", "円", &["a\"b".to_owned()], &[Series { name: "<b>", values: vec![1.0] }]);
        assert!(!chart.contains("<script>") && !chart.contains("<b>"), "{chart}");
    }
}
