//! Findings of an import ([`crate::generations`]).

use tenken_tables::{
    columns::Columns,
    findings::{TABLE, push},
    schema::Table,
};

pub use tenken_tables::findings::FindingRow;

use crate::{
    batch::Batch,
    error::Result,
    generations::{ByGeneration, FromBatch},
    imports::ImportRow,
    store::Store,
};

impl ByGeneration for FindingRow {
    const TABLE: &'static Table = &TABLE;

    fn push(&self, columns: &mut Columns, generation: i32) {
        push(columns, generation, self);
    }
}

impl FromBatch for FindingRow {
    fn read(batch: &Batch<'_>, import: &ImportRow, rows: &mut Vec<Self>) -> Result<()> {
        read(batch, import, rows)
    }
}

impl Store {
    /// The findings of an import that are visible, in the order in which they were written.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchImport`], also for one that is withdrawn.
    pub fn read_findings(&self, import_id: &str) -> Result<Vec<FindingRow>> {
        self.read_generation(import_id)
    }

    /// The same, a batch at a time: a month of a prefecture need not lie in memory.
    ///
    /// # Errors
    /// As [`Store::read_findings`]; what `each` meets.
    pub fn each_findings(
        &self,
        import_id: &str,
        each: &mut dyn FnMut(&mut Vec<FindingRow>) -> Result<()>,
    ) -> Result<()> {
        self.each_batch(import_id, each)
    }
}

fn read(batch: &Batch<'_>, import: &ImportRow, rows: &mut Vec<FindingRow>) -> Result<()> {
    let (finding_id, claim_id, owner) = (batch.texts("finding_id")?, batch.texts("claim_id")?, batch.texts("owner")?);
    let (generation, source_file) = (batch.ints("generation")?, batch.texts("source_file")?);
    let (receipt_no, billing_month) = (batch.texts("receipt_no")?, batch.texts("billing_month")?);
    let (service_month, insurer_no) = (batch.texts("service_month")?, batch.texts("insurer_no")?);
    let (kigo, bango, edaban) = (batch.texts("kigo")?, batch.texts("bango")?, batch.texts("edaban")?);
    let (person_id, institution_code) = (batch.texts("person_id")?, batch.texts("institution_code")?);
    let (search_no, rule, is_primary) = (batch.texts("search_no")?, batch.texts("rule")?, batch.flags("is_primary")?);
    let (severity, certainty) = (batch.texts("severity")?, batch.texts("certainty")?);
    let (disposition, cand_payer) = (batch.texts("disposition")?, batch.texts("cand_payer")?);
    let (days_bad, days_ok) = (batch.lists("days_bad")?, batch.lists("days_ok")?);
    let (retro, prov_ok) = (batch.flags("retro")?, batch.flags("prov_ok")?);
    let (origin, k_code) = (batch.texts("origin")?, batch.texts("k_code")?);
    let (reason, evidence, state) = (batch.texts("reason")?, batch.texts("evidence")?, batch.texts("state")?);
    let (opened_at, closed_at) = (batch.times("opened_at")?, batch.times("closed_at")?);
    let closed_reason = batch.texts("closed_reason")?;
    for i in 0..batch.rows() {
        rows.push(FindingRow {
            finding_id: finding_id.get(i),
            claim_id: claim_id.get(i),
            import_id: import.import_id.clone(),
            exam_month: import.exam_month.clone(),
            generation: generation.get(i),
            owner: owner.get(i),
            source_file: source_file.get(i),
            receipt_no: receipt_no.get(i),
            billing_month: billing_month.get(i),
            service_month: service_month.get(i),
            insurer_no: insurer_no.opt(i),
            kigo: kigo.opt(i),
            bango: bango.opt(i),
            edaban: edaban.opt(i),
            person_id: person_id.opt(i),
            institution_code: institution_code.get(i),
            search_no: search_no.opt(i),
            rule: rule.get(i),
            is_primary: is_primary.get(i),
            severity: severity.get(i),
            certainty: certainty.get(i),
            disposition: disposition.opt(i),
            days_bad: days_bad.dates(i)?,
            days_ok: days_ok.dates(i)?,
            cand_payer: cand_payer.opt(i),
            retro: retro.get(i),
            prov_ok: prov_ok.get(i),
            origin: origin.get(i),
            k_code: k_code.get(i),
            reason: reason.get(i),
            evidence: evidence.get(i),
            state: state.get(i),
            opened_at: opened_at.get(i)?,
            closed_at: closed_at.opt(i)?,
            closed_reason: closed_reason.opt(i),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use jiff::Timestamp;
    use tenken_parser::Date;

    use super::*;
    use crate::{
        Error,
        imports::Basis,
        testing::{Place, file, month},
    };

    fn finding(claim_id: &str, n: i32) -> FindingRow {
        let day = |d| Date::new(2026, 9, d).unwrap();
        FindingRow {
            finding_id: format!("{n:016x}"),
            claim_id: claim_id.into(),
            import_id: String::new(),
            exam_month: String::new(),
            generation: 0,
            owner: "138941".into(),
            source_file: "RECEIPTC.UKE".into(),
            receipt_no: n.to_string(),
            billing_month: "2026-10".into(),
            service_month: "2026-09".into(),
            insurer_no: Some("138941".into()),
            kigo: None,
            bango: Some("1234567".into()),
            edaban: Some("01".into()),
            person_id: (n % 2 == 0).then(|| "1001".into()),
            institution_code: "1234567".into(),
            search_no: None,
            rule: "E211".into(),
            is_primary: n % 2 == 0,
            severity: "S1".into(),
            certainty: "CERTAIN".into(),
            disposition: (n % 2 == 1).then(|| "D1".into()),
            days_bad: (1..=n.min(9) as u8).map(day).collect(),
            days_ok: Vec::new(),
            cand_payer: None,
            retro: true,
            prov_ok: false,
            origin: "IMPORT".into(),
            k_code: "K01".into(),
            reason: "資格喪失後の受診です".into(),
            evidence: r#"{"lost_on":"2026-09-16"}"#.into(),
            state: "open".into(),
            opened_at: Timestamp::from_second(1_790_000_000 + i64::from(n)).unwrap(),
            closed_at: (n == 3).then(|| Timestamp::from_second(1_800_000_000).unwrap()),
            closed_reason: (n == 3).then(|| "rule_changed".into()),
        }
    }

    fn findings(import_id: &str, numbers: std::ops::Range<i32>) -> Vec<FindingRow> {
        numbers.map(|n| finding(&format!("{import_id}-1"), n)).collect()
    }

    /// As they are read: with import, month and generation.
    fn of(import_id: &str, generation: i32, rows: &[FindingRow]) -> Vec<FindingRow> {
        let place = |r: &FindingRow| FindingRow {
            import_id: import_id.into(),
            exam_month: month().to_string(),
            generation,
            ..r.clone()
        };
        rows.iter().map(place).collect()
    }

    /// An import with findings of its own.
    fn import(place: &Place, import_id: &str, rows: &[FindingRow], raised: &[(String, i32)]) {
        let writer = place.writer(import_id);
        place.store.write_generation(&place.lock, import_id, month(), 0, rows).unwrap();
        let row = ImportRow::new(import_id.into(), month());
        writer.commit(&[file()], row, raised, Instant::now()).unwrap();
    }

    fn seen(place: &Place) -> Vec<String> {
        place.sql("SELECT import_id, generation, count(*) FROM findings GROUP BY 1, 2 ORDER BY 1, 2")
    }

    #[test]
    fn findings_come_back_whole_and_in_order() {
        let place = Place::new();
        let rows = findings("a", 0..12);
        import(&place, "a", &rows, &[]);
        assert!(place.store.read_findings("a").unwrap() == of("a", 0, &rows));
        assert_eq!(seen(&place), ["a,0,12"]);
        assert_eq!(
            place.sql("SELECT finding_id, claim_id, exam_month, owner FROM findings ORDER BY finding_id LIMIT 1"),
            ["0000000000000000,a-1,2026-10,138941"]
        );
        assert!(matches!(place.store.read_findings("b"), Err(Error::NoSuchImport(_))));
        let shown = format!("{:?}", rows[0]);
        assert!(!shown.contains("1234567") && !shown.contains("1001"), "{shown}");
        let report = place.store.verify(&mut |_| {}).unwrap();
        assert!(report.damage.iter().all(|d| d.table != TABLE.name), "made-up claims have no originals, that is all");
    }

    #[test]
    fn one_commit_shows_an_import_and_what_it_changes_in_others() {
        let place = Place::new();
        import(&place, "a", &findings("a", 0..2), &[]);
        import(&place, "b", &findings("b", 0..2), &[]);
        let more = findings("a", 0..5);
        place.store.write_generation(&place.lock, "a", month(), 1, &more).unwrap();
        assert_eq!(seen(&place), ["a,0,2", "b,0,2"], "written, not switched");
        import(&place, "c", &findings("c", 0..1), &[("a".into(), 1)]);
        assert_eq!(seen(&place), ["a,1,5", "b,0,2", "c,0,1"]);
        assert!(place.store.read_findings("a").unwrap() == of("a", 1, &more));
        let imports = place.store.imports().unwrap();
        assert_eq!(imports.iter().map(|r| r.generation).collect::<Vec<_>>(), [1, 0, 0]);
        let place = place.reopen();
        let left = place.store.clean_up(&place.lock).unwrap();
        assert!(left.is_empty(), "what is replaced is no leftover: {left:?}");
        assert_eq!(left.superseded, 1);
        assert_eq!(place.on_disk(&TABLE), place.in_log(&TABLE));
        assert_eq!(place.on_disk(&TABLE).len(), 3);
        assert_eq!(seen(&place), ["a,1,5", "b,0,2", "c,0,1"]);
    }

    #[test]
    fn generations_only_rise() {
        let place = Place::new();
        import(&place, "a", &findings("a", 0..2), &[]);
        let lock = &place.lock;
        assert!(matches!(
            place.store.write_generation::<FindingRow>(lock, "a", month(), 0, &[]),
            Err(Error::Generation { visible: 0, asked: 0, .. })
        ));
        assert!(matches!(place.store.raise_generations(lock, &[("a".into(), 0)], None), Err(Error::Generation { .. })));
        assert!(matches!(place.store.raise_generations(lock, &[("x".into(), 1)], None), Err(Error::NoSuchImport(_))));
        let basis = Basis { registry_runs: vec!["R1".into()], rules_version: "v2".into() };
        import(&place, "b", &[], &[]);
        let both = [("a".to_owned(), 1), ("b".to_owned(), 3)];
        place.store.raise_generations(lock, &both, Some(&basis)).unwrap();
        let rows = place.store.imports().unwrap();
        assert_eq!(rows.iter().map(|r| r.generation).collect::<Vec<_>>(), [1, 3]);
        assert!(rows.iter().all(|r| r.registry_runs == ["R1"] && r.rules_version == "v2"));
        assert_eq!(seen(&place), [] as [&str; 0], "a generation without rows has none");
        // one that cannot rise: none does
        let both = [("b".to_owned(), 4), ("a".to_owned(), 1)];
        assert!(place.store.raise_generations(lock, &both, None).is_err());
        assert_eq!(place.store.imports().unwrap(), rows);
    }

    /// Killed before the log entry, before the switch, and before the clean-up.
    #[test]
    fn a_recheck_that_was_killed_left_the_findings_as_they_were() {
        let (before, after) = (findings("a", 0..3), findings("a", 1..8));
        for steps in [1, 2, 3] {
            let place = Place::new();
            import(&place, "a", &before, &[]);
            import(&place, "b", &findings("b", 0..2), &[]);
            let files = place.store.put_generation(&place.lock, "a", month(), 1, &after).unwrap();
            if steps >= 2 {
                place.store.add_generation::<FindingRow>(&place.lock, "a", 1, &files).unwrap();
            }
            if steps >= 3 {
                place.store.raise_generations(&place.lock, &[("a".into(), 1)], None).unwrap();
            }
            let place = place.reopen();
            let want = if steps < 3 { ["a,0,3", "b,0,2"] } else { ["a,1,7", "b,0,2"] };
            assert_eq!(seen(&place), want, "{steps}");
            let named = place.store.leftovers().unwrap();
            let left = place.store.clean_up(&place.lock).unwrap();
            if steps < 3 {
                assert_eq!(named, ["a/1"]);
                assert_eq!((left.generations, left.files, left.superseded), (named, 1, 0));
            } else {
                assert!(named.is_empty() && left.is_empty());
                assert_eq!(left.superseded, 1);
            }
            assert_eq!(seen(&place), want, "{steps}");
            assert_eq!(place.on_disk(&TABLE), place.in_log(&TABLE));
            assert_eq!(place.on_disk(&TABLE).len(), 2);
            let again = place.store.clean_up(&place.lock).unwrap();
            assert_eq!((again.is_empty(), again.superseded), (true, 0));
        }
    }

    /// The next attempt does not mix with what a killed one left, even before a clean-up.
    #[test]
    fn a_second_attempt_replaces_the_first() {
        let place = Place::new();
        import(&place, "a", &findings("a", 0..3), &[]);
        place.store.write_generation(&place.lock, "a", month(), 1, &findings("a", 0..9)).unwrap();
        let after = findings("a", 1..4);
        for _ in 0..2 {
            place.store.write_generation(&place.lock, "a", month(), 1, &after).unwrap();
        }
        place.store.raise_generations(&place.lock, &[("a".into(), 1)], None).unwrap();
        assert!(place.store.read_findings("a").unwrap() == of("a", 1, &after));
        place.store.clean_up(&place.lock).unwrap();
        assert_eq!(place.on_disk(&TABLE), place.in_log(&TABLE));
        assert_eq!(seen(&place), ["a,1,3"]);
    }

    #[test]
    fn findings_go_with_their_import() {
        let place = Place::new();
        import(&place, "a", &findings("a", 0..3), &[]);
        import(&place, "b", &findings("b", 0..3), &[]);
        place.store.withdraw(&place.lock, "a").unwrap();
        assert_eq!(seen(&place), ["b,0,3"]);
        assert!(matches!(place.store.read_findings("a"), Err(Error::NoSuchImport(_))));
        assert_eq!(place.in_log(&TABLE).len(), 1);
    }
}
