//! Columns of a table as data. Registers and ledgers share the reader; each brings its layouts.

/// What happens when a file lacks a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// the file is refused
    Required,
    /// read as empty, with a warning
    Usual,
    /// read as empty
    Optional,
}

#[derive(Debug)]
pub struct Column {
    pub name: &'static str,
    /// further names that a header may use
    pub aliases: &'static [&'static str],
    pub need: Need,
    /// names a person: its values are never shown
    pub is_personal: bool,
    /// holds dates
    pub is_date: bool,
    /// the first day not covered; `end = "inclusive"` moves it
    pub is_end: bool,
    /// all the words it may hold, beside the empty one; any when there are none
    pub words: &'static [&'static str],
}

impl Column {
    pub const fn new(name: &'static str) -> Self {
        Self { name, aliases: &[], need: Need::Usual, is_personal: false, is_date: false, is_end: false, words: &[] }
    }

    pub const fn required(mut self) -> Self {
        self.need = Need::Required;
        self
    }

    pub const fn optional(mut self) -> Self {
        self.need = Need::Optional;
        self
    }

    pub const fn personal(mut self) -> Self {
        self.is_personal = true;
        self
    }

    pub const fn date(mut self) -> Self {
        self.is_date = true;
        self
    }

    pub const fn end(mut self) -> Self {
        self.is_end = true;
        self.date()
    }

    pub const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}

/// A table that comes as one file.
#[derive(Debug)]
pub struct Layout {
    /// file name without `.csv`
    pub stem: &'static str,
    /// with it
    pub file: &'static str,
    pub columns: &'static [Column],
}

/// A module with the layout of a file and the place of each column in it.
macro_rules! layout {
    ($(#[$doc:meta])* $stem:ident { $($id:ident = $column:expr;)* }) => {
        $(#[$doc])*
        pub mod $stem {
            use super::*;

            enum Place {
                $(#[allow(clippy::upper_case_acronyms, non_camel_case_types)] $id,)*
            }

            $(pub const $id: usize = Place::$id as usize;)*

            pub static LAYOUT: Layout = Layout {
                stem: stringify!($stem),
                file: concat!(stringify!($stem), ".csv"),
                columns: &[$($column),*],
            };
        }
    };
}

/// 性別, and other columns of two codes.
const ONE_TWO: &[&str] = &["1", "2"];
const ZERO_ONE: &[&str] = &["0", "1"];

/// 取得事由
pub const ACQUIRED_REASONS: &[&str] =
    &["転入", "県内転入", "社保離脱", "出生", "生保廃止", "組合離脱", "後期離脱", "その他"];
/// 喪失事由
pub const LOST_REASONS: &[&str] =
    &["転出", "国外転出", "社保加入", "組合加入", "死亡", "生保開始", "後期加入", "その他"];
/// 適用開始事由
pub const APPLIED_FROM_REASONS: &[&str] = &["県内転入", "世帯変更", "番号変更"];
/// 適用終了事由
pub const APPLIED_TO_REASONS: &[&str] = &["県内転出", "世帯変更", "番号変更"];

layout! {
    /// Persons.
    kojin {
        PERSON_ID = Column::new("宛名番号").required();
        NAME = Column::new("氏名").required().personal();
        KANA = Column::new("氏名カナ").required().personal();
        OTHER_NAMES = Column::new("別名").personal();
        BIRTH_DATE = Column::new("生年月日").required().date();
        SEX = Column::new("性別").required().words(ONE_TWO);
        DEATH_DATE = Column::new("死亡年月日").date();
        POSTAL_CODE = Column::new("郵便番号").optional();
        ADDRESS = Column::new("住所").optional().personal();
        DISTRICT = Column::new("地区コード").optional();
        MAIL_NAME = Column::new("送付先氏名").optional().personal();
        MAIL_ADDRESS = Column::new("送付先住所").optional().personal();
        NO_NOTICE = Column::new("通知除外").optional().words(ZERO_ONE);
    }
}

layout! {
    /// Qualification and application periods.
    shikaku {
        PERSON_ID = Column::new("宛名番号").required();
        HOUSEHOLD_ID = Column::new("世帯番号").required();
        SCHEME = Column::new("制度").required().words(&["1", "3"]);
        INSURER_NO = Column::new("保険者番号").required();
        KIGO = Column::new("記号");
        BANGO = Column::new("番号").required();
        EDABAN = Column::new("枝番");
        IS_HEAD = Column::new("世帯主区分").required().words(ZERO_ONE);
        ACQUIRED_ON = Column::new("資格取得年月日").required().date();
        ACQUIRED_REASON = Column::new("取得事由").words(ACQUIRED_REASONS);
        LOST_ON = Column::new("資格喪失年月日").required().end();
        LOST_REASON = Column::new("喪失事由").words(LOST_REASONS);
        APPLIED_FROM = Column::new("適用開始年月日").date();
        APPLIED_FROM_REASON = Column::new("適用開始事由").optional().words(APPLIED_FROM_REASONS);
        APPLIED_TO = Column::new("適用終了年月日").end();
        APPLIED_TO_REASON = Column::new("適用終了事由").words(APPLIED_TO_REASONS);
        REGISTERED_AT = Column::new("登録日時").date();
        REGISTERED_AT_START = Column::new("登録日時_開始").optional().date();
    }
}

layout! {
    /// Dated attributes of a person or a household.
    zokusei {
        TARGET = Column::new("対象").required().words(&["個人", "世帯"]);
        ID = Column::new("番号").required();
        KIND = Column::new("種別").required();
        VALUE = Column::new("値").required();
        VALID_FROM = Column::new("開始年月日").required().date();
        VALID_TO = Column::new("終了年月日").required().end();
        REGISTERED_AT = Column::new("登録日時").date();
    }
}

layout! {
    /// Households.
    setai {
        HOUSEHOLD_ID = Column::new("世帯番号").required();
        HEAD_PERSON_ID = Column::new("世帯主宛名番号");
        HEAD_NAME = Column::new("世帯主氏名").personal();
        POSTAL_CODE = Column::new("郵便番号").optional();
        ADDRESS = Column::new("住所").optional().personal();
    }
}

/// The tables of a register, in the order in which they are read and rejects are listed.
pub static REGISTRY: [&Layout; 4] = [&kojin::LAYOUT, &shikaku::LAYOUT, &zokusei::LAYOUT, &setai::LAYOUT];

/// `kind` of an event
pub const EVENT_KINDS: &[&str] = &["kago", "resubmit", "satei", "fukkatsu", "ratio", "hokenshakan"];
/// `row_code` of a decision paid in cash (reports.md 5.2 to 5.4, no sums)
pub const CASH_ROWS: &[&str] = &[
    "R11", "R12", "R13", "R14", "R15", "R16", "R17", "R19", "R31", "R32", "R33", "R34", "R35", "R36", "R37", "R40",
    "R51", "R52", "R53", "R54",
];
/// Population classes (reports.md 3.3)
pub const CLASSES: &[&str] = &["PRE", "STD", "65", "70G", "70H", "30", "20", "10"];
/// Categories (reports.md 3.2), or all together
pub const BILLED_KINDS: &[&str] = &["INP", "OUT", "DEN", "PHA", "MEAL", "VN", "ALL"];

layout! {
    /// Changes to claims.
    events {
        EVENT_ID = Column::new("event_id").required();
        CLAIM_ID = Column::new("claim_id");
        SEARCH_NO = Column::new("search_no");
        KIND = Column::new("kind").required().words(EVENT_KINDS);
        EXAM_MONTH = Column::new("exam_month").required();
        PAY_MONTH = Column::new("pay_month");
        DELTA_POINTS = Column::new("delta_points");
        DELTA_DAYS = Column::new("delta_days");
        OLD_RATE = Column::new("old_rate").words(&["70", "80", "90"]);
        NEW_RATE = Column::new("new_rate").words(&["70", "80", "90"]);
        REVERSES = Column::new("reverses");
        NOTE = Column::new("note").optional();
    }
}

layout! {
    /// Decisions paid in cash.
    cash {
        DECISION_ID = Column::new("decision_id").required();
        ROW_CODE = Column::new("row_code").required().words(CASH_ROWS);
        PERSON_ID = Column::new("person_id").aliases(&["宛名番号"]);
        HOUSEHOLD_ID = Column::new("household_id").aliases(&["世帯番号"]);
        SERVICE_MONTH = Column::new("service_month").required();
        DECISION_DATE = Column::new("decision_date").required().date();
        CNT = Column::new("cnt");
        COST_YEN = Column::new("cost_yen");
        INS_YEN = Column::new("ins_yen").required();
        COP_YEN = Column::new("cop_yen");
        OTH_YEN = Column::new("oth_yen");
        CLASS = Column::new("class").optional().words(CLASSES);
    }
}

layout! {
    /// 請求内訳.
    billed {
        EXAM_MONTH = Column::new("exam_month").required();
        INSURER_NO = Column::new("insurer_no").required();
        KIND = Column::new("kind").required().words(BILLED_KINDS);
        CNT = Column::new("cnt").required();
        DAYS = Column::new("days").required();
        POINTS = Column::new("points").required();
        AMOUNT_YEN = Column::new("amount_yen").required();
        HIGH_COST_YEN = Column::new("high_cost_yen");
    }
}

layout! {
    /// Overrides of insured counts.
    counts {
        LABEL_MONTH = Column::new("label_month").required();
        INSURER_NO = Column::new("insurer_no").required();
        ROW_CODE = Column::new("row_code").required();
        COL_CODE = Column::new("col_code").required().words(&["prev", "inc", "dec", "end"]);
        VALUE = Column::new("value").required();
    }
}

/// The ledger files, in the order in which they are read and rejects are listed.
pub static LEDGER: [&Layout; 4] = [&events::LAYOUT, &cash::LAYOUT, &billed::LAYOUT, &counts::LAYOUT];
