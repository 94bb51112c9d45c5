//! Code tables (別表) with their names and dates, from `codes/*.csv`.

use std::{collections::HashMap, sync::LazyLock};

/// One table: rows by code, several rows where validity or score table differ.
pub struct CodeTable {
    columns: Vec<String>,
    rows: HashMap<String, Vec<csv::StringRecord>>,
}

impl CodeTable {
    fn read(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns: Vec<String> = reader.headers().map(|h| h.iter().map(str::to_owned).collect()).unwrap_or_default();
        let key = columns.iter().position(|c| c == "code").unwrap_or(0);
        let mut rows: HashMap<String, Vec<csv::StringRecord>> = HashMap::new();
        for row in reader.records().flatten() {
            rows.entry(row.get(key).unwrap_or_default().to_owned()).or_default().push(row);
        }
        Self { columns, rows }
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == name)
    }

    /// A cell of the row of a code; the row of the score table (点数表) where there are several.
    pub fn get(&self, code: &str, column: &str, score_table: Option<&str>) -> Option<&str> {
        let rows = self.rows.get(code)?;
        let row = match (score_table, self.column("tensuhyo")) {
            (Some(t), Some(i)) => rows.iter().find(|r| r.get(i) == Some(t)).or(rows.first())?,
            _ => rows.first()?,
        };
        row.get(self.column(column)?)
    }

    /// The Japanese name of a code.
    pub fn name(&self, code: &str) -> Option<&str> {
        self.get(code, "name_ja", None)
    }

    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident $file:literal;)*) => {$(
        $(#[$doc])*
        pub static $name: LazyLock<CodeTable> =
            LazyLock::new(|| CodeTable::read(include_str!(concat!("../codes/", $file, ".csv"))));
    )*};
}

tables! {
    /// 別表1 審査支払機関
    REVIEW_ORG "shinsa_shiharai_kikan";
    /// 別表2 都道府県
    PREFECTURE "prefecture";
    /// 別表3 点数表
    SCORE_TABLE "tensuhyo";
    /// 別表5 レセプト種別
    RECEIPT_TYPE "receipt_type";
    /// 別表6 男女区分
    SEX "danjo";
    /// 別表7 病棟区分
    WARD_TYPE "byoto";
    /// 別表8 一部負担金・標準負担額区分
    COPAY_MEAL_CLASS "ichibu_futankin";
    /// 別表9 レセプト特記事項
    TOKKI "tokki_jiko";
    /// 別表10 診療科
    DEPARTMENT "shinryoka";
    /// 患者の状態
    PATIENT_STATUS "kanja_jotai";
    /// 別表15 職務上の事由
    OCCUPATIONAL_REASON "shokumu_jiyu";
    /// 別表16 減免区分
    RELIEF_CLASS "genmen";
    /// 任意給付区分
    OPTIONAL_BENEFIT "nini_kyufu";
    /// 別表18 転帰区分
    OUTCOME "tenki";
    /// 別表19 主傷病
    MAIN_DISEASE "shushobyo";
    /// 特別な傷病名コード
    SPECIAL_DISEASE "shobyo_special";
    /// 別表20 診療識別
    CATEGORY "shinryo_shikibetsu";
    /// 別表21 負担区分
    BURDEN_CLASS "futan_kubun";
    /// 別表22 特定器材単位
    MATERIAL_UNIT "tokutei_kizai_tani";
    /// 別表23 症状詳記区分
    SYMPTOM_DETAIL "shojo_shoki";
    /// 別表28 負担者種別
    PAYER_KIND "futansha_shubetsu";
    /// 別表29 確認区分
    CONFIRMATION "kakunin_kubun";
    /// 別表30 受診等区分
    VISIT_CLASS "jushin_to_kubun";
    /// 別表31 窓口負担額区分
    WINDOW_CLASS "madoguchi_futan";
    /// 法別番号
    HOBETSU "hobetsu";
    /// 調剤 剤形
    DOSAGE_FORM "chozai_zaikei";
    /// 食事・生活療養の算定コードの役割 (basic, addition, standard_burden)
    MEAL_ITEM "meal_items";
}

/// Who shares a line: bit 0 = 医保, bits 1 to 4 = 第1 to 第4公費 (別表21). 0 for an unknown class.
pub fn payers_of(burden_class: &[u8]) -> u8 {
    static TABLE: LazyLock<[u8; 128]> = LazyLock::new(|| {
        let mut table = [0u8; 128];
        for code in BURDEN_CLASS.codes() {
            let bits = ["insurer", "public1", "public2", "public3", "public4"].iter().enumerate();
            if let Some(slot) = code.as_bytes().first().and_then(|b| table.get_mut(usize::from(*b))) {
                *slot = bits
                    .filter(|(_, c)| BURDEN_CLASS.get(code, c, None) == Some("1"))
                    .fold(0, |mask, (i, _)| mask | 1 << i);
            }
        }
        table
    });
    match burden_class {
        [b] => TABLE.get(usize::from(*b)).copied().unwrap_or(0),
        _ => 0,
    }
}

/// Role of a 診療識別 97 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MealRole {
    Basic,
    Addition,
    StandardBurden,
}

/// The role of a meal code, if the table knows it.
pub fn meal_role(code: &str) -> Option<MealRole> {
    match MEAL_ITEM.get(code, "role", None)? {
        "basic" => Some(MealRole::Basic),
        "standard_burden" => Some(MealRole::StandardBurden),
        _ => Some(MealRole::Addition),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burden_classes() {
        for (code, payers) in
            [("1", 0b1), ("5", 0b10), ("2", 0b11), ("4", 0b111), ("9", 0b11111), ("Z", 0b11110), ("?", 0), ("", 0)]
        {
            assert_eq!(payers_of(code.as_bytes()), payers, "{code}");
        }
    }

    #[test]
    fn names() {
        assert_eq!(PREFECTURE.name("13"), Some("東京"));
        assert!(RECEIPT_TYPE.name("1112").is_some());
        assert!(CATEGORY.get("11", "name_ja", Some("3")).is_some());
        assert_eq!(meal_role("197000810"), Some(MealRole::StandardBurden));
    }
}
