//! What has to hold before a report leaves the house (reports.md 3.6).

use crate::forms::{For, Form, Values};

/// An identity of a form, with both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub form: String,
    /// number in reports.md 3.6
    pub number: u8,
    pub text: String,
    pub left: i64,
    pub right: i64,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// both sides are equal
    Equal,
    /// left is at most right
    AtMost,
    /// … with negative netting below it: named, not wrong
    Excused,
    /// an input is missing: named, not wrong
    NotMade,
}

impl Check {
    pub fn is_wrong(&self) -> bool {
        match self.kind {
            Kind::Equal => self.left != self.right,
            Kind::AtMost => self.left > self.right,
            Kind::Excused | Kind::NotMade => false,
        }
    }

    pub fn diff(&self) -> i64 {
        self.left - self.right
    }

    /// `一致` `不一致` …
    pub fn outcome_ja(&self) -> &'static str {
        match self.kind {
            Kind::NotMade => "未実施",
            Kind::Excused => "過誤等による例外",
            _ if self.is_wrong() => "不一致",
            _ => "一致",
        }
    }
}

const YEN_COLUMNS: [&str; 5] = ["cost", "ins", "cop", "oth_t", "oth_k"];

struct Cells<'f> {
    form: &'f Form,
    values: &'f Values,
    out: Vec<Check>,
}

impl Cells<'_> {
    fn get(&self, sheet: &str, row: &str, col: &str) -> i64 {
        self.form.place(sheet, row, col).map_or(0, |p| self.values[p])
    }

    fn put(&mut self, number: u8, text: String, left: i64, right: i64) {
        self.out.push(Check { form: self.form.id.clone(), number, text, left, right, kind: Kind::Equal });
    }
}

/// 1, 2 and 6 of one form.
pub fn of_form(form: &Form, values: &Values) -> Vec<Check> {
    let mut c = Cells { form, values, out: Vec::new() };
    // 1: every row that has a cost and shares of it
    for cell in form.cells.iter().filter(|x| x.col == "cost" && form.place(&x.sheet, &x.row, "ins").is_some()) {
        let shares = ["ins", "cop", "oth_t", "oth_k", "oth"].map(|col| c.get(&cell.sheet, &cell.row, col)).iter().sum();
        let text = format!("{} {} 費用額＝保険者負担＋一部負担＋他法", cell.sheet, cell.row);
        let cost = c.get(&cell.sheet, &cell.row, "cost");
        c.put(1, text, cost, shares);
    }
    // 2
    for sheet in form.sheets() {
        if form.place(sheet, "R08", "cost").is_none() {
            continue;
        }
        for col in ["cnt", "days"].iter().chain(&YEN_COLUMNS) {
            let sum = ["R01", "R02", "R03"].map(|r| c.get(sheet, r, col)).iter().sum();
            let (have, text) = (c.get(sheet, "R04", col), format!("{sheet} 診療費 小計 {col}"));
            c.put(2, text, have, sum);
        }
        for col in YEN_COLUMNS {
            let sum = ["R04", "R05", "R06", "R07"].map(|r| c.get(sheet, r, col)).iter().sum();
            let (have, text) = (c.get(sheet, "R08", col), format!("{sheet} 療養の給付等 合計 {col}"));
            c.put(2, text, have, sum);
        }
        let cnt = ["R04", "R05", "R07"].map(|r| c.get(sheet, r, "cnt")).iter().sum();
        let (have, text) = (c.get(sheet, "R08", "cnt"), format!("{sheet} 療養の給付等 合計 cnt"));
        c.put(2, text, have, cnt);
        // R20 and R21 stand on the sheet of cash
        let cash = if sheet == "S1" { "S2" } else { sheet };
        if form.place(cash, "R21", "cost").is_some() {
            for col in ["cost", "ins", "cop"] {
                let sum = c.get(sheet, "R08", col) + c.get(cash, "R20", col);
                let (have, text) = (c.get(cash, "R21", col), format!("{cash} 療養諸費 合計 {col}"));
                c.put(2, text, have, sum);
            }
        }
    }
    // 6: households and persons at the ends of the month
    for cell in form.cells.iter().filter(|x| x.col == "prev" && form.place(&x.sheet, &x.row, "inc").is_some()) {
        let [prev, inc, dec, end] = ["prev", "inc", "dec", "end"].map(|col| c.get(&cell.sheet, &cell.row, col));
        c.put(6, format!("{} 前月末＋増−減＝本月末", cell.row), end, prev + inc - dec);
    }
    c.out
}

/// 3 and 4: parts against the whole. `parts`: the forms of classes.
pub fn of_parts(all: (&Form, &Values), parts: &[(&Form, &Values)]) -> Vec<Check> {
    let mut out = Vec::new();
    let get = |(form, values): (&Form, &Values), sheet: &str, row: &str, col: &str| {
        form.place(sheet, row, col).map_or(0, |p| values[p])
    };
    for part in parts {
        for cell in part.0.cells.iter().filter(|c| ["S1", "S2", "S3"].contains(&c.sheet.as_str())) {
            let (sheet, row, col) = (cell.sheet.as_str(), cell.row.as_str(), cell.col.as_str());
            let (left, right) = (get(*part, sheet, row, col), get(all, sheet, row, col));
            // other classes may be negative after netting, then a part may be more than the whole
            let kind = if left > right { Kind::Excused } else { Kind::AtMost };
            // the whole table would be long: what holds is said once
            if left > right {
                let text = format!("{sheet} {row} {col} 再掲≦全体");
                out.push(Check { form: part.0.id.clone(), number: 3, text, left, right, kind });
            }
        }
        let (left, right) = (get(*part, "S1", "R08", "cost"), get(all, "S1", "R08", "cost"));
        let kind = if left > right { Kind::Excused } else { Kind::AtMost };
        let text = "S1 R08 cost 再掲≦全体".to_owned();
        if left <= right {
            out.push(Check { form: part.0.id.clone(), number: 3, text, left, right, kind });
        }
    }
    let of = |id: &str| parts.iter().find(|(f, _)| f.id == id).copied();
    if let (Some(old), Some(general), Some(active)) = (of("BEN_65"), of("BEN_70G"), of("BEN_70H")) {
        for col in ["cnt", "cost"] {
            let left = get(general, "S1", "R08", col) + get(active, "S1", "R08", col);
            let right = get(old, "S1", "R08", col);
            let kind = if left > right { Kind::Excused } else { Kind::AtMost };
            let text = format!("S1 R08 {col} 70歳以上≦前期高齢者");
            out.push(Check { form: "BEN_65".to_owned(), number: 4, text, left, right, kind });
        }
        if let Some(young) = of("BEN_PRE") {
            let left = get(old, "S1", "R08", "cnt") + get(young, "S1", "R08", "cnt");
            let right = get(all, "S1", "R08", "cnt");
            let kind = if left > right { Kind::Excused } else { Kind::AtMost };
            let text = "S1 R08 cnt 未就学児＋前期高齢者≦全体".to_owned();
            out.push(Check { form: "BEN_PRE".to_owned(), number: 4, text, left, right, kind });
        }
    }
    out
}

/// 5: what the claims say against what was billed. Nothing billed: not made.
pub fn of_billed(form: &str, ours: (i64, i64), billed: Option<(i64, i64)>) -> Vec<Check> {
    let texts = ["保険者負担＋高額（現物）＝請求額", "高額（現物）＝請求内訳の高額"];
    let (left, right) = ([ours.0, ours.1], billed.map_or([0, 0], |b| [b.0, b.1]));
    let kind = if billed.is_some() { Kind::Equal } else { Kind::NotMade };
    (0..2)
        .map(|i| Check {
            form: form.to_owned(),
            number: 5,
            text: texts[i].to_owned(),
            left: left[i],
            right: if billed.is_some() { right[i] } else { left[i] },
            kind,
        })
        .collect()
}

/// Forms of whose cells the checks of parts are about.
pub fn is_for(form: &Form, kouki: bool) -> bool {
    match form.of {
        For::Both => true,
        For::Kokuho => !kouki,
        For::Kouki => kouki,
    }
}
