//! 指摘: what a rule found on one claim.

use serde_json::{Map, Value};

use crate::{catalogue::Rule, settings::Settings};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident $code:literal $title:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$of])* $variant),* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|c| c.code() == code)
            }
        }
    };
}

codes! {
    /// 重要度
    Severity {
        S1 "S1" "給付できない";
        S2 "S2" "誤り";
        S3 "S3" "判断が要る";
        S4 "S4" "情報";
    }
}

codes! {
    Certainty {
        Certain "CERTAIN" "確実";
        Probable "PROBABLE" "ほぼ確実";
        /// never settled without a person
        Possible "POSSIBLE" "可能性";
    }
}

codes! {
    /// 処理案 (eligibility-rules.md 1.7)
    Disposition {
        D1 "D1" "資格過誤（過誤調整依頼）";
        D2 "D2" "受付返戻";
        D3 "D3" "保険者振替・保険者間調整";
        D4 "D4" "不当利得の返納金";
        D5 "D5" "差額調整";
        D6 "D6" "確認・照会";
        D7 "D7" "再審査申出";
        D8 "D8" "第三者行為";
        D9 "D9" "台帳訂正";
    }
}

/// A day of service that is not covered, and the rule that says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadDay {
    /// day of the month
    pub day: u8,
    pub rule: &'static str,
}

/// One deviation of one claim, explained.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub rule: &'static str,
    /// the span, period or other claim that decides: with the claim and the rule it is the identity
    pub cause: String,
    pub is_primary: bool,
    pub severity: Severity,
    pub certainty: Certainty,
    pub disposition: Option<Disposition>,
    /// days of the service month, bit 0 = day 1
    pub days_bad: u32,
    pub days_ok: u32,
    pub causes: Vec<BadDay>,
    pub cand_payer: Option<String>,
    /// the decisive change was registered after the last day of service (遡及異動)
    pub retro: bool,
    /// the provider did confirm the qualification
    pub prov_ok: bool,
    /// one sentence in Japanese, without the name of a person
    pub reason: String,
    /// claim values, registry values, what was known when
    pub evidence: Value,
}

impl Finding {
    /// With what the catalogue says of the rule, certain, and no days yet.
    pub fn of(rule: &'static Rule, cause: impl Into<String>, reason: String, settings: &Settings) -> Self {
        Self {
            rule: &rule.rule,
            cause: cause.into(),
            is_primary: false,
            severity: rule.severity(),
            certainty: Certainty::Certain,
            disposition: rule.first_disposition(settings.parameters.return_before_payment),
            days_bad: 0,
            days_ok: 0,
            causes: Vec::new(),
            cand_payer: None,
            retro: false,
            prov_ok: false,
            reason,
            evidence: Value::Object(Map::new()),
        }
    }

    /// A rule whose disposition is "none" and that only informs (decision 4).
    pub fn is_tag(&self) -> bool {
        self.disposition.is_none() && (self.severity == Severity::S4 || self.rule == "E709")
    }

    /// `finding_id`: the first 16 hex digits of BLAKE3 over `claim_id:rule:cause`.
    pub fn id(&self, claim_id: &str) -> String {
        let mut hash = blake3::hash(format!("{claim_id}:{}:{}", self.rule, self.cause).as_bytes()).to_hex().to_string();
        hash.truncate(16);
        hash
    }
}
