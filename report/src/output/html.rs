//! One page a month that needs nothing else: tables, charts, checks.

use std::fmt::Write as _;

use super::{blocks, printed, svg::escaped, xlsx};
use crate::{
    checks::Kind,
    cube::Label,
    made::{Item, Made, Report},
};

/// A chart that was drawn.
pub struct Chart {
    pub title: String,
    pub svg: String,
    /// what it is made of, or why something is missing
    pub caption: String,
}

/// Rows of a list that a page shows; the files have all.
const LIST_ROWS: usize = 200;

const STYLE: &str = include_str!("page.css");

/// The page of some forms of a report.
pub fn page(report: &Report<'_>, forms: &[&Made<'_>], charts: &[Chart]) -> String {
    let mut out = String::with_capacity(1 << 18);
    let label = Label::of(report.label_month);
    let title = format!("{} 診療分 報告書　保険者 {}", xlsx::japanese(report), report.owner);
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"ja\"><head><meta charset=\"utf-8\"><title>{}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>",
        escaped(&title)
    );
    let version = if report.version == 1 { "当初".to_owned() } else { format!("訂正 第{}版", report.version) };
    let _ = write!(
        out,
        "<header><h1>{}</h1><p>{}　審査月 {}　都道府県番号 {}　保険者番号 {}　作成日 {}　版 {version}　単位 円</p></header>",
        escaped(&title),
        xlsx::japanese_year(label.fiscal_year()),
        label.exam,
        report.prefecture(),
        escaped(&report.owner),
        report.made_on.as_deref().unwrap_or("")
    );
    if report.is_unverified() {
        out.push_str("<p class=\"unverified\">未検証　検算が合っていません。この報告を外に出さないでください。</p>");
    }
    if !report.warnings.is_empty() {
        out.push_str("<section class=\"warnings\"><h2>注意</h2><ul>");
        report.warnings.iter().for_each(|w| {
            let _ = write!(out, "<li>{}</li>", escaped(w));
        });
        out.push_str("</ul></section>");
    }
    out.push_str("<nav><ul>");
    for made in forms {
        let id = escaped(&made.form.id);
        let _ = write!(out, "<li><a href=\"#{id}\">{id} {}</a></li>", escaped(&made.form.name_ja));
    }
    out.push_str("</ul></nav>");
    if !charts.is_empty() {
        out.push_str("<section><h2>図</h2><div class=\"charts\">");
        for c in charts {
            let (title, caption) = (escaped(&c.title), escaped(&c.caption));
            let _ = write!(out, "<figure><figcaption><b>{title}</b> {caption}</figcaption>{}</figure>", c.svg);
        }
        out.push_str("</div></section>");
    }
    forms.iter().for_each(|made| form(&mut out, report, made));
    if !report.missing.is_empty() {
        out.push_str("<section><h2>作成していない様式</h2><ul>");
        for (id, why) in &report.missing {
            let _ = write!(out, "<li>{}: {}</li>", escaped(id), escaped(why));
        }
        out.push_str("</ul></section>");
    }
    let _ = write!(out, "<footer>入力 {}</footer></body></html>\n", escaped(&report.input_hash));
    out
}

fn form(out: &mut String, report: &Report<'_>, made: &Made<'_>) {
    let (id, name) = (escaped(&made.form.id), escaped(&made.form.name_ja));
    let mark = if report.is_unverified() { " <span class=\"unverified\">未検証</span>" } else { "" };
    let _ = write!(out, "<section id=\"{id}\"><h2>{id}　{name}{mark}</h2>");
    for note in &made.notes {
        let _ = write!(out, "<p class=\"note\">{}</p>", escaped(note));
    }
    for block in blocks(made) {
        let _ = write!(
            out,
            "<table><caption>{} {}</caption><thead><tr><th>行</th><th></th>",
            escaped(block.out_sheet),
            escaped(block.sheet)
        );
        for (_, title) in &block.columns {
            let _ = write!(out, "<th>{}</th>", escaped(title));
        }
        out.push_str("</tr></thead><tbody>");
        for (code, label, places) in &block.rows {
            let sum = label.contains("合計") || label.contains("小計") || label.contains("総数");
            let class = if sum { " class=\"sum\"" } else { "" };
            let _ = write!(out, "<tr{class}><td class=\"code\">{}</td><th>{}</th>", escaped(code), escaped(label));
            for place in places {
                match place {
                    Some(p) => {
                        let value = made.values[*p];
                        let class = if value < 0 { " class=\"negative\"" } else { "" };
                        let _ = write!(out, "<td{class}>{}</td>", printed(value, made.form.cells[*p].decimals));
                    }
                    None => out.push_str("<td class=\"none\"></td>"),
                }
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table>");
    }
    if let Some(list) = &made.list {
        out.push_str("<div class=\"wide\"><table><thead><tr>");
        for c in made.form.list_columns() {
            let _ = write!(out, "<th>{}</th>", escaped(&c.col_ja));
        }
        out.push_str("</tr></thead><tbody>");
        for row in list.rows.iter().take(LIST_ROWS) {
            out.push_str("<tr>");
            for item in row {
                match item {
                    Item::Number(n) => {
                        let _ = write!(out, "<td>{}</td>", printed(*n, 0));
                    }
                    Item::Text(t) => {
                        let _ = write!(out, "<td class=\"text\">{}</td>", escaped(t));
                    }
                }
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table></div>");
        let more = list.rows.len().saturating_sub(LIST_ROWS);
        if more > 0 {
            let _ = write!(out, "<p class=\"note\">ほか {} 行は csv と xlsx にあります。</p>", printed(more as i64, 0));
        }
    }
    let checks: Vec<_> = report.checks_of(&made.form.id).collect();
    if !checks.is_empty() {
        let wrong = checks.iter().filter(|c| c.is_wrong()).count();
        let not_made = checks.iter().filter(|c| c.kind == Kind::NotMade).count();
        let held = checks.len() - wrong - not_made;
        let open = if wrong > 0 { " open" } else { "" };
        let _ = write!(
            out,
            "<details{open}><summary>検算 一致 {held}　不一致 {wrong}　未実施 {not_made}</summary><table class=\"checks\">\
             <thead><tr><th>番号</th><th>検算</th><th>左</th><th>右</th><th>差</th><th>結果</th></tr></thead><tbody>"
        );
        for c in checks {
            let class = if c.is_wrong() { " class=\"wrong\"" } else { "" };
            let _ = write!(
                out,
                "<tr{class}><td>{}</td><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td class=\"text\">{}</td></tr>",
                c.number,
                escaped(&c.text),
                printed(c.left, 0),
                printed(c.right, 0),
                printed(c.diff(), 0),
                c.outcome_ja()
            );
        }
        out.push_str("</tbody></table></details>");
    }
    out.push_str("</section>");
}
