//! What can be wrong with a file or a claim, and how it is told. The one list of codes and messages.

use crate::record::RecordId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What a problem touches (column `level` of the table `rejects`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// the claim is not stored in the tables
    Reject,
    /// the claim is stored
    Problem,
    /// the file as a whole
    File,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Problem => "problem",
            Self::File => "file",
        }
    }
}

macro_rules! problems {
    ($($name:ident $code:literal $level:ident $severity:ident $ja:literal $en:literal $cite:literal;)*) => {
        /// Every kind of problem. `code()` is stable; messages are not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProblemCode { $(#[doc = $en] $name,)* }

        impl ProblemCode {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            pub fn code(self) -> &'static str { match self { $(Self::$name => $code,)* } }
            pub fn level(self) -> Level { match self { $(Self::$name => Level::$level,)* } }
            pub fn severity(self) -> Severity { match self { $(Self::$name => Severity::$severity,)* } }
            /// Message in Japanese; `{}` stands for the detail.
            pub fn message_ja(self) -> &'static str { match self { $(Self::$name => $ja,)* } }
            pub fn message_en(self) -> &'static str { match self { $(Self::$name => $en,)* } }
            /// Page and section of the specification.
            pub fn citation(self) -> &'static str { match self { $(Self::$name => $cite,)* } }
        }
    };
}

problems! {
    ReMissing "re_missing" Reject Error "RE（レセプト共通）レコードがありません" "the claim has no RE record" "記録条件仕様 1.3";
    ReceiptTypeUnreadable "receipt_type_unreadable" Reject Error "レセプト種別が読めません（4桁の数字が必要）{}" "the receipt type is not four digits {}" "医科 3.2 項番3";
    ServiceMonthUnreadable "service_month_unreadable" Reject Error "診療年月が読めません（YYYYMM または GYYMM が必要）{}" "the service month is not YYYYMM or GYYMM {}" "医科 3.2 項番4";
    PayerMissing "payer_missing" Reject Error "HO（保険者）も KO（公費）もありません" "the claim has neither HO nor KO" "記録条件仕様 1.3";
    InsurerNoUnreadable "insurer_no_unreadable" Reject Error "保険者番号（公費負担者番号）が読めません{}" "the insurer or payer number cannot be read {}" "医科 3.4 項番2";
    TotalPointsUnreadable "total_points_unreadable" Reject Error "合計点数（合計金額）が読めません{}" "the total points or amount cannot be read {}" "医科 3.4 項番6";
    CutOff "cut_off" Reject Error "ファイルが途中で切れています（最後のレセプトの最終行に改行がなく、GO もありません）。送信元から取り直してください" "the file is cut off inside this claim: no line end and no GO; fetch the file again" "医科 1.1";
    RcMissing "rc_missing" Reject Error "ファイルが途中で切れています（最後のレセプトに RC がありません）。取り直してください" "the file is cut off: the last claim has no RC while the others have one" "審査支払機関 3 RC";

    InsurerNoMissing "insurer_no_missing" Problem Error "保険者番号が空です" "the insurer number is empty" "医科 3.4 項番2";
    UnknownRecord "unknown_record" Problem Warning "知らないレコード {} です（原本に残します）" "unknown record {}; kept in the original" "医科 1.3";
    NotARecord "not_a_record" Problem Warning "レコードとして読めない行です（原本に残します）" "a line that is no record; kept in the original" "医科 1.3";
    LineShort "line_short" Problem Note "項目数が足りません（{}）。無い項目は空とみなします" "the line has too few fields ({}); missing ones are taken as empty" "医科 1.2";
    LineLong "line_long" Problem Warning "項目数が多すぎます（{}）。余りは原本に残します" "the line has too many fields ({}); the rest is kept in the original" "医科 1.2";
    FieldUnreadable "field_unreadable" Problem Warning "項目が定められた形ではありません{}" "the field is not of its type {}" "医科 3";
    UndecodableText "undecodable_text" Problem Warning "文字として読めないバイトがあります" "bytes that are no text" "識別子 7";
    DuplicateRecord "duplicate_record" Problem Warning "{} が 2 つ以上あります（最初のものを使います）" "more than one {}; the first is used" "記録条件仕様 1.3";
    CorrectionTargetMissing "correction_target_missing" Problem Warning "補正（JY）の対象行が見つかりません{}" "the target of a correction (JY) is not in the claim {}" "審査支払機関 2";
    TimesDiffer "times_differ" Problem Warning "回数が 1日〜31日の情報の合計と違います（{}）" "times is not the sum of the day cells ({})" "医科 1.5-2";
    DayOutsideMonth "day_outside_month" Problem Warning "暦にない日に回数があります" "a day cell on a day the month does not have" "医科 1.5";
    TotalPointsDiffer "total_points_differ" Problem Warning "合計点数（金額）が明細の合計と違います（{}）" "the total is not the sum of the lines ({})" "医科 1.5-3";
    PublicPointsDiffer "public_points_differ" Problem Warning "公費の合計点数（金額）が明細の合計と違います（{}）" "the total of a public payer is not the sum of its lines ({})" "医科 1.5-4";
    MealYenDiffer "meal_yen_differ" Problem Warning "食事・生活療養の合計金額が明細と違います（{}）" "the meal amount is not the sum of the meal lines ({})" "医科 1.5-5";
    MealCountDiffer "meal_count_differ" Problem Warning "食事・生活療養の回数が明細と違います（{}）" "the number of meals is not that of the lines ({})" "医科 1.5-5";
    ActualDaysDiffer "actual_days_differ" Problem Warning "実日数が受診日等（JD）と違います（{}）" "the number of days is not that of JD ({})" "歯科 3";
    DpcSubtotalDiffer "dpc_subtotal_differ" Problem Warning "包括小計点数の計算が合いません（{}）" "a DPC subtotal does not add up ({})" "医科 1.5-7";
    DrugPointsDiffer "drug_points_differ" Problem Warning "薬剤料が 単位薬剤料×調剤数量 と違います（{}）" "drug points are not unit points times quantity ({})" "調剤 5";
    VisitOutsideMonth "visit_outside_month" Problem Warning "算定年月日が診療年月の外です" "the date of a service lies outside the service month" "訪問看護 7";

    Utf8Encoding "utf8_encoding" File Note "UTF-8 で書かれています（正しくは Shift_JIS）。読み替えて取り込みました" "written in UTF-8 instead of Shift_JIS; read as such" "医科 1.1";
    BillingMonthDiffers "billing_month_differs" File Warning "請求年月が指定の審査月と違います（{}）" "the billing month is not the month given ({})" "DESIGN 6";
    NoHeader "no_header" File Warning "医療機関情報（IR・UK・YK・HM）がありません" "no institution record (IR, UK, YK, HM) before the claims" "医科 1.3";
    NoGo "no_go" File Warning "診療報酬請求書（GO）がありません。ファイルが欠けているおそれがあります" "no GO record at the end; part of the file may be missing" "医科 1.3";
    GoCountDiffers "go_count_differs" File Warning "GO の総件数が合いません（{}）" "the count of GO does not agree ({})" "医科 1.5-6";
    GoPointsDiffer "go_points_differ" File Warning "GO の総合計点数が合いません（{}）" "the points of GO do not agree ({})" "医科 1.5-6";
    RecordOutsideClaim "record_outside_claim" File Warning "レセプトの外にレコード {} があります" "a record outside any claim: {}" "医科 1.3";
}

impl ProblemCode {
    /// The command ends with status 3 when this occurs (DESIGN section 6).
    pub fn needs_look(self) -> bool {
        match self.level() {
            Level::Reject => true,
            Level::Problem => false,
            Level::File => !matches!(self, Self::Utf8Encoding | Self::RecordOutsideClaim),
        }
    }

    /// The message with its detail.
    pub fn reason(self, japanese: bool, detail: &str) -> String {
        let template = if japanese { self.message_ja() } else { self.message_en() };
        template.replace("{}", detail).trim_end().to_owned()
    }
}

/// One thing that is not as it should be, and where it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: ProblemCode,
    /// byte range in the file
    pub byte_start: u64,
    pub byte_len: u64,
    /// line in the file, from 1
    pub line: u64,
    pub record: Option<RecordId>,
    /// name of the field on the spec page
    pub field: Option<&'static str>,
    /// numbers and codes that explain it; never a name
    pub detail: String,
}

impl Problem {
    pub fn reason(&self, japanese: bool) -> String {
        self.code.reason(japanese, &self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_messages_complete() {
        let mut codes: Vec<_> = ProblemCode::ALL.iter().map(|c| c.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ProblemCode::ALL.len());
        for c in ProblemCode::ALL {
            assert_eq!(c.message_ja().contains("{}"), c.message_en().contains("{}"), "{c:?}");
            assert!(!c.citation().is_empty());
        }
    }
}
