//! Signed lines of the ledger (reports.md 3).

use std::ops::{AddAssign, Neg};

use tenken_parser::Month;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident $code:literal $ja:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$of])* $variant),* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            pub fn name_ja(self) -> &'static str {
                match self { $(Self::$variant => $ja),* }
            }

            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|w| w.code() == code)
            }
        }
    };
}

words! {
    /// What booked a line (reports.md 3.5).
    Event {
        Claim "claim" "請求",
        /// examined later than the month after treatment
        Late "late" "月遅れ",
        Kago "kago" "過誤",
        Resubmit "resubmit" "再請求",
        Satei "satei" "査定",
        Fukkatsu "fukkatsu" "復活",
        Ratio "ratio" "給付割合の訂正",
        Hokenshakan "hokenshakan" "保険者間調整",
        Cash "cash" "現金給付",
    }
}

words! {
    /// What a claim is booked as (reports.md 3.2).
    Category {
        Inpatient "INP" "入院",
        Outpatient "OUT" "入院外",
        Dental "DEN" "歯科",
        Pharmacy "PHA" "調剤",
        Meal "MEAL" "食事療養・生活療養",
        Nursing "VN" "訪問看護",
    }
}

words! {
    /// Population class (reports.md 3.3).
    Class {
        /// 未就学児
        Preschool "PRE" "未就学児",
        Standard "STD" "65歳未満",
        From65 "65" "65〜69歳",
        General70 "70G" "70歳以上 一般",
        Active70 "70H" "70歳以上 現役並み",
        Kouki30 "30" "3割",
        Kouki20 "20" "2割",
        Kouki10 "10" "1割",
    }
}

words! {
    /// Whose books.
    Scheme {
        General "GENERAL" "一般",
        /// 退職被保険者 本人
        RetiredSelf "RET_SELF" "退職 本人",
        RetiredDependant "RET_DEP" "退職 被扶養者",
        Kouki "KOUKI" "後期",
        /// 65 to 74 with a recognised disability
        KoukiDisabled "KOUKI_D" "後期 障害認定",
    }
}

impl Class {
    pub fn is_kouki(self) -> bool {
        matches!(self, Self::Kouki30 | Self::Kouki20 | Self::Kouki10)
    }
}

/// Measures of a line (reports.md 3.4), signed. 件, 日 (調剤: 枚, 食事: 回), 円.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    pub cnt: i64,
    pub days: i64,
    pub cost: i64,
    /// 保険者負担分
    pub ins: i64,
    /// 一部負担金
    pub cop: i64,
    /// 他法優先
    pub oth_t: i64,
    /// 国保優先
    pub oth_k: i64,
    /// 高額療養費 in kind
    pub hk: i64,
}

impl Measures {
    /// `cost = ins + cop + oth`.
    pub fn is_balanced(&self) -> bool {
        self.cost == self.ins + self.cop + self.oth_t + self.oth_k
    }

    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

impl AddAssign for Measures {
    fn add_assign(&mut self, o: Self) {
        self.cnt += o.cnt;
        self.days += o.days;
        self.cost += o.cost;
        self.ins += o.ins;
        self.cop += o.cop;
        self.oth_t += o.oth_t;
        self.oth_k += o.oth_k;
        self.hk += o.hk;
    }
}

impl Neg for Measures {
    type Output = Self;

    fn neg(self) -> Self {
        Self {
            cnt: -self.cnt,
            days: -self.days,
            cost: -self.cost,
            ins: -self.ins,
            cop: -self.cop,
            oth_t: -self.oth_t,
            oth_k: -self.oth_k,
            hk: -self.hk,
        }
    }
}

/// A row that lines are booked to: `R01`, `R35`. Kept as four bytes, compared as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowCode([u8; 4], u8);

impl RowCode {
    /// At most four ASCII letters and digits.
    pub fn new(code: &str) -> Option<Self> {
        let fits = !code.is_empty() && code.len() <= 4 && code.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then(|| {
            let mut bytes = [0; 4];
            bytes[..code.len()].copy_from_slice(code.as_bytes());
            Self(bytes, code.len() as u8)
        })
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0[..usize::from(self.1)]).unwrap_or_default()
    }
}

impl std::fmt::Debug for RowCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A signed line. Who it is about is held by the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub event: Event,
    pub category: Option<Category>,
    pub class: Class,
    pub scheme: Scheme,
    pub row: RowCode,
    pub service_month: Month,
    pub exam_month: Month,
    pub pay_month: Month,
    /// 給付割合 %, of the claim
    pub rate: u8,
    /// with a local subsidy (地方単独医療費助成)
    pub local_aid: bool,
    pub measures: Measures,
    pub needs_decision: bool,
}
