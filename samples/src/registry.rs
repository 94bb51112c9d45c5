//! The register as files (registry-files.md sections 1 to 5), whole or as it was known on a day.
//!
//! UTF-8, LF; half-open dates; a loss stands on the last row of its span; 登録日時 of a row with an end dates
//! the end, 登録日時_開始 its beginning.

use std::fmt::Write;

use crate::{
    calendar::{Day, date},
    tables::{Scheme, TABLES},
    town::{Attribute, District, Period, Person},
};

pub(crate) const FILES: [(&str, &str); 4] = [
    (
        "kojin.csv",
        "宛名番号,氏名,氏名カナ,別名,生年月日,性別,死亡年月日,郵便番号,住所,地区コード,送付先氏名,送付先住所,通知除外\n",
    ),
    (
        "shikaku.csv",
        "宛名番号,世帯番号,制度,保険者番号,記号,番号,枝番,世帯主区分,資格取得年月日,取得事由,資格喪失年月日,喪失事由,\
         適用開始年月日,適用開始事由,適用終了年月日,適用終了事由,登録日時,登録日時_開始\n",
    ),
    ("zokusei.csv", "対象,番号,種別,値,開始年月日,終了年月日,登録日時\n"),
    ("setai.csv", "世帯番号,世帯主宛名番号,世帯主氏名,郵便番号,住所\n"),
];

/// Rows of a district for the four files, in their order.
pub(crate) fn rows(district: &District, as_of: Option<Day>) -> [String; 4] {
    let view = View { as_of };
    let mut out: [String; 4] = Default::default();
    let mut used = vec![false; district.households.len()];
    for p in &district.people {
        let rows: Vec<&Period> = p.periods.iter().filter(|r| view.began(r)).collect();
        if rows.is_empty() {
            continue;
        }
        for r in &rows {
            used[r.household as usize] = true;
            period(&mut out[1], district, p, r, view);
        }
        person(&mut out[0], district, p, view);
        for a in &p.attributes {
            attribute(&mut out[2], "個人", p.no, a, view);
        }
    }
    for (h, _) in district.households.iter().zip(&used).filter(|(_, u)| **u) {
        for a in &h.attributes {
            attribute(&mut out[2], "世帯", h.no, a, view);
        }
        let head = h.head.map(|i| &district.people[i as usize]);
        let no = head.map(|p| p.no.to_string()).unwrap_or_default();
        let name = head.map_or(h.head_name.as_str(), |p| &p.name.legal.0);
        let _ = writeln!(out[3], "{},{no},{name},{},{}", h.no, postal(h.place), address(h.place));
    }
    out
}

#[derive(Clone, Copy)]
struct View {
    as_of: Option<Day>,
}

impl View {
    fn knows(self, known: Option<Day>) -> bool {
        known.is_none_or(|k| self.as_of.is_none_or(|d| k <= d))
    }

    fn began(self, row: &Period) -> bool {
        self.knows(row.known_from)
    }
}

fn postal(place: u16) -> String {
    format!("199-{:04}", place)
}

fn address(place: u16) -> String {
    let town = TABLES.places[usize::from(place) % TABLES.places.len()];
    format!("見本県架空市{town}{}丁目", place / 12 + 1)
}

fn day(d: Option<Day>) -> String {
    d.map(|d| date(d).to_string()).unwrap_or_default()
}

/// A working hour that stays with the number.
fn time(d: Option<Day>, no: u64) -> String {
    d.map(|d| format!("{} {:02}:{:02}:00", date(d), 9 + no % 8, no % 60)).unwrap_or_default()
}

fn person(out: &mut String, district: &District, p: &Person, view: View) {
    let known = p.periods.last().is_none_or(|r| view.knows(r.known_to));
    let place = district.households[p.household as usize].place;
    let _ = writeln!(
        out,
        "{},{},{},{},{},{},{},{},{},{:03},,,",
        p.no,
        p.name.legal.0,
        p.name.legal.1,
        p.name.others.join(";"),
        date(p.birth),
        p.sex,
        day(p.death.filter(|_| known)),
        postal(place),
        address(place),
        place,
    );
}

fn period(out: &mut String, district: &District, p: &Person, r: &Period, view: View) {
    let ended = r.end().is_some() && view.knows(r.known_to);
    let only = |value: Option<Day>| day(value.filter(|_| ended));
    let word = |value: &'static str| if ended { value } else { "" };
    let (insurer, kigo) = match r.scheme {
        Scheme::Kokuho => (&district.town.kokuho, district.town.kigo),
        Scheme::Kouki => (&district.town.kouki, ""),
    };
    let edaban = if r.scheme == Scheme::Kokuho { format!("{:02}", r.edaban) } else { String::new() };
    let bango = bango(r);
    let from = if r.from == r.acquired { String::new() } else { day(Some(r.from)) };
    let (known, known_start) = match ended {
        true => (time(r.known_to, p.no), time(r.known_from, p.no)),
        false => (time(r.known_from, p.no), String::new()),
    };
    let _ = writeln!(
        out,
        "{},{},{},{insurer},{kigo},{bango},{edaban},{},{},{},{},{},{from},{},{},{},{known},{known_start}",
        p.no,
        district.households[r.household as usize].no,
        r.scheme.code(),
        u8::from(r.is_head),
        date(r.acquired),
        r.acquired_reason,
        only(r.lost),
        word(r.lost_reason),
        r.from_reason,
        only(r.to),
        word(r.to_reason),
    );
}

/// 番号 of 国保, 被保険者番号 of 後期.
pub(crate) fn bango(r: &Period) -> String {
    match r.scheme {
        Scheme::Kokuho => format!("{:07}", r.bango),
        Scheme::Kouki => format!("{:08}", r.bango),
    }
}

fn attribute(out: &mut String, target: &str, no: u64, a: &Attribute, view: View) {
    if !view.knows(a.known) {
        return;
    }
    let _ = writeln!(out, "{target},{no},{},{},{},{},{}", a.kind, a.value, date(a.from), day(a.to), time(a.known, no));
}
