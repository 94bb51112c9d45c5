//! One batch as one Parquet file in memory: zstd 1, dictionaries for codes, none for names (TECHNIQUES 3).

use arrow::record_batch::RecordBatch;
use parquet::{
    arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions},
    basic::{Compression, Encoding, ZstdLevel},
    file::properties::{EnabledStatistics, WriterProperties},
    schema::types::ColumnPath,
};

use crate::{
    error::{Error, Result},
    schema::{Table, Type},
};

/// Rows of one row group.
const ROW_GROUP_ROWS: usize = 1_000_000;

fn properties(table: &Table) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS));
    for c in table.columns {
        let path = match c.ty {
            Type::List | Type::DateList => ColumnPath::new(vec![c.name.into(), "list".into(), "element".into()]),
            _ => ColumnPath::from(c.name),
        };
        // minimum and maximum help to skip row groups where values follow time, and nowhere else
        let statistics = match c.ty {
            Type::Month | Type::Date | Type::Time => EnabledStatistics::Chunk,
            _ => EnabledStatistics::None,
        };
        builder = builder.set_column_statistics_enabled(path.clone(), statistics);
        if c.name == "claim_id" && table.column("seq").is_some() {
            // the same id on all rows of a claim: each row says only that it repeats
            builder = builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BYTE_ARRAY);
        } else {
            builder = builder.set_column_dictionary_enabled(path, c.ty.has_dictionary());
        }
    }
    builder.build()
}

/// The bytes of a Parquet file that holds the batch.
pub fn encode(table: &Table, batch: &RecordBatch) -> Result<Vec<u8>> {
    let failed = |source| Error::Parquet { table: table.name.to_owned(), source };
    let options = ArrowWriterOptions::new().with_properties(properties(table)).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options).map_err(failed)?;
    writer.write(batch).map_err(failed)?;
    writer.into_inner().map_err(failed)
}
