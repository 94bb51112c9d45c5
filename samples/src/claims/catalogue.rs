//! Our own small tables of what is charged (`samples/data/*_items.csv`). Points are of the right order, not
//! those of any month; the tables are no copy of any official master.

use std::sync::LazyLock;

use tenken_parser::{Decimal, Encoding};

/// Which record an item is written on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    Si,
    Iy,
    To,
    Ss,
}

impl RecordKind {
    /// By the first digit of the code (masters.md section 1).
    pub fn of_code(code: &str) -> Self {
        match code.as_bytes().first() {
            Some(b'3') => Self::Ss,
            Some(b'6') => Self::Iy,
            Some(b'7') => Self::To,
            _ => Self::Si,
        }
    }
}

/// What only some items have.
#[derive(Debug)]
pub struct Detail {
    pub unit_code: &'static str,
    /// 単価 円
    pub price: Decimal,
    /// dental: codes of 加算
    pub additions: Vec<&'static str>,
    /// TO: 商品名; SI and IY: a comment. In CP932
    pub text: Vec<u8>,
}

/// Nothing beside the code.
pub static PLAIN: Detail = Detail { unit_code: "", price: Decimal(0), additions: Vec::new(), text: Vec::new() };

/// One record of a unit.
#[derive(Clone, Copy, Debug)]
pub struct Part<'t> {
    pub record: RecordKind,
    pub code: &'t str,
    pub quantity: Decimal,
    pub detail: &'static Detail,
}

/// A unit as the table knows it.
#[derive(Debug)]
pub struct Template {
    pub category: &'static str,
    pub points: i64,
    pub parts: Vec<Part<'static>>,
}

macro_rules! pools {
    ($($(#[$doc:meta])* $pool:ident $name:literal,)*) => {
        /// What the units of a table are good for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Pool { $($(#[$doc])* $pool,)* }

        impl Pool {
            const ALL: &[(Self, &str)] = &[$((Self::$pool, $name),)*];
        }
    };
}

pools! {
    /// 初診
    First "first",
    /// 再診
    Again "again",
    /// additions to 再診
    AgainAdd "again_add",
    /// 医学管理, 在宅
    Manage "manage",
    /// 処方, 調剤
    Prescribe "prescribe",
    /// 内服, one drug a row
    Drug "drug",
    /// 外用
    External "external",
    /// 注射 drugs, one a row
    Inject "inject",
    /// 注射 and other acts
    Act "act",
    /// 処置
    Treat "treat",
    /// 検査 with points of their own
    Test "test",
    /// まるめ検査, one a row
    Chem "chem",
    /// 画像診断
    Image "image",
    /// リハビリ, 精神療法
    Rehab "rehab",
    /// 手術
    Operation "operation",
    /// 麻酔
    Anesthesia "anesthesia",
    /// 入院料
    Stay "stay",
    /// 療養・精神 入院料
    LongStay "long_stay",
    /// 人工腎臓
    Dialysis "dialysis",
    /// 高額薬剤, one a row
    Costly "costly",
    /// 特定器材, one a row
    Material "material",
    /// dental: 修復・補綴
    Crown "crown",
}

/// The units of one kind of claim.
pub struct Catalogue {
    pools: Vec<Vec<Template>>,
}

impl Catalogue {
    /// Rows of one `pool` and `unit` make one unit; the last of them carries the points.
    fn read(text: &'static str) -> Self {
        let mut pools: Vec<Vec<Template>> = Pool::ALL.iter().map(|_| Vec::new()).collect();
        let mut open = None;
        for line in text.lines().skip(1) {
            let mut cells = line.split(',');
            let mut cell = || cells.next().unwrap_or_default();
            let key = (cell(), cell());
            let Some((pool, _)) = Pool::ALL.iter().find(|(_, name)| *name == key.0) else { continue };
            let (category, record, code) = (cell(), cell(), cell());
            let (points, quantity) = (cell(), decimal(cell()));
            let detail = Detail {
                unit_code: cell(),
                price: decimal(cell()),
                additions: cell().split_ascii_whitespace().collect(),
                text: Encoding::Cp932.encode(cell()),
            };
            let record = match record {
                "SI" => RecordKind::Si,
                "IY" => RecordKind::Iy,
                "TO" => RecordKind::To,
                _ => RecordKind::Ss,
            };
            let list = &mut pools[*pool as usize];
            if open != Some(key) || list.is_empty() {
                list.push(Template { category, points: 0, parts: Vec::new() });
                open = Some(key);
            }
            if let Some(unit) = list.last_mut() {
                // the tables are read once and live as long as the program
                unit.parts.push(Part { record, code, quantity, detail: Box::leak(Box::new(detail)) });
                unit.points += points.parse::<i64>().unwrap_or(0);
            }
        }
        Self { pools }
    }

    pub fn pool(&self, pool: Pool) -> &[Template] {
        &self.pools[pool as usize]
    }
}

/// A decimal of a table; empty is zero.
fn decimal(text: &str) -> Decimal {
    let (int, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = format!("{fraction:0<5}");
    let number = |s: &str| s.parse::<i64>().unwrap_or(0);
    Decimal(number(int) * Decimal::UNIT + number(&fraction[..Decimal::PLACES as usize]))
}

/// 医科 and DPC.
pub static MEDICAL: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::read(include_str!("../../data/medical_items.csv")));

/// 歯科.
pub static DENTAL: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(include_str!("../../data/dental_items.csv")));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        for (text, catalogue) in [
            (include_str!("../../data/medical_items.csv"), &*MEDICAL),
            (include_str!("../../data/dental_items.csv"), &*DENTAL),
        ] {
            let parts: usize = catalogue.pools.iter().flatten().map(|t| t.parts.len()).sum();
            assert_eq!(parts, text.lines().count() - 1);
            for t in catalogue.pools.iter().flatten() {
                assert!(t.category.len() == 2, "{t:?}");
                for p in &t.parts {
                    assert!(p.code.len() == 9 && RecordKind::of_code(p.code) == p.record, "{p:?}");
                }
            }
        }
    }

    #[test]
    fn decimals() {
        assert_eq!(
            [decimal(""), decimal("3"), decimal("0.5"), decimal("1.25")].map(|d| d.0),
            [0, 300_000, 50_000, 125_000]
        );
    }
}
