//! 種別 of dated attributes (registry-files.md 2.3).

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $word:literal;)*) => {
        /// 種別
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AttributeKind { $($(#[$doc])* $name),* }

        impl AttributeKind {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

kinds! {
    /// 1, 2 or 3 割
    BurdenRatio "負担割合";
    IncomeUnder70 "所得区分";
    IncomeElder "高齢所得区分";
    /// 滞納による限度額適用不可
    LimitRefused "限度額適用不可";
    MealClass "標準負担額";
    SpecificDisease "特定疾病";
    /// `負担者番号:受給者番号`
    PublicExpense "公費";
    /// 特別療養費
    SpecialCare "特別療養費";
    /// マル学, マル遠, 住所地特例, 退職
    SpecialResidence "特例";
    Excluded "適用除外";
    Detained "拘禁";
    Relief "減免";
    InheritedHit "多数回引継";
    HouseholdContinues "世帯継続";
    /// `保険者番号:記号:番号`
    OtherInsurance "他保険";
    ReducedCap "年少減額";
    ThirdParty "求償";
    NoNotice "通知除外";
}

impl AttributeKind {
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.word() == word)
    }
}
