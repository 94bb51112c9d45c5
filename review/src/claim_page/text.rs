//! The claim on a terminal.

use unicode_width::UnicodeWidthStr;

use super::{Mark, Page};
use crate::text::pad;

/// Columns on the screen.
const WIDTH: usize = 100;

impl Page {
    /// The page as text, `WIDTH` columns wide.
    pub fn text(&self) -> String {
        let mut out = Sheet::default();
        out.rule('═');
        out.line(&format!("{}　{}分　　{}", self.title, self.month, self.receipt_type));
        out.line(&format!("レセプト番号 {}　　番号 {}　　{}", self.receipt_no, self.claim_id, self.source_file));
        out.rule('─');
        out.pair("保険者番号", &self.insurer_no, "給付割合", &self.benefit_rate);
        out.pair("記号・番号", &join(&[&self.kigo, &self.bango, &self.edaban], "・"), "資格確認", &self.confirmation);
        out.pair(
            "氏名",
            &format!("{}　{}", self.name, self.kana),
            "性別・生年月日",
            &format!("{} {}", self.sex, self.birth),
        );
        out.pair(
            "医療機関",
            &format!("{} {}", self.institution_code, self.institution_name),
            "都道府県・審査",
            &format!("{} / {}", self.prefecture, self.review_org),
        );
        out.pair("特記事項", &self.special_notes.join("、"), "入院年月日", &self.admission);
        out.pair("検索番号", &self.search_no, "請求年月", &self.billing_month);
        if let Some(reason) = &self.reject {
            out.rule('─');
            out.line(&format!("【拒否】{reason}"));
        }
        if !self.diagnoses.is_empty() {
            out.rule('─');
            out.line("傷病名");
            for d in &self.diagnoses {
                let main = if d.main { "（主）" } else { "" };
                out.columns(&[
                    (mark(d.mark), 2, false),
                    (&format!("({})", d.no), 5, false),
                    (&format!("{}{main}", d.name), 60, false),
                    (&d.start, 16, false),
                    (&d.outcome, 12, false),
                ]);
            }
        }
        out.rule('─');
        out.line("摘要");
        for i in &self.items {
            if i.comment {
                out.columns(&[(mark(i.mark), 2, false), ("", 8, false), (&format!("※ {}", i.text), 80, false)]);
                continue;
            }
            out.columns(&[
                (mark(i.mark), 2, false),
                (&i.category, 5, false),
                (&i.burden, 3, false),
                (&i.text, 30, false),
                (&i.quantity, 10, true),
                (&i.amount, 14, true),
                (&format!("  {}", i.days), 34, false),
            ]);
        }
        out.rule('─');
        out.line("診療識別ごとの計");
        for s in &self.summary {
            out.columns(&[
                ("", 2, false),
                (&s.category, 5, false),
                (&s.name, 34, false),
                (&format!("{} 回", s.times), 12, true),
                (&format!("{} {}", s.points, self.unit), 18, true),
            ]);
        }
        out.rule('─');
        out.columns(&[
            ("療養の給付", 12, false),
            ("番号", 12, false),
            ("受給者番号", 12, false),
            ("日数", 6, true),
            (&format!("請求{}", self.unit), 12, true),
            (&format!("決定{}", self.unit), 12, true),
            ("負担金額", 12, true),
        ]);
        for p in &self.payers {
            out.columns(&[
                (&format!("{}{}", mark(p.mark), p.label), 12, false),
                (&p.number, 12, false),
                (&p.recipient, 12, false),
                (&p.days, 6, true),
                (&p.billed, 12, true),
                (&p.effective, 12, true),
                (&p.copay, 12, true),
            ]);
            if !p.meals.is_empty() {
                out.line(&format!("    食事・生活療養 {}", p.meals));
            }
        }
        if !self.corrections.is_empty() {
            out.rule('─');
            out.line("審査による補正（＊ の行が補正後）");
            for c in &self.corrections {
                out.line(&format!("  {} 行 {}  {}", c.kind, c.line, c.text));
            }
        }
        if !self.problems.is_empty() {
            out.rule('─');
            out.line("問題");
            for p in &self.problems {
                out.line(&format!("  {p}"));
            }
        }
        out.rule('═');
        out.0
    }
}

fn mark(of: Mark) -> &'static str {
    match of {
        Mark::Same => "",
        Mark::New => "＊",
        Mark::Gone => "－",
    }
}

fn join(parts: &[&str], between: &str) -> String {
    parts.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join(between)
}

#[derive(Default)]
struct Sheet(String);

impl Sheet {
    fn rule(&mut self, c: char) {
        self.0.extend(std::iter::repeat_n(c, WIDTH));
        self.0.push('\n');
    }

    fn line(&mut self, text: &str) {
        self.0.push_str(text.trim_end());
        self.0.push('\n');
    }

    fn pair(&mut self, a: &str, a_value: &str, b: &str, b_value: &str) {
        let left = format!("{} {}", pad(a, 10, false), a_value.trim());
        let right = format!("{} {}", pad(b, 14, false), b_value.trim());
        self.line(&format!("{}│ {right}", pad(&left, 56, false)));
    }

    /// Cells of given widths; what is longer pushes the rest to the right.
    fn columns(&mut self, cells: &[(&str, usize, bool)]) {
        let mut text = String::new();
        for (cell, width, right) in cells {
            text.push_str(&pad(cell, *width, *right));
            if cell.width() >= *width {
                text.push(' ');
            }
        }
        self.line(&text);
    }
}
