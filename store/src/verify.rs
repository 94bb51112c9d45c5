//! Integrity of everything: data files against the hash in their names, originals against theirs, and the
//! sum of bytes.

use std::collections::HashMap;

use arrow::{array::AsArray, datatypes::Int64Type};
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};

use crate::{
    error::{Error, Result},
    originals::Original,
    store::{Store, data_hash},
    tables,
    visible::Ledgers,
};

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    pub table: String,
    pub file: String,
    /// byte range, where one is known
    pub range: Option<(u64, u64)>,
    pub reason: String,
}

/// What was looked at, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub imports: usize,
    pub data_files: usize,
    pub rows: i64,
    pub originals: usize,
    pub original_bytes: i64,
    pub claims: i64,
    pub rejected: i64,
    pub damage: Vec<Damage>,
}

fn damage(report: &mut Report, table: &str, file: &str, reason: impl Into<String>) {
    report.damage.push(Damage { table: table.into(), file: file.into(), range: None, reason: reason.into() });
}

impl Store {
    /// Reads everything that is visible, and registers of earlier loads, and compares it with what was written.
    ///
    /// # Errors
    /// Only when the store itself cannot be opened; damage is in the report.
    pub fn verify(&self, progress: &mut dyn FnMut(&str)) -> Result<Report> {
        self.runtime.block_on(self.verify_async(progress))
    }

    async fn verify_async(&self, progress: &mut dyn FnMut(&str)) -> Result<Report> {
        let mut report = Report::default();
        let ledgers = Ledgers::read(self).await?;
        let rows = &ledgers.imports;
        report.imports = rows.iter().filter(|r| r.is_visible()).count();
        // per import and file: bytes of claims and rejects, their number
        let mut parts: HashMap<(String, i32), Parts> = HashMap::new();

        for table in tables::ALL {
            let Some(opened) = self.open_table(table).await? else { continue };
            for file in ledgers.kept(self, table, opened.files()?)? {
                progress(&format!("{}/{}", table.name, file.path));
                report.data_files += 1;
                report.rows += file.rows;
                let bytes = match self.get(table, &file.path).await {
                    Ok(b) => b,
                    Err(e) => {
                        damage(&mut report, table.name, &file.path, e.to_string());
                        continue;
                    }
                };
                let named = file.path.rsplit_once('-').map(|(_, h)| h.trim_end_matches(".parquet"));
                if named != Some(data_hash(&bytes).as_str()) {
                    report.damage.push(Damage {
                        table: table.name.into(),
                        file: file.path.clone(),
                        range: Some((0, bytes.len() as u64)),
                        reason: "ハッシュがファイル名と違います".into(),
                    });
                    continue;
                }
                if table.name == tables::claims::TABLE.name {
                    add_parts(&bytes, file.id(), "claim_id", &mut parts)
                        .unwrap_or_else(|e| damage(&mut report, table.name, &file.path, e.to_string()));
                } else if table.name == tables::rejects::TABLE.name {
                    add_parts(&bytes, file.id(), "level", &mut parts)
                        .unwrap_or_else(|e| damage(&mut report, table.name, &file.path, e.to_string()));
                }
            }
        }

        for f in crate::import::known_files(self, rows).await? {
            progress(&format!("originals/{}", f.source_file));
            report.originals += 1;
            report.original_bytes += f.bytes;
            report.claims += f.claims;
            report.rejected += f.rejected;
            let sum: i64 = f.bytes_parts.iter().sum();
            if sum != f.bytes {
                damage(
                    &mut report,
                    "files",
                    &f.source_file,
                    format!("バイトの合計 {sum} がファイルの {} と違います", f.bytes),
                );
            }
            let got = parts.remove(&(f.import_id.clone(), f.file_no)).unwrap_or_default();
            let want = [f.claims, f.bytes_parts[0], f.rejected, f.bytes_parts[1]];
            if got.sums != want {
                let reason = format!("レセプトの数とバイト {:?} が台帳の {want:?} と違います", got.sums);
                damage(&mut report, "claims", &f.source_file, reason);
            }
            if let Some((id, _)) =
                got.ids.iter().find(|(id, ordinal)| tenken_tables::claim_id(&f.file_hash, *ordinal as u64) != *id)
            {
                damage(&mut report, "claims", &f.source_file, format!("claim_id {id} が原本の番地と合いません"));
            }
            let hash = Original::open(self, &f.file_hash).and_then(|mut o| o.hash());
            match hash {
                Ok(h) if h == f.file_hash => {}
                Ok(_) => damage(&mut report, "originals", &f.source_file, "原本のハッシュが違います"),
                Err(Error::Original { file, reason }) => damage(&mut report, "originals", &file, reason),
                Err(e) => damage(&mut report, "originals", &f.source_file, e.to_string()),
            }
        }
        for ((_, file_no), _) in parts {
            damage(&mut report, "claims", &file_no.to_string(), "台帳（files）にないファイルのレセプトがあります");
        }
        for row in rows.iter().filter(|r| r.is_visible()) {
            let files = row.files;
            if files == 0 {
                damage(&mut report, "imports", &row.import_id, "ファイルのない取込です");
            }
        }
        Ok(report)
    }
}

#[derive(Default)]
struct Parts {
    /// claims, their bytes, rejects, their bytes
    sums: [i64; 4],
    ids: Vec<(String, i64)>,
}

/// Adds number and bytes of claims or rejects per file.
fn add_parts(
    bytes: &bytes::Bytes,
    import_id: &str,
    key: &str,
    parts: &mut HashMap<(String, i32), Parts>,
) -> Result<()> {
    let failed = |source| Error::Parquet { table: "claims".into(), source };
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).map_err(failed)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), [key, "file_no", "ordinal", "byte_len"]);
    for batch in builder.with_projection(mask).build().map_err(failed)? {
        let batch = batch?;
        let missing = || Error::Corrupt("claims".into(), "columns".into());
        let keys = batch.column_by_name(key).and_then(|c| c.as_string_opt::<i32>()).ok_or_else(missing)?;
        let files = batch
            .column_by_name("file_no")
            .and_then(|c| c.as_primitive_opt::<arrow::datatypes::Int32Type>())
            .ok_or_else(missing)?;
        let int =
            |name: &str| batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>()).ok_or_else(missing);
        let (ordinals, lens) = (int("ordinal")?, int("byte_len")?);
        for i in 0..batch.num_rows() {
            let part = parts.entry((import_id.to_owned(), files.value(i))).or_default();
            match (key, keys.value(i)) {
                ("claim_id", id) => {
                    part.sums[0] += 1;
                    part.sums[1] += lens.value(i);
                    part.ids.push((id.to_owned(), ordinals.value(i)));
                }
                (_, "reject") => {
                    part.sums[2] += 1;
                    part.sums[3] += lens.value(i);
                }
                _ => {}
            }
        }
    }
    Ok(())
}
