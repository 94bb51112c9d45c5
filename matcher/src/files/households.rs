//! `setai.csv`

use super::{
    layout::setai::*,
    reader::{Bad, Row},
};
use crate::registry::rows::Household;

pub(crate) fn read(row: &Row<'_>) -> Result<Household, Bad> {
    Ok(Household {
        household_id: row.key(HOUSEHOLD_ID)?,
        // may be a person who is not insured, so that nobody looks for it
        head_person_id: row.plain(HEAD_PERSON_ID),
        head_name: row.owned(HEAD_NAME),
        postal_code: row.owned(POSTAL_CODE),
        address: row.owned(ADDRESS),
    })
}

/// Cells in the order of the layout.
pub(crate) fn cells(h: &Household) -> Vec<String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    vec![h.household_id.clone(), text(&h.head_person_id), text(&h.head_name), text(&h.postal_code), text(&h.address)]
}
