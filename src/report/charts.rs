//! The charts of a month's page.

use tenken_parser::Month;
use tenken_report::output::{
    html::Chart,
    svg::{self, Series},
};

use super::{
    OwnerReport,
    gather::{AGE_BANDS, COST_CLASSES},
};

const KINDS: [(&str, &str); 5] =
    [("R01", "入院"), ("R02", "入院外"), ("R03", "歯科"), ("R05", "調剤"), ("R07", "訪問看護")];

pub fn of(one: &OwnerReport<'_>) -> Vec<Chart> {
    let kouki = !one.report.forms.iter().any(|f| f.form.id == "BEN_ALL");
    let (main, sheet) = if kouki { ("KOKI_B", "ALL") } else { ("BEN_ALL", "S1") };
    let Some(form) = one.report.forms.iter().find(|f| f.form.id == main).map(|f| f.form) else { return Vec::new() };
    let label = one.report.label_month;
    let months: Vec<Month> = (0..13).map(|n| label.plus(n - 12)).collect();
    let labels: Vec<String> = months.iter().map(|m| format!("{}/{}", m.year() % 100, m.month())).collect();
    let known = |m: &Month| one.history.iter().find(|(of, _)| of == m).map(|(_, v)| v);
    let series = |col: &str, gap: f64| -> Vec<Series<'static>> {
        KINDS
            .iter()
            .map(|(row, name)| {
                let place = form.place(sheet, row, col);
                let value = |m: &Month| known(m).zip(place).map_or(gap, |(v, p)| v[p] as f64);
                Series { name, values: months.iter().map(value).collect() }
            })
            .collect()
    };
    let unknown = months.iter().filter(|m| known(m).is_none()).count();
    let gaps = if unknown > 0 {
        format!("取込も報告もない {unknown} か月は空けています")
    } else {
        String::new()
    };
    let mut charts = vec![
        Chart {
            title: "件数の推移（13か月、診療種別）".into(),
            svg: svg::lines("件数の推移", "件", &labels, &series("cnt", f64::NAN)),
            caption: gaps.clone(),
        },
        Chart {
            title: "費用額の推移（13か月、診療種別）".into(),
            svg: svg::stacked("費用額の推移", "円", &labels, &series("cost", 0.0)),
            caption: gaps,
        },
    ];
    if !one.insured_by_age.iter().all(|n| *n == 0) {
        let labels: Vec<String> = (0..AGE_BANDS)
            .map(|n| if n + 1 == AGE_BANDS { "90〜".to_owned() } else { format!("{}〜", n * 5) })
            .collect();
        let per = |n: usize| match one.insured_by_age[n] {
            0 => 0.0,
            persons => one.month.by_age[n] as f64 / persons as f64,
        };
        let values: Vec<f64> = (0..AGE_BANDS).map(per).collect();
        charts.push(Chart {
            title: "被保険者1人当たり費用額（年齢5歳階級）".into(),
            svg: svg::bars("被保険者1人当たり費用額", "円", &labels, &values, &[]),
            caption: "この月の費用額（食事を含む）÷ 月末の被保険者数".into(),
        });
    }
    let mut labels: Vec<String> = Vec::new();
    let mut from = 0;
    for end in COST_CLASSES {
        labels.push(format!("〜{}", svg::short(end as f64)));
        from = end;
    }
    labels.push(format!("{}〜", svg::short(from as f64)));
    // few claims are dear: the logarithm shows them beside the many
    let values: Vec<f64> = one.month.by_cost.iter().map(|n| *n as f64).collect();
    let logs: Vec<f64> = values.iter().map(|n| (n + 1.0).log10()).collect();
    let mut marks = Vec::new();
    if let Some((threshold, other, special)) = one.high {
        for (yen, name) in [(Some(threshold), "高額医療費 "), (other, "もう一方の基準 "), (Some(special), "特別高額 ")]
        {
            if let Some(place) = yen.and_then(|y| COST_CLASSES.iter().position(|e| *e == y)) {
                let amount = svg::short(COST_CLASSES[place] as f64);
                marks.push((place as f64 + 1.0, format!("{name}{amount}")));
            }
        }
    }
    charts.push(Chart {
        title: "レセプト1件の費用額の分布".into(),
        svg: svg::bars("レセプト1件の費用額の分布", "log10(件+1)", &labels, &logs, &marks),
        caption: format!(
            "縦は件数の常用対数。点線は基準額。80万円を超えるもの {} 件",
            over(&one.month.by_cost, 800_000)
        ),
    });
    let high: Vec<(&str, &str)> = vec![
        ("R31", "世帯合算 多数"),
        ("R32", "世帯合算 他"),
        ("R33", "単独 多数"),
        ("R34", "長期特定疾病"),
        ("R35", "単独 入院"),
        ("R36", "単独 その他"),
        ("R37", "他法併用"),
    ];
    let (form, sheet) = match one.report.forms.iter().find(|f| f.form.id == if kouki { "KOKI_C" } else { "BEN_ALL" }) {
        Some(made) => (made, if kouki { "MAIN" } else { "S3" }),
        None => return charts,
    };
    let values: Vec<f64> =
        high.iter().map(|(row, _)| form.form.place(sheet, row, "amt").map_or(0.0, |p| form.values[p] as f64)).collect();
    let labels: Vec<String> = high.iter().map(|(_, n)| (*n).to_owned()).collect();
    charts.push(Chart {
        title: "高額療養費の内訳".into(),
        svg: svg::bars("高額療養費の内訳", "円", &labels, &values, &[]),
        caption: "現物と償還の合計".into(),
    });
    charts
}

fn over(by_cost: &[u64], yen: i64) -> u64 {
    let from = COST_CLASSES.iter().position(|e| *e == yen).map_or(0, |p| p + 1);
    by_cost[from..].iter().sum()
}
