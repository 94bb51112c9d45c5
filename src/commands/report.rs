//! `tenken report`.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use serde_json::Value;
use tenken_parser::Month;
use tenken_report::{
    Form, Key, Made,
    cube::Label,
    expression::{Measure, Sum},
    output::{html, printed, text, xlsx},
};
use tenken_store::{Store, audit::Look};

use super::{Ended, WrongUsage, begin_writing, log_look};
use crate::{
    lang::{Lang, say},
    output::{self, CsvEncoding, List, thousands},
    report::{OwnerReport, Session, charts, folder_of},
};

/// Forms of files that can be asked for.
pub const FORMATS: [&str; 5] = ["csv", "xlsx", "json", "html", "neutral"];

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    match m.subcommand() {
        Some(("explain", m)) => explain(m),
        _ => make(lang, m),
    }
}

fn month_of(m: &ArgMatches) -> Result<Month> {
    m.get_one::<Month>("month").copied().ok_or_else(|| {
        WrongUsage(say!("--month（診療月 YYYY-MM）が要ります", "--month (month of treatment, YYYY-MM) is needed"))
            .into()
    })
}

fn no_such_form(name: &str, session: &Session) -> anyhow::Error {
    let known: Vec<&str> = session.forms().in_force(session.label().month).iter().map(|f| f.id.as_str()).collect();
    WrongUsage(say!(
        "様式 {name} はありません。使える名前: {known}",
        "there is no form {name}; known: {known}",
        known = known.join(" ")
    ))
    .into()
}

fn make(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let Some(wanted) = m.get_one::<String>("form") else {
        return Err(WrongUsage(say!("様式の名前か all が要ります", "the name of a form, or all, is needed")).into());
    };
    let month = month_of(m)?;
    let Some(out) = m.get_one::<PathBuf>("out") else {
        return Err(
            WrongUsage(say!("--out（書き出すフォルダ）が要ります", "--out (folder for the files) is needed")).into()
        );
    };
    let formats = formats(super::text(m, "format"))?;
    let encoding = CsvEncoding::from_arg(super::text(m, "encoding"));
    let store = super::open(m)?;
    let session = Session::open(&store, month, m.get_one::<String>("insurer").map(String::as_str))?;
    let all = wanted.eq_ignore_ascii_case("all");
    let form = if all { None } else { session.forms().find(wanted, month) };
    if !all && form.is_none() {
        return Err(no_such_form(wanted, &session));
    }
    fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    let lock = begin_writing(lang, &store)?;
    let reports = session.make(&store, Some(&lock), form)?;
    drop(lock);
    if reports.is_empty() {
        bail!(say!(
            "診療月 {month} の報告にするものがありません（審査月 {exam} の取込も台帳もありません）",
            "there is nothing to report for {month} (no import of {exam}, no register)",
            exam = session.label().exam
        ));
    }
    let several = reports.len() > 1;
    let (mut files, mut rows, mut unverified, mut missing) = (0usize, 0usize, false, 0usize);
    for one in &reports {
        let chosen: Vec<&Made<'_>> =
            one.report.forms.iter().filter(|f| form.is_none_or(|w| w.id == f.form.id)).collect();
        rows += chosen.iter().filter_map(|f| f.list.as_ref()).map(|l| l.rows.len()).sum::<usize>();
        unverified |= one.report.is_unverified();
        missing += usize::from(form.is_some_and(|w| one.report.missing.iter().any(|(id, _)| *id == w.id)));
    }
    if rows > 0 {
        // lists name persons
        let target = format!("month={month} {}", wanted.to_uppercase());
        log_look(&store, Look::new("report").target(&target).rows(rows))?;
    }
    for one in &reports {
        let folder = folder_of(out, &one.report.owner, several);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        files += write_all(one, form, &folder, &formats, encoding)?;
        print_summary(lang, one, form, several);
    }
    println!(
        "{}",
        say!(
            "{files} 個のファイルを {out} に書きました",
            "wrote {files} files to {out}",
            files = thousands(files as i64),
            out = out.display()
        )
    );
    if missing > 0 && files == 0 {
        return Ok(Ended::Failed);
    }
    Ok(if unverified || missing > 0 { Ended::NeedsLook } else { Ended::Done })
}

fn formats(text: &str) -> Result<Vec<&'static str>> {
    let mut out = Vec::new();
    for word in text.split(',').map(str::trim).filter(|w| !w.is_empty()) {
        let Some(known) = FORMATS.into_iter().find(|f| *f == word) else {
            return Err(WrongUsage(say!(
                "--format {word} は使えません（{known}）",
                "--format {word} is none of {known}",
                known = FORMATS.join(", ")
            ))
            .into());
        };
        if !out.contains(&known) {
            out.push(known);
        }
    }
    if out.is_empty() {
        out.push("csv");
    }
    Ok(out)
}

/// Cells that a spreadsheet would take for a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    let is_number = text.parse::<i64>().is_ok();
    if !is_number && text.starts_with(['=', '+', '-', '@']) { format!("'{text}").into() } else { text.into() }
}

fn plain(text: &str) -> Cow<'_, str> {
    text.into()
}

fn write_all(
    one: &OwnerReport<'_>,
    form: Option<&Form>,
    folder: &Path,
    formats: &[&str],
    encoding: CsvEncoding,
) -> Result<usize> {
    let report = &one.report;
    let month = report.label_month;
    let put = |name: String, bytes: &[u8]| -> Result<usize> {
        let path = folder.join(name);
        // whole or not at all, whoever opens it
        let part = path.with_extension("part");
        fs::write(&part, bytes).with_context(|| part.display().to_string())?;
        fs::rename(&part, &path).with_context(|| path.display().to_string())?;
        Ok(1)
    };
    let mut files = 0;
    for made in report.forms.iter().filter(|f| form.is_none_or(|w| w.id == f.form.id)) {
        let id = &made.form.id;
        for format in formats {
            files += match *format {
                "csv" => {
                    let guard = if encoding == CsvEncoding::Utf8 { plain } else { guarded };
                    let csv = text::csv(report, made, guard);
                    put(format!("{id}_{month}.csv"), &output::encoded(&csv, encoding))?
                }
                "neutral" => put(format!("{id}_{month}.neutral.csv"), text::neutral(report, made).as_bytes())?,
                "json" => {
                    let mut bytes = Vec::new();
                    text::json(report, made, &mut bytes)?;
                    put(format!("{id}_{month}.json"), &bytes)?
                }
                "xlsx" => put(format!("{id}_{month}.xlsx"), &xlsx::workbook(report, made)?)?,
                _ => 0,
            };
        }
    }
    if formats.contains(&"html") {
        let made: Vec<&Made<'_>> = report.forms.iter().filter(|f| form.is_none_or(|w| w.id == f.form.id)).collect();
        let page = html::page(report, &made, &charts::of(one));
        files += put(format!("{}_{month}.html", form.map_or("ALL", |f| f.id.as_str())), page.as_bytes())?;
    }
    Ok(files)
}

fn print_summary(lang: Lang, one: &OwnerReport<'_>, form: Option<&Form>, several: bool) {
    let report = &one.report;
    let t = |ja: &'static str, en: &'static str| lang.t(ja, en);
    if several {
        println!("{}", say!("保険者 {no}", "insurer {no}", no = &report.owner));
    }
    let exam = report.label_month.plus(1);
    let head = say!(
        "診療月 {month}（審査月 {exam}）第{version}版: レセプト {claims} 件",
        "{month} (examined in {exam}), version {version}: {claims} claims",
        month = report.label_month,
        version = report.version,
        claims = thousands(one.month.claims as i64)
    );
    println!("{head}");
    let chosen = |id: &str| form.is_none_or(|w| w.id == id);
    let made: Vec<&str> = report.forms.iter().map(|f| f.form.id.as_str()).filter(|id| chosen(id)).collect();
    println!("  {}: {}", t("作成", "made"), made.join(" "));
    for (id, why) in report.missing.iter().filter(|(id, _)| chosen(id)) {
        println!("  {}: {id} {why}", t("作成せず", "not made"));
    }
    let wrong: Vec<_> = report.checks.iter().filter(|c| c.is_wrong()).collect();
    let not_made = report.checks.iter().filter(|c| c.kind == tenken_report::checks::Kind::NotMade).count();
    if wrong.is_empty() {
        let held = say!("検算 {n} 件はすべて一致", "all {n} checks hold", n = report.checks.len() - not_made);
        let rest = if not_made > 0 {
            say!("、{not_made} 件は請求内訳がなく未実施", "; {not_made} not made: nothing was billed")
        } else {
            String::new()
        };
        println!("  {held}{rest}");
    } else {
        println!("  {}", say!("未検証: {n} 件の検算が合いません", "not verified: {n} checks fail", n = wrong.len()));
        for c in wrong.iter().take(10) {
            let (left, right, diff) = (printed(c.left, 0), printed(c.right, 0), printed(c.diff(), 0));
            println!("    {} {} {}: {left} / {right} ({diff})", c.form, c.number, c.text);
        }
    }
    for w in &report.warnings {
        println!("  {}: {w}", t("注意", "note"));
    }
    for moved in one.moved.iter().take(10) {
        let (before, now) = (printed(moved.before, 0), printed(moved.now, 0));
        println!("    {} {} {}.{}: {before} → {now}", moved.form, moved.sheet, moved.row, moved.col);
    }
}

/// The lines that an opened cell stands on.
struct Opened<'f> {
    form: &'f Form,
    /// places of cells of lines with their sign
    parts: BTreeMap<usize, i64>,
    /// counted by label month (a year-to-date cell opens every month)
    months: Vec<Label>,
}

fn open_cell<'f>(form: &'f Form, at: usize, label: Label) -> Result<Opened<'f>> {
    let mut opened = Opened { form, parts: BTreeMap::new(), months: vec![label] };
    fn walk(opened: &mut Opened<'_>, at: usize, sign: i64, label: Label) -> Result<()> {
        let cell = &opened.form.cells[at];
        let sign = if cell.negative { -sign } else { sign };
        match &cell.measure {
            Some(Measure::Lines(_)) => *opened.parts.entry(at).or_default() += sign,
            Some(Measure::Cells(_)) => {
                for (place, of) in opened.form.terms(at) {
                    walk(opened, place, sign * of, label)?;
                }
            }
            Some(Measure::YearToDate { sheet }) => {
                let place = opened.form.place(sheet, &cell.row, &cell.col).context("the cell of the month")?;
                opened.months = label.year_to_date().map(Label::of).collect();
                walk(opened, place, sign, label)?;
            }
            Some(Measure::Count { .. } | Measure::AverageInsured { .. }) => {
                return Err(WrongUsage(say!(
                    "{id} {row}.{col} は資格台帳から数えた値で、レセプトではありません（tenken registry show）",
                    "{id} {row}.{col} is counted from the register, not from claims",
                    id = &opened.form.id,
                    row = &cell.row,
                    col = &cell.col
                ))
                .into());
            }
            Some(Measure::Ratio(..)) => {
                return Err(WrongUsage(say!(
                    "{row}.{col} は率です。もとの欄（cnt days cost）を開いてください",
                    "{row}.{col} is a rate; open the cells it is made of (cnt, days, cost)",
                    row = &cell.row,
                    col = &cell.col
                ))
                .into());
            }
            None => {
                return Err(WrongUsage(say!(
                    "{row}.{col} は一覧の集計です。一覧 {id} の各行を見てください",
                    "{row}.{col} sums a list; look at the rows of {id}",
                    id = &opened.form.id,
                    row = &cell.row,
                    col = &cell.col
                ))
                .into());
            }
        }
        Ok(())
    }
    walk(&mut opened, at, 1, label)?;
    Ok(opened)
}

impl Opened<'_> {
    /// What a line under a key adds to the cell.
    fn value(&self, key: &Key, m: &tenken_report::Measures) -> i64 {
        self.parts
            .iter()
            .map(|(at, sign)| {
                let cell = &self.form.cells[*at];
                match &cell.measure {
                    Some(Measure::Lines(sums)) if cell.filter.takes(key) => {
                        sign * sums.iter().map(|s: &Sum| s.of(key.event, m)).sum::<i64>()
                    }
                    _ => 0,
                }
            })
            .sum()
    }
}

/// The lines under a cell with what each adds to it, their sum, and the cell's name.
pub fn cell_lines(
    store: &Store,
    session: &Session,
    name: &str,
    sheet: Option<&str>,
    row: &str,
    col: &str,
) -> Result<(List, i64, String)> {
    let form = session.forms().find(name, session.label().month).ok_or_else(|| no_such_form(name, session))?;
    let (row, col) = (row.to_uppercase(), col.to_lowercase());
    let Some(at) = form.find(sheet, &row, &col) else {
        let sheets = form.sheets().join(" ");
        return Err(WrongUsage(say!(
            "{id} に欄 {row}.{col} はありません（シート: {sheets}）",
            "{id} has no cell {row}.{col} (sheets: {sheets})",
            id = &form.id
        ))
        .into());
    };
    let opened = open_cell(form, at, session.label())?;
    // a line that adds nothing is no line of the cell
    let takes = |key: &Key| opened.parts.keys().any(|at| form.cells[*at].filter.takes(key));
    let gathered = session.lines(store, &takes, &opened.months)?;
    let mut list = List::new(&["line_id", "event", "claim_id", "service_month", "exam_month", "value", "note"]);
    let mut sum = 0;
    for ((_, label), of_month) in &gathered.months {
        for e in &of_month.entries {
            let value = opened.value(&Key::of(&e.line, Label::of(*label)), &e.line.measures);
            if value == 0 {
                continue;
            }
            sum += value;
            let text = |t: &Option<String>| t.clone().map_or(Value::Null, Value::String);
            let note = match (&e.reverses, &e.note) {
                (Some(line), None) => Value::String(say!("{line} の取消", "takes back {line}")),
                (Some(line), Some(note)) => Value::String(say!("{line} の取消、{note}", "takes back {line}; {note}")),
                (None, note) => text(note),
            };
            list.rows.push(vec![
                e.line_id.clone().into(),
                e.line.event.code().into(),
                text(&e.claim_id),
                e.line.service_month.to_string().into(),
                e.line.exam_month.to_string().into(),
                value.into(),
                note,
            ]);
        }
    }
    let cell = &form.cells[at];
    let title = format!("{} {} {row}.{col}（{} {}）", form.id, cell.sheet, cell.row_ja, cell.col_ja);
    Ok((list, sum, title))
}

fn explain(m: &ArgMatches) -> Result<Ended> {
    let month = month_of(m)?;
    let store = super::open(m)?;
    let session = Session::open(&store, month, m.get_one::<String>("insurer").map(String::as_str))?;
    let sheet = m.get_one::<String>("sheet").map(String::as_str);
    let (list, sum, title) =
        cell_lines(&store, &session, super::text(m, "form"), sheet, super::text(m, "row"), super::text(m, "col"))?;
    log_look(&store, Look::new("report explain").target(&format!("month={month} {title}")).rows(list.rows.len()))?;
    super::print(m, &list)?;
    eprintln!(
        "{}",
        say!(
            "{title}: {n} 行、合計 {sum}",
            "{title}: {n} lines, sum {sum}",
            n = thousands(list.rows.len() as i64),
            sum = printed(sum, 0)
        )
    );
    Ok(Ended::Done)
}
