//! Whose claims an import holds, written anew after a re-check: the columns `owner`, `person_id`, `household_id` and
//! `tier` of `claims`.
//!
//! A data file is never changed, so each that differs is written again under the new generation, and one log entry puts
//! the new files in the place of the old ones. Until `imports` names the generation, readers here take the replaced
//! files, which stay on the disk until the first clean-up after it; a clean-up before it puts them back.

use std::{collections::HashMap, fs, sync::Arc};

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use tenken_tables::{claims::TABLE, columns::Columns};

use crate::{
    batch::Batch,
    data::Encoded,
    delta::DataFile,
    error::{Error, Result},
    imports, names,
    store::{Store, WriteLock},
    visible::{Folder, Ledgers, without},
};

/// Whose a claim is. All empty but the owner: not identified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identification {
    /// 保険者番号 of the register
    pub owner: String,
    /// 宛名番号
    pub person_id: Option<String>,
    /// 世帯番号
    pub household_id: Option<String>,
    /// `T1` to `T6`
    pub tier: Option<String>,
}

const COLUMNS: [&str; 4] = ["owner", "person_id", "household_id", "tier"];

/// Files of a rewrite before they stand in the log.
#[derive(Debug, Default)]
pub(crate) struct Rewrite {
    add: Vec<DataFile>,
    remove: Vec<DataFile>,
    /// claims that changed
    changed: usize,
}

impl Store {
    /// Writes whose the claims of an import are, for the generation that [`Store::raise_generations`] is to name.
    /// Claims that are not in the map keep what they have; files in which nothing differs stay. One file is in memory
    /// at a time. Gives the number of claims that changed.
    ///
    /// # Errors
    /// [`Error::NoSuchImport`]; [`Error::Generation`] when that generation is visible or older.
    pub fn rewrite_identification(
        &self,
        lock: &WriteLock,
        import_id: &str,
        generation: i32,
        whose: &HashMap<String, Identification>,
    ) -> Result<usize> {
        let rewrite = self.put_identification(lock, import_id, generation, whose)?;
        self.add_identification(lock, rewrite)
    }

    pub(crate) fn put_identification(
        &self,
        _lock: &WriteLock,
        import_id: &str,
        generation: i32,
        whose: &HashMap<String, Identification>,
    ) -> Result<Rewrite> {
        let (current, active) = self.runtime.block_on(async {
            let ledgers = Ledgers::of_imports(imports::read_all(self).await?);
            ledgers.visible_import(import_id)?.check_newer(generation)?;
            let mut active = match self.open_table(&TABLE).await? {
                Some(opened) => opened.files()?,
                None => Vec::new(),
            };
            active.retain(|f| f.id() == import_id);
            Ok::<_, Error>((ledgers.shown(self, &TABLE, active.clone())?, active))
        })?;
        self.remove_unknown(&current, &active)?;
        let mut next = Vec::with_capacity(current.len());
        let mut changed = 0;
        for file in current {
            match self.changes(&file, whose)? {
                0 => next.push(file),
                n => {
                    changed += n;
                    next.push(self.rewritten(&file, generation, whose)?);
                }
            }
        }
        Ok(Rewrite { add: without(&next, &active), remove: without(&active, &next), changed })
    }

    pub(crate) fn add_identification(&self, _lock: &WriteLock, rewrite: Rewrite) -> Result<usize> {
        let Rewrite { add, remove, changed } = rewrite;
        self.sync_data(add.iter().map(|f| (&TABLE, f)))?;
        self.runtime
            .block_on(async { self.open_or_create_table(&TABLE).await?.commit(&add, &remove).await })
            .map(|()| changed)
    }

    /// Files of an attempt that did not come to its log entry: they must not pass for replaced ones later.
    fn remove_unknown(&self, current: &[DataFile], active: &[DataFile]) -> Result<()> {
        let Some((folder, _)) = current.first().and_then(|f| f.path.rsplit_once('/')) else { return Ok(()) };
        let known = |path: &std::path::Path| {
            current.iter().chain(active).any(|f| self.table_folder(&TABLE).join(&f.path) == path)
        };
        let folder = Folder { id: String::new(), path: self.table_folder(&TABLE).join(folder) };
        for (path, _) in folder.data_files()? {
            if !known(&path) {
                fs::remove_file(&path).map_err(Error::io(path))?;
            }
        }
        Ok(())
    }

    /// How many claims of a file differ from the map.
    fn changes(&self, file: &DataFile, whose: &HashMap<String, Identification>) -> Result<usize> {
        let mut changed = 0;
        let columns = [["claim_id"].as_slice(), &COLUMNS].concat();
        self.read_data(&TABLE, &file.path, Some(&columns), |batch| {
            let batch = Batch::new(&TABLE, batch);
            let (claim_id, [owner, person_id, household_id, tier]) = (batch.texts("claim_id")?, cells(&batch)?);
            let differs = |i: usize| {
                whose.get(claim_id.str(i)).is_some_and(|w| {
                    owner.opt_str(i) != Some(w.owner.as_str())
                        || person_id.opt_str(i) != w.person_id.as_deref()
                        || household_id.opt_str(i) != w.household_id.as_deref()
                        || tier.opt_str(i) != w.tier.as_deref()
                })
            };
            changed += (0..batch.rows()).filter(|i| differs(*i)).count();
            Ok(())
        })?;
        Ok(changed)
    }

    fn rewritten(&self, file: &DataFile, generation: i32, whose: &HashMap<String, Identification>) -> Result<DataFile> {
        let (_, piece) = names::parse(&file.path).ok_or_else(|| {
            let reason = format!("{} は Tenken が書いたファイルではありません（not written by Tenken）", file.path);
            Error::Corrupt(TABLE.name.into(), reason)
        })?;
        let mut columns = Columns::new(&TABLE);
        self.read_data(&TABLE, &file.path, None, |batch| Ok(columns.push_batch(&identified(batch, whose)?)?))?;
        let partition = TABLE.partitions.iter().map(|p| ((*p).to_owned(), file.partition.get(*p).cloned().flatten()));
        self.put_rows(&Encoded::of(&columns)?, &names::prefix(generation, piece), partition)
    }
}

fn cells<'b>(batch: &Batch<'b>) -> Result<[crate::batch::Texts<'b>; 4]> {
    let [a, b, c, d] = COLUMNS.map(|name| batch.texts(name));
    Ok([a?, b?, c?, d?])
}

/// The batch with the four columns as the map has them.
fn identified(batch: &RecordBatch, whose: &HashMap<String, Identification>) -> Result<RecordBatch> {
    let rows = Batch::new(&TABLE, batch);
    let (claim_id, before) = (rows.texts("claim_id")?, cells(&rows)?);
    let mut after: [StringBuilder; 4] = std::array::from_fn(|_| StringBuilder::new());
    for i in 0..rows.rows() {
        let cells = match whose.get(claim_id.str(i)) {
            Some(w) => [Some(w.owner.as_str()), w.person_id.as_deref(), w.household_id.as_deref(), w.tier.as_deref()],
            None => std::array::from_fn(|c| before[c].opt_str(i)),
        };
        after.iter_mut().zip(cells).for_each(|(column, cell)| column.append_option(cell));
    }
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    for (name, mut values) in COLUMNS.into_iter().zip(after) {
        columns[batch.schema().index_of(name)?] = Arc::new(values.finish());
    }
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Place, pieces};

    fn person(n: u32) -> Identification {
        Identification {
            owner: "138941".into(),
            person_id: Some(n.to_string()),
            household_id: None,
            tier: Some("T1".into()),
        }
    }

    /// The first claim of each file of an import.
    fn first_of_each(import_id: &str, n: u32) -> HashMap<String, Identification> {
        pieces(import_id).map(|[first, _]| (first, person(n))).into()
    }

    fn seen(place: &Place) -> Vec<String> {
        place.sql("SELECT claim_id, owner, person_id, household_id, tier FROM claims ORDER BY claim_id")
    }

    /// Every column but the four, which differ.
    fn rest(place: &Place) -> Vec<String> {
        let others: Vec<&str> = TABLE.columns.iter().map(|c| c.name).filter(|c| !COLUMNS.contains(c)).collect();
        let lists: Vec<String> = others
            .iter()
            .map(|c| if *c == "tokki" { "array_to_string(tokki, ';')".to_owned() } else { format!("\"{c}\"") })
            .collect();
        place.sql(&format!("SELECT {} FROM claims ORDER BY claim_id", lists.join(", ")))
    }

    fn raise(place: &Place, import_id: &str, generation: i32) {
        place.store.raise_generations(&place.lock, &[(import_id.into(), generation)], None).unwrap();
    }

    const BEFORE: [&str; 4] = ["a-1,x,,,", "a-2,x,,,", "a-3,x,,,", "a-4,x,,,"];
    const AFTER: [&str; 4] = ["a-1,138941,7,,T1", "a-2,x,,,", "a-3,138941,7,,T1", "a-4,x,,,"];

    #[test]
    fn the_four_columns_change_and_nothing_else() {
        let place = Place::new();
        place.import("a");
        assert_eq!(seen(&place), BEFORE);
        let others = rest(&place);
        let mut whose = first_of_each("a", 7);
        whose.insert("z-1".into(), person(9));
        assert_eq!(place.store.rewrite_identification(&place.lock, "a", 1, &whose).unwrap(), 2);
        assert_eq!(seen(&place), BEFORE, "written, not switched");
        raise(&place, "a", 1);
        assert_eq!(seen(&place), AFTER);
        assert_eq!(rest(&place), others);
        assert_eq!(place.count("claims"), 4);
        assert_eq!(place.store.clean_up(&place.lock).unwrap().superseded, 2);
        assert_eq!(place.on_disk(&TABLE), place.in_log(&TABLE));
        // the same again: nothing differs, nothing is written
        assert_eq!(place.store.rewrite_identification(&place.lock, "a", 2, &whose).unwrap(), 0);
        raise(&place, "a", 2);
        assert_eq!(seen(&place), AFTER, "the last generation before it counts");
        let place = place.reopen();
        assert_eq!(place.store.clean_up(&place.lock).unwrap(), crate::Leftovers::default());
        assert_eq!(seen(&place), AFTER);
    }

    #[test]
    fn files_in_which_nothing_differs_stay() {
        let place = Place::new();
        place.import("a");
        place.import("b");
        let before = place.in_log(&TABLE);
        let whose = HashMap::from([("a-3".to_owned(), person(7)), ("b-1".to_owned(), person(8))]);
        assert_eq!(place.store.rewrite_identification(&place.lock, "a", 1, &whose).unwrap(), 1);
        let after = place.in_log(&TABLE);
        assert_eq!(after.iter().filter(|f| !before.contains(f)).count(), 1);
        assert_eq!(after.len(), 4);
        let two = ["a-3,x,,,", "b-1,x,,,"];
        let asked = "SELECT claim_id, owner, person_id, household_id, tier FROM claims \
                     WHERE claim_id IN ('a-3', 'b-1') ORDER BY claim_id";
        assert_eq!(place.sql(asked), two);
        raise(&place, "a", 1);
        assert_eq!(place.sql(asked), ["a-3,138941,7,,T1", "b-1,x,,,"], "of this import only");
    }

    /// Killed before the log entry, before the switch, before the clean-up, and inside the clean-up.
    #[test]
    fn a_recheck_that_was_killed_left_the_claims_as_they_were() {
        let whose = first_of_each("a", 7);
        for steps in [1, 2, 3, 4] {
            let place = Place::new();
            place.import("a");
            place.import("b");
            let original = place.in_log(&TABLE);
            let rewrite = place.store.put_identification(&place.lock, "a", 1, &whose).unwrap();
            if steps >= 2 {
                place.store.add_identification(&place.lock, rewrite).unwrap();
            }
            if steps >= 3 {
                raise(&place, "a", 1);
            }
            let replaced: Vec<String> =
                place.on_disk(&TABLE).into_iter().filter(|f| !place.in_log(&TABLE).contains(f)).collect();
            assert_eq!(replaced.len(), 2, "{steps}");
            if steps == 4 {
                fs::remove_file(place.store.table_folder(&TABLE).join(&replaced[0])).unwrap();
            }
            let place = place.reopen();
            let want = if steps < 3 { BEFORE } else { AFTER };
            assert_eq!(seen(&place)[..4], want, "{steps}");
            let left = place.store.clean_up(&place.lock).unwrap();
            if steps < 3 {
                assert_eq!((left.generations, left.files, left.superseded), (vec!["a/1".to_owned()], 2, 0), "{steps}");
                assert_eq!(place.in_log(&TABLE), original, "the log is as before");
            } else {
                assert!(left.is_empty());
                assert_eq!(left.superseded, 5 - steps, "{steps}");
            }
            assert_eq!(place.on_disk(&TABLE), place.in_log(&TABLE), "{steps}");
            assert_eq!(seen(&place)[..4], want, "{steps}");
            assert_eq!(place.count("claims"), 8);
            assert_eq!(place.store.clean_up(&place.lock).unwrap(), crate::Leftovers::default());
            // and the next attempt comes to its end
            let generation = if steps < 3 { 1 } else { 2 };
            place.store.rewrite_identification(&place.lock, "a", generation, &first_of_each("a", 8)).unwrap();
            raise(&place, "a", generation);
            assert_eq!(seen(&place)[0], "a-1,138941,8,,T1");
            assert_eq!(place.count("claims"), 8);
        }
    }

    /// Attempts on top of what a killed one left, before any clean-up.
    #[test]
    fn a_second_attempt_starts_from_what_is_visible() {
        for in_log in [false, true] {
            for next in [7, 8] {
                let place = Place::new();
                place.import("a");
                let rewrite = place.store.put_identification(&place.lock, "a", 1, &first_of_each("a", 7)).unwrap();
                if in_log {
                    place.store.add_identification(&place.lock, rewrite).unwrap();
                }
                let only = HashMap::from([("a-2".to_owned(), person(next))]);
                assert_eq!(place.store.rewrite_identification(&place.lock, "a", 1, &only).unwrap(), 1);
                assert_eq!(seen(&place), BEFORE);
                raise(&place, "a", 1);
                let want = format!("a-2,138941,{next},,T1");
                assert_eq!(seen(&place), ["a-1,x,,,", &want, "a-3,x,,,", "a-4,x,,,"]);
                // the very same one
                let rewrite = place.store.put_identification(&place.lock, "a", 2, &first_of_each("a", 7)).unwrap();
                place.store.add_identification(&place.lock, rewrite).unwrap();
                let changed = place.store.rewrite_identification(&place.lock, "a", 2, &first_of_each("a", 7)).unwrap();
                assert_eq!(changed, 2);
                raise(&place, "a", 2);
                assert_eq!(seen(&place), ["a-1,138941,7,,T1", &want, "a-3,138941,7,,T1", "a-4,x,,,"]);
                place.store.clean_up(&place.lock).unwrap();
                assert_eq!(place.on_disk(&TABLE), place.in_log(&TABLE));
                assert_eq!(place.count("claims"), 4);
            }
        }
    }

    /// A replaced file that is lost is damage: it is said, not passed over.
    #[test]
    fn a_lost_file_is_said() {
        let place = Place::new();
        place.import("a");
        let before = place.on_disk(&TABLE);
        place.store.rewrite_identification(&place.lock, "a", 1, &first_of_each("a", 7)).unwrap();
        fs::remove_file(place.store.table_folder(&TABLE).join(&before[0])).unwrap();
        assert!(matches!(place.store.query(), Err(Error::Corrupt(..))));
        assert!(matches!(place.store.clean_up(&place.lock), Err(Error::Corrupt(..))));
        assert_eq!(place.on_disk(&TABLE).len(), 3, "nothing was removed");
    }

    #[test]
    fn only_newer_generations_of_visible_imports() {
        let place = Place::new();
        place.import("a");
        let none = HashMap::new();
        let rewrite = |id, generation| place.store.rewrite_identification(&place.lock, id, generation, &none);
        assert!(matches!(rewrite("a", 0), Err(Error::Generation { .. })));
        assert!(matches!(rewrite("x", 1), Err(Error::NoSuchImport(_))));
        place.store.withdraw(&place.lock, "a").unwrap();
        assert!(matches!(rewrite("a", 1), Err(Error::NoSuchImport(_))));
    }
}
