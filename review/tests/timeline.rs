//! The picture of a person's qualification and the same as a table.

mod common;

use common::attributes_of;
use tenken_matcher::registry::rows::{Attribute, Household, Moment, Period, Person, Register, Scheme, Target};
use tenken_parser::{Date, Month};
use tenken_review::timeline::{Group, Options, PersonRecord, Row, View, svg, table};

fn day(text: &str) -> Date {
    let mut parts = text.split('-').map(|p| p.parse::<u16>().unwrap());
    let mut next = || parts.next().unwrap();
    Date::new(next(), next() as u8, next() as u8).unwrap()
}

fn moment(text: &str) -> Option<Moment> {
    Moment::parse(&format!("{text} 10:00:00"))
}

fn period(person: &str, span_no: i32, from: &str, to: Option<(&str, &str)>, registered: [&str; 2]) -> Period {
    let [start, last] = registered;
    Period {
        person_id: person.into(),
        household_id: format!("S{person}"),
        scheme: Scheme::Kokuho,
        insurer_no: "139998".into(),
        kigo: Some("見本".into()),
        bango: Some(format!("12345{span_no}")),
        edaban: Some("01".into()),
        is_head: true,
        acquired_on: day(from),
        acquired_reason: Some("転入".into()),
        lost_on: to.map(|t| day(t.0)),
        lost_reason: to.map(|t| t.1.into()),
        applied_from: None,
        applied_from_reason: None,
        applied_to: None,
        applied_to_reason: None,
        registered_at: moment(last),
        registered_at_start: to.and(moment(start)),
        span_no,
    }
}

fn attribute(target: Target, id: &str, kind: &str, value: &str, from: &str, to: &str, registered: &str) -> Attribute {
    let (valid_from, valid_to) = (Some(day(from)), Some(day(to)));
    let (kind, value) = (kind.into(), value.into());
    Attribute { target, id: id.into(), kind, value, valid_from, valid_to, registered_at: moment(registered) }
}

/// Three persons; the one in the middle lost the qualification on 2026-06-15, which was registered on 2026-08-20.
fn register() -> Register {
    let person = |id: &str| Person { person_id: id.into(), name: Some("秘密　太郎".into()), ..Person::default() };
    let lost = Some(("2026-06-15", "社保<加入>"));
    Register {
        persons: ["1", "2", "3"].map(person).into(),
        periods: vec![
            period("1", 1, "2020-04-01", None, ["", "2020-04-10"]),
            period("2", 1, "2018-01-01", Some(("2019-01-01", "転出")), ["2018-01-05", "2019-01-05"]),
            period("2", 2, "2025-09-01", lost, ["2025-09-10", "2026-08-20"]),
            period("2", 3, "2026-10-01", None, ["", "2026-10-02"]),
            period("3", 1, "2020-04-01", None, ["", "2020-04-10"]),
        ],
        attributes: vec![
            attribute(Target::Person, "1", "負担割合", "3", "2025-08-01", "2026-08-01", "2025-07-20"),
            attribute(Target::Person, "2", "特定疾病", "01", "2026-01-01", "2027-01-01", "2026-01-10"),
            attribute(Target::Person, "2", "特例", "マル学", "2025-10-01", "2026-04-01", "2025-10-02"),
            attribute(Target::Household, "S2", "所得区分", "ウ", "2025-08-01", "2026-08-01", "2025-09-10"),
            attribute(Target::Household, "S3", "所得区分", "オ", "2025-08-01", "2026-08-01", "2025-09-10"),
        ],
        households: ["S1", "S2", "S3"]
            .map(|id| Household { household_id: id.into(), head_name: Some("秘密".into()), ..Household::default() })
            .into(),
    }
}

fn month(text: &str) -> Month {
    Month::parse_iso(text).unwrap()
}

/// Tags are balanced, and nothing is in it that a strict content policy refuses.
fn picture(record: &PersonRecord<'_>, options: &Options<'_>) -> String {
    let svg = svg(record, options);
    let names = attributes_of(&svg);
    assert!(!names.iter().any(|n| n == "style" || n == "id" || n.starts_with("on")), "{names:?}");
    assert!(svg.starts_with("<svg ") && svg.contains(r#"role="img""#) && svg.contains("<desc>"));
    assert!(!svg.contains("秘密"), "no name of a person");
    svg
}

fn count(svg: &str, class: &str) -> usize {
    svg.matches(&format!(r#"class="{class}""#)).count()
}

#[test]
fn a_person_is_found_with_the_rows_of_nobody_else() {
    let register = register();
    let record = PersonRecord::find(&register, "2").unwrap();
    assert_eq!(record.person.person_id, "2");
    assert_eq!(record.periods.iter().map(|p| p.span_no).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(record.attributes.iter().map(|a| a.value.as_str()).collect::<Vec<_>>(), ["01", "マル学", "ウ"]);
    assert_eq!(record.households.iter().map(|h| h.household_id.as_str()).collect::<Vec<_>>(), ["S2"]);
    assert!(PersonRecord::find(&register, "0").is_none() && PersonRecord::find(&register, "4").is_none());
    assert!(!format!("{record:?}").contains("秘密"));
}

#[test]
fn the_view_knows_what_was_known() {
    let register = register();
    let record = PersonRecord::find(&register, "2").unwrap();
    let ends = |as_of, at| {
        let view = View { record: &record, at, as_of };
        view.periods().iter().map(|p| (p.span_no, p.lost_on.map(|d| d.to_string()))).collect::<Vec<_>>()
    };
    let lost = |d: &str| Some(d.to_owned());
    assert_eq!(ends(None, None), [(1, lost("2019-01-01")), (2, lost("2026-06-15")), (3, None)]);
    assert_eq!(ends(moment("2026-07-01"), None), [(1, lost("2019-01-01")), (2, None)]);
    assert_eq!(ends(moment("2026-07-01"), Some(day("2026-06-20"))), [(2, None)]);
    assert_eq!(ends(None, Some(day("2026-06-20"))), []);
}

#[test]
fn every_span_inside_the_window_is_drawn_once() {
    let register = register();
    let record = PersonRecord::find(&register, "2").unwrap();
    let around = Options::around(month("2026-06"));
    assert_eq!(around.to.index() - around.from.index(), 23);
    let svg = picture(&record, &around);
    assert_eq!((count(&svg, "span"), count(&svg, "period"), count(&svg, "attribute")), (2, 2, 3));
    assert_eq!(count(&svg, "service-month"), 1);
    assert!(svg.contains("令和8年") && svg.contains("マル学") && svg.contains("所得区分（世帯）"));
    assert!(svg.contains("社保&#60;加入&#62;") || svg.contains("社保&lt;加入&gt;"), "escaped");
    // the first span begins and ends before the window
    let wide = Options { from: month("2018-01"), ..around };
    assert_eq!(count(&picture(&record, &wide), "span"), 3);
    // a loss on the first day of a window is outside it
    let after = Options { from: month("2026-07"), to: month("2026-09"), ..Options::around(month("2026-08")) };
    assert_eq!(count(&picture(&record, &after), "span"), 0);
}

#[test]
fn a_registration_after_the_days_of_service_is_marked() {
    let register = register();
    let record = PersonRecord::find(&register, "2").unwrap();
    let retro = |days: &[Date], month_text: &str| {
        let options = Options { service_days: days, ..Options::around(month(month_text)) };
        let svg = picture(&record, &options);
        let rows = table(&record, &options).into_iter().filter(|r| r.retro).collect::<Vec<_>>();
        assert_eq!(svg.contains("registration retro"), !rows.is_empty());
        assert_eq!(svg.matches(">遡及<").count(), usize::from(!rows.is_empty()));
        rows.iter().map(|r| r.kind.clone()).collect::<Vec<_>>()
    };
    // the loss on the 15th of June, registered on the 20th of August
    assert_eq!(retro(&[day("2026-06-10"), day("2026-06-20")], "2026-06"), ["喪失"]);
    assert!(retro(&[day("2026-06-10")], "2026-06").is_empty(), "before the loss nothing was changed");
    assert!(retro(&[day("2026-08-25")], "2026-08").is_empty(), "known by then");
    assert_eq!(retro(&[], "2026-07"), ["喪失"]);
    assert!(retro(&[], "2026-09").is_empty());
    // on the edge of a window that ends earlier
    let options =
        Options { to: month("2026-06"), service_days: &[day("2026-06-20")], ..Options::around(month("2026-06")) };
    assert!(picture(&record, &options).contains("registration retro"));
}

#[test]
fn what_was_not_known_is_hidden() {
    let register = register();
    let record = PersonRecord::find(&register, "2").unwrap();
    let days = [day("2026-06-20")];
    let options = Options { as_of: moment("2026-07-01"), service_days: &days, ..Options::around(month("2026-06")) };
    let svg = picture(&record, &options);
    assert_eq!((count(&svg, "span"), count(&svg, "as-of")), (1, 1));
    assert!(!svg.contains("社保") && !svg.contains("registration retro") && svg.contains("見ている時点"));
    let rows = table(&record, &options);
    assert!(rows.iter().all(|r| r.registered_at <= options.as_of));
    let span = rows.iter().find(|r| r.group == Group::Span).unwrap();
    assert_eq!((span.to, span.text.as_str()), (None, "取得:転入"));
}

#[test]
fn days_of_service_differ_in_shape() {
    let register = register();
    let record = PersonRecord::find(&register, "2").unwrap();
    let days = [day("2026-06-10"), day("2026-06-20"), day("2026-05-30")];
    let bad = [day("2026-06-20")];
    let options = Options { service_days: &days, bad_days: &bad, ..Options::around(month("2026-06")) };
    let svg = picture(&record, &options);
    let shapes = ["day ok", "day bad", "strip ok", "strip bad"].map(|class| count(&svg, class));
    assert_eq!(shapes, [2, 1, 1, 1]);
    assert!(svg.contains(r#"<circle class="day ok""#) && svg.contains(r#"<path class="day bad""#));
    assert!(svg.contains("診療日 3 日のうち資格なし 1 日") && svg.contains("診療日 令和8.6.20 資格なし"));
}

#[test]
fn the_table_says_the_same() {
    let register = register();
    let record = PersonRecord::find(&register, "2").unwrap();
    let options = Options { service_days: &[day("2026-06-20")], ..Options::around(month("2026-06")) };
    let rows = table(&record, &options);
    let lines: Vec<String> = rows.iter().map(|r| format!("{} {}", r.group.title(), r.line())).collect();
    assert_eq!(
        lines,
        [
            "資格 国保 取得:転入 喪失:社保<加入> 令和7.9.1〜令和8.6.15",
            "資格 国保 取得:転入 令和8.10.1〜",
            "適用 国保 139998 見本-123452-01 令和7.9.1〜令和8.6.15（令和8.8.20 登録）",
            "適用 国保 139998 見本-123453-01 令和8.10.1〜（令和8.10.2 登録）",
            "属性 所得区分（世帯） ウ 令和7.8.1〜令和8.8.1（令和7.9.10 登録）",
            "属性 特定疾病 01 令和8.1.1〜令和9.1.1（令和8.1.10 登録）",
            "属性 特例 マル学 令和7.10.1〜令和8.4.1（令和7.10.2 登録）",
            "登録 取得 139998 見本-123452-01 令和7.9.1〜令和8.6.15",
            "登録 所得区分（世帯） ウ 令和7.8.1〜令和8.8.1",
            "登録 特例 マル学 令和7.10.1〜令和8.4.1",
            "登録 特定疾病 01 令和8.1.1〜令和9.1.1",
            "登録 喪失 139998 見本-123452-01 社保<加入> 令和8.6.15〜",
            "登録 取得 139998 見本-123453-01 令和8.10.1〜",
        ]
    );
    let retro: Vec<&Row> = rows.iter().filter(|r| r.retro).collect();
    assert_eq!(retro.iter().map(|r| r.registered_ja()).collect::<Vec<_>>(), ["令和8.8.20"]);
}

/// No text runs out of the picture, however long a value and however many the months.
#[test]
fn texts_stay_in_their_places() {
    let mut register = register();
    for a in &mut register.attributes {
        a.value = "とても長い値".repeat(20);
    }
    let record = PersonRecord::find(&register, "2").unwrap();
    for (from, to) in [("2026-06", "2026-06"), ("2025-03", "2027-02"), ("2015-01", "2030-12")] {
        let options = Options { from: month(from), to: month(to), ..Options::around(month("2026-06")) };
        let svg = picture(&record, &options);
        for part in svg.split("<text ").skip(1) {
            let x: f64 = part.split("x=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
            let shown = part.split("</text>").next().unwrap().rsplit('>').next().unwrap();
            let width: f64 = shown.chars().map(|c| if c.is_ascii() { 7.26 } else { 11.0 }).sum();
            let (left, right) = match () {
                () if part.contains("text-anchor=\"end\"") => (x - width, x),
                () if part.contains("text-anchor=\"middle\"") => (x - width / 2.0, x + width / 2.0),
                () => (x, x + width),
            };
            assert!(left >= 0.0 && right <= 960.0, "{shown}");
        }
    }
}
