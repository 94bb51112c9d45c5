//! Registers: the whole state of an owner as one run. What is matched against is read directly, not through SQL.

use std::thread;

use tenken_matcher::registry::rows::{
    Attribute, Household, Moment, Period, Person, Register, RegistryReject, Scheme, Target,
};
use tenken_tables::{self as tables, columns::Columns, schema::Table};

use crate::{
    batch::Batch,
    delta::DataFile,
    error::{Error, Result},
    ledger,
    runs::{RunKind, RunRow, RunStatus, RunWriter},
    store::{Store, WriteLock},
};

/// Rows of one data file: what is in memory beside the register while it is written.
const FILE_ROWS: usize = 250_000;

/// An owner and the load that is its register now.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerRow {
    pub owner: String,
    pub run: RunRow,
}

impl Store {
    /// Writes a register, which takes the place of the owner's earlier one. It is visible as a whole or not at all.
    ///
    /// # Errors
    /// [`Error::BadOwner`]; what writing can meet. Then nothing of it is visible.
    pub fn write_register(
        &self,
        lock: &WriteLock,
        owner: &str,
        register: &Register,
        rejects: &[RegistryReject],
        run: RunRow,
    ) -> Result<RunRow> {
        self.register_writer(lock, owner, register, rejects, run)?.commit()
    }

    pub(crate) fn register_writer<'s>(
        &'s self,
        lock: &'s WriteLock,
        owner: &str,
        register: &Register,
        rejects: &[RegistryReject],
        run: RunRow,
    ) -> Result<RunWriter<'s>> {
        let run =
            RunRow { kind: RunKind::RegistryLoad, owner: Some(owner.to_owned()), status: RunStatus::Visible, ..run };
        let mut writer = RunWriter::new(self, lock, run)?;
        let Register { persons, periods, attributes, households } = register;
        write(&mut writer, &tables::persons::TABLE, persons, tables::persons::push)?;
        write(&mut writer, &tables::periods::TABLE, periods, tables::periods::push)?;
        write(&mut writer, &tables::attributes::TABLE, attributes, tables::attributes::push)?;
        write(&mut writer, &tables::households::TABLE, households, tables::households::push)?;
        write(&mut writer, &tables::registry_rejects::TABLE, rejects, tables::registry_rejects::push)?;
        Ok(writer)
    }

    /// The owners of this store, in order of their numbers.
    pub fn owners(&self) -> Result<Vec<OwnerRow>> {
        let current = |run: RunRow| {
            let owner = run.owner.clone()?;
            (run.kind == RunKind::RegistryLoad && run.is_visible()).then_some(OwnerRow { owner, run })
        };
        let mut owners: Vec<OwnerRow> = self.runs()?.into_iter().filter_map(current).collect();
        owners.sort_by(|a, b| a.owner.cmp(&b.owner));
        Ok(owners)
    }

    /// The register of an owner as it is now.
    ///
    /// # Errors
    /// [`Error::NoSuchOwner`] when none was loaded.
    pub fn register(&self, owner: &str) -> Result<Register> {
        let current = self.owners()?.into_iter().find(|o| o.owner == owner);
        let current = current.ok_or_else(|| Error::NoSuchOwner(owner.to_owned()))?;
        self.read_register(&current.run)
    }

    /// The register that a load wrote, although a later one may have taken its place.
    ///
    /// # Errors
    /// [`Error::NoSuchRun`] when it is no registry load, or one that was taken back.
    pub fn register_of_run(&self, run_id: &str) -> Result<Register> {
        let runs: Vec<RunRow> = self.runtime.block_on(ledger::read_all(self))?;
        let load =
            |r: &RunRow| r.run_id == run_id && r.kind == RunKind::RegistryLoad && r.status != RunStatus::Withdrawn;
        let run = runs.into_iter().find(load).ok_or_else(|| Error::NoSuchRun(run_id.to_owned()))?;
        self.read_register(&run)
    }

    fn read_register(&self, run: &RunRow) -> Result<Register> {
        let files = |table| self.files_of_run(table, &run.run_id);
        let (persons, periods, attributes, households) = self.runtime.block_on(async {
            futures::try_join!(
                files(&tables::persons::TABLE),
                files(&tables::periods::TABLE),
                files(&tables::attributes::TABLE),
                files(&tables::households::TABLE),
            )
        })?;
        // a table each: decoding is what takes the time
        thread::scope(|scope| {
            let persons = scope.spawn(|| self.rows(&tables::persons::TABLE, &persons, read_persons));
            let periods = scope.spawn(|| self.rows(&tables::periods::TABLE, &periods, read_periods));
            let attributes = scope.spawn(|| self.rows(&tables::attributes::TABLE, &attributes, read_attributes));
            Ok(Register {
                households: self.rows(&tables::households::TABLE, &households, read_households)?,
                persons: join(persons)?,
                periods: join(periods)?,
                attributes: join(attributes)?,
            })
        })
    }

    /// The files of a run in a table, in order of their pieces.
    async fn files_of_run(&self, table: &'static Table, run_id: &str) -> Result<Vec<DataFile>> {
        let Some(opened) = self.open_table(table).await? else { return Ok(Vec::new()) };
        let mut files = opened.files()?;
        files.retain(|f| f.id() == run_id);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    fn rows<T>(
        &self,
        table: &'static Table,
        files: &[DataFile],
        read: impl Fn(&Batch<'_>, &mut Vec<T>) -> Result<()>,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::with_capacity(files.iter().map(|f| f.rows.max(0) as usize).sum());
        for file in files {
            self.read_data(table, &file.path, None, |batch| read(&Batch::new(table, batch), &mut rows))?;
        }
        Ok(rows)
    }
}

fn join<T>(thread: thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|e| std::panic::resume_unwind(e))
}

fn write<T>(
    writer: &mut RunWriter<'_>,
    table: &'static Table,
    rows: &[T],
    push: impl Fn(&mut Columns, &T),
) -> Result<()> {
    // without rows: the table is made nevertheless
    if rows.is_empty() {
        return writer.write(0, &Columns::new(table));
    }
    for (piece, rows) in rows.chunks(FILE_ROWS).enumerate() {
        let mut columns = Columns::new(table);
        rows.iter().for_each(|r| push(&mut columns, r));
        writer.write(piece as u64, &columns)?;
    }
    Ok(())
}

fn read_persons(batch: &Batch<'_>, rows: &mut Vec<Person>) -> Result<()> {
    let (person_id, name, kana) = (batch.texts("person_id")?, batch.texts("name")?, batch.texts("kana")?);
    let (other_names, birth_date, sex) = (batch.lists("other_names")?, batch.dates("birth_date")?, batch.texts("sex")?);
    let (death_date, postal_code) = (batch.dates("death_date")?, batch.texts("postal_code")?);
    let (address, district, mail_name) = (batch.texts("address")?, batch.texts("district")?, batch.texts("mail_name")?);
    let (mail_address, no_notice) = (batch.texts("mail_address")?, batch.flags("no_notice")?);
    for i in 0..batch.rows() {
        rows.push(Person {
            person_id: person_id.get(i),
            name: name.opt(i),
            kana: kana.opt(i),
            other_names: other_names.texts(i)?,
            birth_date: birth_date.opt(i)?,
            sex: sex.opt_str(i).map(|s| known(s.parse().ok(), "sex")).transpose()?,
            death_date: death_date.opt(i)?,
            postal_code: postal_code.opt(i),
            address: address.opt(i),
            district: district.opt(i),
            mail_name: mail_name.opt(i),
            mail_address: mail_address.opt(i),
            no_notice: no_notice.get(i),
        });
    }
    Ok(())
}

fn read_periods(batch: &Batch<'_>, rows: &mut Vec<Period>) -> Result<()> {
    let (person_id, household_id) = (batch.texts("person_id")?, batch.texts("household_id")?);
    let (scheme, insurer_no) = (batch.texts("scheme")?, batch.texts("insurer_no")?);
    let (kigo, bango, edaban) = (batch.texts("kigo")?, batch.texts("bango")?, batch.texts("edaban")?);
    let (is_head, span_no) = (batch.flags("is_head")?, batch.ints("span_no")?);
    let (acquired_on, acquired_reason) = (batch.dates("acquired_on")?, batch.texts("acquired_reason")?);
    let (lost_on, lost_reason) = (batch.dates("lost_on")?, batch.texts("lost_reason")?);
    let (applied_from, applied_from_reason) = (batch.dates("applied_from")?, batch.texts("applied_from_reason")?);
    let (applied_to, applied_to_reason) = (batch.dates("applied_to")?, batch.texts("applied_to_reason")?);
    let (registered_at, registered_at_start) = (batch.times("registered_at")?, batch.times("registered_at_start")?);
    for i in 0..batch.rows() {
        rows.push(Period {
            person_id: person_id.get(i),
            household_id: household_id.get(i),
            scheme: known(Scheme::from_code(scheme.str(i)), "scheme")?,
            insurer_no: insurer_no.get(i),
            kigo: kigo.opt(i),
            bango: bango.opt(i),
            edaban: edaban.opt(i),
            is_head: is_head.get(i),
            acquired_on: acquired_on.get(i)?,
            acquired_reason: acquired_reason.opt(i),
            lost_on: lost_on.opt(i)?,
            lost_reason: lost_reason.opt(i),
            applied_from: applied_from.opt(i)?,
            applied_from_reason: applied_from_reason.opt(i),
            applied_to: applied_to.opt(i)?,
            applied_to_reason: applied_to_reason.opt(i),
            registered_at: registered_at.opt_micros(i).map(Moment),
            registered_at_start: registered_at_start.opt_micros(i).map(Moment),
            span_no: span_no.get(i),
        });
    }
    Ok(())
}

fn read_attributes(batch: &Batch<'_>, rows: &mut Vec<Attribute>) -> Result<()> {
    let (target, id, kind, value) =
        (batch.texts("target")?, batch.texts("id")?, batch.texts("kind")?, batch.texts("value")?);
    let (valid_from, valid_to) = (batch.dates("valid_from")?, batch.dates("valid_to")?);
    let registered_at = batch.times("registered_at")?;
    for i in 0..batch.rows() {
        rows.push(Attribute {
            target: known(Target::from_code(target.str(i)), "target")?,
            id: id.get(i),
            kind: kind.get(i),
            value: value.get(i),
            valid_from: valid_from.opt(i)?,
            valid_to: valid_to.opt(i)?,
            registered_at: registered_at.opt_micros(i).map(Moment),
        });
    }
    Ok(())
}

fn read_households(batch: &Batch<'_>, rows: &mut Vec<Household>) -> Result<()> {
    let (household_id, head_person_id) = (batch.texts("household_id")?, batch.texts("head_person_id")?);
    let (head_name, postal_code, address) =
        (batch.texts("head_name")?, batch.texts("postal_code")?, batch.texts("address")?);
    for i in 0..batch.rows() {
        rows.push(Household {
            household_id: household_id.get(i),
            head_person_id: head_person_id.opt(i),
            head_name: head_name.opt(i),
            postal_code: postal_code.opt(i),
            address: address.opt(i),
        });
    }
    Ok(())
}

/// A code that this release knows. The error names the column only.
fn known<T>(value: Option<T>, column: &str) -> Result<T> {
    value.ok_or_else(|| Error::Corrupt(column.to_owned(), "知らない値です（a value that is not known）".into()))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option::of, prelude::*};
    use tenken_parser::Date;

    use super::*;
    use crate::testing::Place;

    const A: &str = "138941";
    const B: &str = "39131234";

    fn text() -> impl Strategy<Value = Option<String>> {
        of("[ -~]{0,8}|見本[０-９ア-ン]{0,6}")
    }

    fn date() -> impl Strategy<Value = Date> {
        (-30_000i32..60_000).prop_map(|d| Date::from_epoch_days(d).unwrap())
    }

    fn moment() -> impl Strategy<Value = Option<Moment>> {
        of(any::<i64>().prop_map(Moment))
    }

    fn person() -> impl Strategy<Value = Person> {
        (
            ("[0-9]{1,20}", text(), text(), vec("見本[a-z]{0,4}", 0..4)),
            (of(date()), of(1u8..3), of(date()), text(), text()),
            (text(), text(), text(), any::<bool>()),
        )
            .prop_map(
                |((person_id, name, kana, other_names), (birth_date, sex, death_date, postal_code, address), d)| {
                    let (district, mail_name, mail_address, no_notice) = d;
                    Person {
                        person_id,
                        name,
                        kana,
                        other_names,
                        birth_date,
                        sex,
                        death_date,
                        postal_code,
                        address,
                        district,
                        mail_name,
                        mail_address,
                        no_notice,
                    }
                },
            )
    }

    fn period() -> impl Strategy<Value = Period> {
        (
            ("[0-9]{1,8}", "[0-9]{1,8}", any::<bool>(), "[0-9]{6}|[0-9]{8}", text(), text(), text()),
            (any::<bool>(), date(), text(), of(date()), text(), of(date())),
            (text(), of(date()), text(), moment(), moment(), 1i32..9),
        )
            .prop_map(|(a, b, c)| Period {
                person_id: a.0,
                household_id: a.1,
                scheme: if a.2 { Scheme::Kokuho } else { Scheme::Kouki },
                insurer_no: a.3,
                kigo: a.4,
                bango: a.5,
                edaban: a.6,
                is_head: b.0,
                acquired_on: b.1,
                acquired_reason: b.2,
                lost_on: b.3,
                lost_reason: b.4,
                applied_from: b.5,
                applied_from_reason: c.0,
                applied_to: c.1,
                applied_to_reason: c.2,
                registered_at: c.3,
                registered_at_start: c.4,
                span_no: c.5,
            })
    }

    fn attribute() -> impl Strategy<Value = Attribute> {
        (any::<bool>(), "[0-9]{1,8}", "負担割合|所得区分", "[1-3]|[アイウ]", of(date()), of(date()), moment()).prop_map(
            |(person, id, kind, value, valid_from, valid_to, registered_at)| Attribute {
                target: if person { Target::Person } else { Target::Household },
                id,
                kind,
                value,
                valid_from,
                valid_to,
                registered_at,
            },
        )
    }

    fn household() -> impl Strategy<Value = Household> {
        ("[0-9]{1,8}", of("[0-9]{1,8}"), text(), text(), text()).prop_map(
            |(household_id, head_person_id, head_name, postal_code, address)| Household {
                household_id,
                head_person_id,
                head_name,
                postal_code,
                address,
            },
        )
    }

    fn register() -> impl Strategy<Value = Register> {
        (vec(person(), 0..20), vec(period(), 0..30), vec(attribute(), 0..30), vec(household(), 0..10)).prop_map(
            |(persons, periods, attributes, households)| Register { persons, periods, attributes, households },
        )
    }

    /// A register of one person.
    fn small(person_id: &str) -> Register {
        Register { persons: vec![Person { person_id: person_id.into(), ..Person::default() }], ..Register::default() }
    }

    fn reject() -> RegistryReject {
        RegistryReject {
            file: "kojin.csv".into(),
            line: 2,
            column: Some("生年月日".into()),
            value: None,
            reason: "日付ではありません".into(),
        }
    }

    fn run(place: &Place) -> RunRow {
        RunRow::new(place.store.new_run_id().unwrap(), RunKind::RegistryLoad)
    }

    fn load(place: &Place, owner: &str, register: &Register) -> RunRow {
        place.store.write_register(&place.lock, owner, register, &[reject()], run(place)).unwrap()
    }

    fn persons(place: &Place) -> Vec<String> {
        place.sql("SELECT owner, person_id FROM persons ORDER BY owner, person_id")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn registers_come_back(one in register(), other in register()) {
            let place = Place::new();
            let first = load(&place, A, &one);
            let second = load(&place, B, &other);
            prop_assert!(place.store.register(A).unwrap() == one);
            prop_assert!(place.store.register(B).unwrap() == other);
            let third = load(&place, A, &other);
            prop_assert!(place.store.register(A).unwrap() == other);
            prop_assert!(place.store.register_of_run(&first.run_id).unwrap() == one);
            prop_assert!(place.store.register_of_run(&second.run_id).unwrap() == other);
            prop_assert_eq!(place.count("periods"), 2 * other.periods.len() as i64);
            prop_assert_eq!(
                place.count(&format!("persons WHERE run_id = '{}'", third.run_id)),
                other.persons.len() as i64
            );
        }
    }

    #[test]
    fn owners_do_not_see_each_other() {
        let place = Place::new();
        assert_eq!(place.store.owners().unwrap(), []);
        assert!(matches!(place.store.register(A), Err(Error::NoSuchOwner(_))));
        let (b, a) = (load(&place, B, &small("1")), load(&place, A, &small("2")));
        let owners: Vec<(String, String)> =
            place.store.owners().unwrap().into_iter().map(|o| (o.owner, o.run.run_id)).collect();
        assert_eq!(owners, [(A.to_owned(), a.run_id.clone()), (B.to_owned(), b.run_id)]);
        assert!(place.store.register(A).unwrap() == small("2"));
        let newer = load(&place, A, &small("3"));
        assert_eq!(persons(&place), ["138941,3", "39131234,1"], "a load replaces its owner's rows only");
        assert_eq!(place.count("registry_rejects"), 2);
        assert_eq!(
            place.sql("SELECT status FROM runs ORDER BY finished_at"),
            ["visible", "superseded", "visible"],
            "in one commit"
        );
        assert!(place.store.register_of_run(&a.run_id).unwrap() == small("2"), "an earlier load stays readable");
        let place = place.reopen();
        assert!(place.store.clean_up(&place.lock).unwrap().is_empty());
        assert!(place.store.register_of_run(&a.run_id).unwrap() == small("2"), "after a clean-up too");
        assert!(place.store.register_of_run(&newer.run_id).unwrap() == small("3"));
        assert!(matches!(place.store.register_of_run("R1"), Err(Error::NoSuchRun(_))));
        assert_eq!(place.store.verify(&mut |_| {}).unwrap().damage, []);
    }

    /// Killed before the log entries, and before the switch.
    #[test]
    fn a_load_that_was_killed_is_not_there() {
        for steps in [1, 2] {
            let place = Place::new();
            let first = load(&place, A, &small("1"));
            let rejects = [reject()];
            let mut writer = place.store.register_writer(&place.lock, A, &small("2"), &rejects, run(&place)).unwrap();
            if steps == 2 {
                writer.add().unwrap();
            }
            drop(writer);
            let place = place.reopen();
            let seen = |place: &Place| {
                assert!(place.store.register(A).unwrap() == small("1"));
                assert_eq!(persons(place), ["138941,1"]);
                assert_eq!(place.store.runs().unwrap(), std::slice::from_ref(&first));
            };
            seen(&place);
            let named = place.store.leftovers().unwrap();
            assert_eq!(named.len(), 1);
            let left = place.store.clean_up(&place.lock).unwrap();
            assert_eq!((left.runs, left.files), (named, 2), "persons and rejects");
            assert_eq!(left.imports, [] as [&str; 0]);
            seen(&place);
            for table in tables::of_runs() {
                assert_eq!(place.on_disk(table), place.in_log(table), "{}", table.name);
            }
            assert_eq!(place.on_disk(&tables::persons::TABLE).len(), 1);
            assert!(place.store.clean_up(&place.lock).unwrap().is_empty());
            load(&place, A, &small("2"));
            assert_eq!(persons(&place), ["138941,2"]);
        }
    }

    /// A store of an earlier release has none of these tables.
    #[test]
    fn an_earlier_store_is_read_and_takes_a_register() {
        let place = Place::of_release("0.1.0");
        let claims = place.count("claims");
        assert!(claims > 0);
        for table in tables::of_runs().chain([&tables::runs::TABLE, &tables::findings::TABLE]) {
            assert!(!place.store.table_folder(table).exists());
            assert_eq!(place.count(table.name), 0, "{}", table.name);
        }
        let import = place.store.imports().unwrap().remove(0);
        assert_eq!(place.store.read_findings(&import.import_id).unwrap(), []);
        assert_eq!(place.store.owners().unwrap(), []);
        assert!(place.store.leftovers().unwrap().is_empty());
        assert_eq!(place.store.clean_up(&place.lock).unwrap(), crate::Leftovers::default());
        load(&place, A, &small("1"));
        assert_eq!(persons(&place), ["138941,1"]);
        // a re-check of what it holds
        let ids = place.sql("SELECT claim_id FROM claims ORDER BY claim_id");
        let person = crate::identification::Identification {
            owner: A.into(),
            person_id: Some("1".into()),
            ..Default::default()
        };
        let whose = ids.into_iter().map(|id| (id, person.clone())).collect();
        let changed = place.store.rewrite_identification(&place.lock, &import.import_id, 1, &whose).unwrap();
        assert_eq!(changed as i64, claims);
        let identified = "claims WHERE person_id = '1' AND owner = '138941'";
        assert_eq!(place.count(identified), 0);
        place.store.raise_generations(&place.lock, &[(import.import_id, 1)], None).unwrap();
        assert_eq!(place.count(identified), claims);
        assert_eq!(place.store.verify(&mut |_| {}).unwrap().damage, []);
        assert!(place.store.clean_up(&place.lock).unwrap().is_empty());
        assert_eq!(place.count(identified), claims);
        assert_eq!(place.store.verify(&mut |_| {}).unwrap().damage, []);
    }

    /// The first run of a store of an earlier release; then its ledger is lost.
    #[test]
    fn without_its_ledger_nothing_is_taken_for_a_leftover() {
        let place = Place::new();
        let ledger = place.store.table_folder(&tables::runs::TABLE);
        std::fs::remove_dir_all(&ledger).unwrap();
        let place = place.reopen();
        assert_eq!(place.store.runs().unwrap(), []);
        assert_eq!(place.count("runs"), 0);
        assert!(place.store.clean_up(&place.lock).unwrap().is_empty());
        load(&place, A, &small("1"));
        assert_eq!(persons(&place), ["138941,1"]);
        std::fs::remove_dir_all(&ledger).unwrap();
        let place = place.reopen();
        assert!(matches!(place.store.clean_up(&place.lock), Err(Error::Corrupt(..))));
        assert!(matches!(place.store.runs(), Err(Error::Corrupt(..))));
        assert_eq!(place.on_disk(&tables::persons::TABLE).len(), 1);
    }
}
