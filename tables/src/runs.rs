//! `runs`: one row per registry load, re-check and whatever else is no import; its last commit is the switch.

use crate::schema::table;

table! {
    /// All rows stand in one small file that each change replaces.
    TABLE "runs" by &[];
    run_id: Text, kind: Code, owner: Code "?", exam_month_from: Month "?", exam_month_to: Month "?", status: Code,
    started_at: Time, finished_at: Time, user: Text "?", inputs: Json, counts: Json,
}
