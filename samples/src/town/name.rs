//! Names: legal ones, others by which a person is known, and the one that institutions write.

use crate::{rng::Rng, tables::TABLES};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Name {
    /// 氏名 and カナ of the register
    pub legal: (String, String),
    /// 別名
    pub others: Vec<String>,
    /// what stands on claims
    pub shown: (String, String),
}

/// A name of foreign people: legal in Latin order, used by a 通称名.
const FOREIGN: [(&str, &str); 6] = [
    ("グエン　ティ　ミホン", "グエンティミホン"),
    ("キム　ミホン", "キムミホン"),
    ("リン　レイ", "リンレイ"),
    ("チャン　ヴァン　アン", "チャンヴァンアン"),
    ("サントス　マリア", "サントスマリア"),
    ("タパ　ラム", "タパラム"),
];

impl Name {
    pub fn family(rng: &mut Rng) -> usize {
        rng.below(TABLES.families.len())
    }

    pub fn new(family: usize, sex: u8, adult: bool, rng: &mut Rng) -> Self {
        let given = &TABLES.given[usize::from(sex.clamp(1, 2)) - 1];
        let given = &given[rng.below(given.len())];
        let f = &TABLES.families[family % TABLES.families.len()];
        let kanji = |f: &str| format!("{f}　{}", given.kanji);
        let plain = (kanji(f.kanji), format!("{}{}", f.kana, given.kana));
        let mut name = Self { legal: plain.clone(), others: Vec::new(), shown: plain };
        match rng.below(1000) {
            // 異体字 in the register, the common form on claims, or the other way round
            0..450 if !f.variant.is_empty() => {
                if rng.per_mille(500) {
                    name.legal.0 = kanji(f.variant);
                } else {
                    name.shown.0 = kanji(f.variant);
                }
            }
            // 外字: no claim file can carry it as it is
            950..962 => {
                let gaiji = char::from_u32(0xE000 + rng.below(188) as u32).unwrap_or('？');
                name.legal.0 =
                    format!("{gaiji}{}", &name.legal.0[name.legal.0.chars().next().map_or(0, char::len_utf8)..]);
                name.shown.0 = name.legal.0.clone();
            }
            // 旧姓
            962..980 if adult && sex == 2 => {
                let old = &TABLES.families[Self::family(rng)];
                let (a, b) = (kanji(old.kanji), format!("{}{}", old.kana, given.kana));
                name.others = vec![a.clone(), b.clone()];
                if rng.per_mille(400) {
                    name.shown = (a, b);
                }
            }
            // 通称名
            980..995 if adult => {
                let (a, b) = FOREIGN[rng.below(FOREIGN.len())];
                let alias = std::mem::replace(&mut name.legal, (a.to_owned(), b.to_owned()));
                name.others = vec![alias.0.clone(), alias.1.clone()];
                name.shown = if rng.per_mille(700) { alias } else { name.legal.clone() };
            }
            _ => {}
        }
        name
    }
}
