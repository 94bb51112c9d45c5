//! 第三者行為 candidates of an import ([`crate::generations`]).

use std::collections::HashSet;

use tenken_tables::{
    columns::Columns,
    schema::Table,
    third_party::{TABLE, push},
};

pub use tenken_tables::third_party::ThirdPartyRow;

use crate::{
    batch::Batch,
    error::Result,
    generations::{ByGeneration, FromBatch},
    imports::ImportRow,
    store::Store,
};

impl ByGeneration for ThirdPartyRow {
    const TABLE: &'static Table = &TABLE;

    fn push(&self, columns: &mut Columns, generation: i32) {
        push(columns, generation, self);
    }
}

impl Store {
    /// Claims on hold, of every visible import: nothing of them leaves the house.
    ///
    /// # Errors
    /// What [`Store::read_third_party`] can meet.
    pub fn held_claims(&self) -> Result<HashSet<String>> {
        let mut held = HashSet::new();
        for import in self.imports()?.iter().filter(|i| i.is_visible()) {
            held.extend(self.read_third_party(&import.import_id)?.into_iter().filter(|r| r.hold).map(|r| r.claim_id));
        }
        Ok(held)
    }

    /// The candidates of an import that are visible, in the order in which they were written.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchImport`], also for one that is withdrawn.
    pub fn read_third_party(&self, import_id: &str) -> Result<Vec<ThirdPartyRow>> {
        self.read_generation(import_id)
    }
}

impl FromBatch for ThirdPartyRow {
    fn read(batch: &Batch<'_>, import: &ImportRow, rows: &mut Vec<Self>) -> Result<()> {
        let (claim_id, owner, generation) =
            (batch.texts("claim_id")?, batch.texts("owner")?, batch.ints("generation")?);
        let (person_id, service_month) = (batch.texts("person_id")?, batch.texts("service_month")?);
        let (episode_id, score, band) = (batch.texts("episode_id")?, batch.ints("score")?, batch.texts("band")?);
        let (flag, route, hold) = (batch.flags("flag")?, batch.texts("route")?, batch.flags("hold")?);
        let (evidence, spans, missing) = (batch.lists("evidence")?, batch.texts("spans")?, batch.lists("missing")?);
        let (b0, b1, rule_version) = (batch.flags("b0")?, batch.flags("b1")?, batch.texts("rule_version")?);
        for i in 0..batch.rows() {
            rows.push(Self {
                claim_id: claim_id.get(i),
                import_id: import.import_id.clone(),
                exam_month: import.exam_month.clone(),
                owner: owner.get(i),
                generation: generation.get(i),
                person_id: person_id.opt(i),
                service_month: service_month.get(i),
                episode_id: episode_id.opt(i),
                score: score.get(i),
                band: band.opt(i),
                flag: flag.get(i),
                route: route.get(i),
                evidence: evidence.texts(i)?,
                spans: spans.get(i),
                missing: missing.texts(i)?,
                b0: b0.get(i),
                b1: b1.get(i),
                rule_version: rule_version.get(i),
                hold: hold.get(i),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::testing::{Place, file, month};

    fn row(n: i32) -> ThirdPartyRow {
        ThirdPartyRow {
            claim_id: format!("a-{n}"),
            import_id: "a".into(),
            exam_month: month().to_string(),
            owner: "138941".into(),
            generation: 0,
            person_id: (n % 2 == 0).then(|| "1001".into()),
            service_month: "2026-09".into(),
            episode_id: (n > 2).then(|| "1001:neck:2026-09-03".into()),
            score: n,
            band: (n > 1).then(|| "WATCH".into()),
            flag: n > 3,
            route: "CANDIDATE".into(),
            evidence: (0..n).map(|i| format!("D.1:{i}:頚椎捻挫")).collect(),
            spans: "[]".into(),
            missing: Vec::new(),
            b0: false,
            b1: true,
            rule_version: "1:abc".into(),
            hold: n == 4,
        }
    }

    #[test]
    fn candidates_come_back_whole_in_each_generation() {
        let place = Place::new();
        let writer = place.writer("a");
        let rows: Vec<_> = (0..5).map(row).collect();
        place.store.write_generation(&place.lock, "a", month(), 0, &rows).unwrap();
        writer.commit(&[file()], ImportRow::new("a".into(), month()), &[], Instant::now()).unwrap();
        assert!(place.store.read_third_party("a").unwrap() == rows);
        assert_eq!(place.sql("SELECT sum(score), count(*) FROM third_party"), ["10,5"]);
        place.store.write_generation(&place.lock, "a", month(), 1, &rows[3..]).unwrap();
        assert_eq!(place.count("third_party"), 5, "written, not switched");
        place.store.raise_generations(&place.lock, &[("a".into(), 1)], None).unwrap();
        let seen = place.store.read_third_party("a").unwrap();
        assert_eq!(seen.iter().map(|r| (r.generation, r.score)).collect::<Vec<_>>(), [(1, 3), (1, 4)]);
        let shown = format!("{:?}", rows[4]);
        assert!(!shown.contains("1001") && !shown.contains("頚椎"), "{shown}");
    }
}
