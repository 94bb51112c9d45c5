//! `imports`: one row per import; its last commit is the switch.

use crate::schema::table;

table! {
    /// All rows stand in one small file that each change replaces.
    TABLE "imports" by &[];
    import_id: Text, exam_month: Month, status: Code, generation: I32, imported_at: Time, withdrawn_at: Time "?",
    user: Text "?", files: I64, bytes: I64, claims: I64, rejected: I64, problems: I64, points: I64,
    points_effective: I64, cost_yen: I64, registry_runs: List, rules_version: Text, program_version: Text,
    seconds: F64,
}
