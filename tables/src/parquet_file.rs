//! The columns of a table as one Parquet file in memory: one row group, one data page a column, zstd 1.
//!
//! The columns hold distinct values and numbers already, which is what a dictionary page and a data page are,
//! so nothing is hashed or compared a second time here (what `ArrowWriter` would do). The container (page
//! headers, row group, footer) is written by the `parquet` crate.

use std::sync::Arc;

use bytes::Bytes;
use parquet::{
    arrow::ArrowSchemaConverter,
    basic::{Compression, Encoding, Type as Physical, ZstdLevel},
    column::{
        page::{CompressedPage, Page, PageWriter},
        writer::ColumnCloseResult,
    },
    errors::{ParquetError, Result},
    file::{
        metadata::ColumnChunkMetaData,
        properties::WriterProperties,
        statistics::Statistics,
        writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite},
    },
    schema::types::ColumnDescPtr,
};

use crate::{
    columns::{
        Column, Columns, NumberColumn, TextColumn, Validity, hybrid,
        list::{Elements, ListColumn},
    },
    schema::Type,
};

const LEVEL: i32 = 1;
/// Where more than one row in this many holds a new value, a dictionary is only a detour.
const ROWS_PER_DISTINCT: usize = 2;

/// The bytes of a Parquet file that holds the rows.
///
/// # Errors
/// What the `parquet` crate or zstd says; neither depends on the content.
pub fn encode(columns: &Columns) -> Result<Vec<u8>> {
    let schema = ArrowSchemaConverter::new().convert(&columns.table().file_schema())?;
    let properties = Arc::new(WriterProperties::default());
    let mut file = SerializedFileWriter::new(Vec::new(), schema.root_schema_ptr(), properties)?;
    let mut group = file.next_row_group()?;
    let mut encoder = Encoder::new()?;
    for ((column, def), desc) in columns.columns().iter().zip(columns.table().file_columns()).zip(schema.columns()) {
        let statistics = matches!(def.ty, Type::Month | Type::Date | Type::Time);
        let (bytes, close) = encoder.chunk(column, desc, columns.rows(), statistics)?;
        group.append_column(&bytes, close)?;
    }
    group.close()?;
    file.into_inner()
}

/// What the values of a column are in a file.
enum Values<'c> {
    /// dictionary page, number of its entries; the numbers
    Dictionary(Vec<u8>, usize, &'c [u32]),
    Plain(Vec<u8>),
}

struct Encoder {
    zstd: zstd::bulk::Compressor<'static>,
    page: Vec<u8>,
}

impl Encoder {
    fn new() -> Result<Self> {
        let zstd = zstd::bulk::Compressor::new(LEVEL).map_err(|e| ParquetError::External(Box::new(e)))?;
        Ok(Self { zstd, page: Vec::new() })
    }

    fn chunk(
        &mut self,
        column: &Column,
        desc: &ColumnDescPtr,
        rows: usize,
        statistics: bool,
    ) -> Result<(Bytes, ColumnCloseResult)> {
        self.page.clear();
        let mut levels = |validity: &Validity| {
            if desc.max_def_level() > 0 {
                hybrid::levels(validity, &mut self.page);
            }
            validity.rows()
        };
        let (values, count, nulls) = match column {
            Column::Text(c) => (texts(c), levels(c.validity()), c.validity().nulls()),
            Column::Number(c) => (numbers(c, desc.physical_type()), levels(c.validity()), c.validity().nulls()),
            Column::Float(v, validity) => {
                (Values::Plain(v.iter().flat_map(|f| f.to_le_bytes()).collect()), levels(validity), 0)
            }
            Column::Bool(c) => (Values::Plain(bits(c.values())), levels(c.validity()), 0),
            Column::List(c) => {
                let (repeated, defined) = c.levels();
                hybrid::levels(repeated, &mut self.page);
                hybrid::levels(defined, &mut self.page);
                (elements(c, desc.physical_type()), defined.rows(), 0)
            }
        };
        let bounds = if statistics { bounds(column, desc.physical_type(), nulls as u64) } else { None };
        self.write(values, desc, rows, count, bounds)
    }

    fn write(
        &mut self,
        values: Values<'_>,
        desc: &ColumnDescPtr,
        rows: usize,
        count: usize,
        bounds: Option<Statistics>,
    ) -> Result<(Bytes, ColumnCloseResult)> {
        let mut sink = TrackedWrite::new(Vec::new());
        let mut writer = SerializedPageWriter::new(&mut sink);
        let mut builder = ColumnChunkMetaData::builder(desc.clone());
        let mut sizes = (0, 0);
        let mut add = |spec: parquet::column::page::PageWriteSpec| {
            sizes = (sizes.0 + spec.compressed_size, sizes.1 + spec.uncompressed_size);
            spec.offset as i64
        };
        let encoding = match values {
            Values::Dictionary(entries, len, numbers) => {
                let buf = compress(&mut self.zstd, &entries)?;
                let page =
                    Page::DictionaryPage { buf, num_values: len as u32, encoding: Encoding::PLAIN, is_sorted: false };
                let at = add(writer.write_page(CompressedPage::new(page, entries.len()))?);
                builder = builder.set_dictionary_page_offset(Some(at));
                let width = hybrid::width_of(len.saturating_sub(1) as u32);
                self.page.push(width);
                hybrid::encode(numbers, width, &mut self.page);
                Encoding::RLE_DICTIONARY
            }
            Values::Plain(bytes) => {
                self.page.extend_from_slice(&bytes);
                Encoding::PLAIN
            }
        };
        let page = Page::DataPage {
            buf: compress(&mut self.zstd, &self.page)?,
            num_values: count as u32,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let at = add(writer.write_page(CompressedPage::new(page, self.page.len()))?);
        writer.close()?;
        let mut encodings = vec![Encoding::PLAIN, Encoding::RLE];
        if encoding != Encoding::PLAIN {
            encodings.push(encoding);
        }
        builder = builder
            .set_encodings(encodings)
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
            .set_num_values(count as i64)
            .set_total_compressed_size(sizes.0 as i64)
            .set_total_uncompressed_size(sizes.1 as i64)
            .set_data_page_offset(at);
        if let Some(bounds) = bounds {
            builder = builder.set_statistics(bounds);
        }
        let chunk = sink.into_inner()?;
        let close = ColumnCloseResult {
            bytes_written: chunk.len() as u64,
            rows_written: rows as u64,
            metadata: builder.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((chunk.into(), close))
    }
}

fn compress(zstd: &mut zstd::bulk::Compressor<'_>, bytes: &[u8]) -> Result<Bytes> {
    Ok(zstd.compress(bytes).map_err(|e| ParquetError::External(Box::new(e)))?.into())
}

fn texts(c: &TextColumn) -> Values<'_> {
    let texts = c.texts();
    if c.numbers().len() >= texts.len() * ROWS_PER_DISTINCT {
        return Values::Dictionary(texts.plain().to_vec(), texts.len(), c.numbers());
    }
    let mut plain = Vec::with_capacity(texts.plain().len());
    for text in c.numbers().iter().filter_map(|n| texts.get(*n)) {
        plain.extend_from_slice(&(text.len() as u32).to_le_bytes());
        plain.extend_from_slice(text);
    }
    Values::Plain(plain)
}

fn numbers(c: &NumberColumn, physical: Physical) -> Values<'_> {
    let values = c.distinct().values();
    let plain = |values: &mut dyn Iterator<Item = i64>| -> Vec<u8> {
        match physical {
            Physical::INT32 => values.flat_map(|v| (v as i32).to_le_bytes()).collect(),
            _ => values.flat_map(i64::to_le_bytes).collect(),
        }
    };
    if c.numbers().len() >= values.len() * ROWS_PER_DISTINCT {
        return Values::Dictionary(plain(&mut values.iter().copied()), values.len(), c.numbers());
    }
    Values::Plain(plain(&mut c.numbers().iter().map(|n| values[*n as usize])))
}

fn elements(c: &ListColumn, physical: Physical) -> Values<'_> {
    match c.elements() {
        Elements::Texts(c) => texts(c),
        Elements::Dates(c) => numbers(c, physical),
    }
}

fn bits(values: &[bool]) -> Vec<u8> {
    values.chunks(8).map(|c| c.iter().enumerate().fold(0, |byte, (i, b)| byte | u8::from(*b) << i)).collect()
}

/// Minimum and maximum help to skip row groups where values follow time, and nowhere else.
fn bounds(column: &Column, physical: Physical, nulls: u64) -> Option<Statistics> {
    match column {
        Column::Number(c) => {
            let values = c.distinct().values();
            let (min, max) = (*values.iter().min()?, *values.iter().max()?);
            Some(match physical {
                Physical::INT32 => Statistics::int32(Some(min as i32), Some(max as i32), None, Some(nulls), false),
                _ => Statistics::int64(Some(min), Some(max), None, Some(nulls), false),
            })
        }
        Column::Text(c) => {
            let all = || (0..c.texts().len() as u32).filter_map(|n| c.texts().get(n));
            let value = |b: &[u8]| Some(b.to_vec().into());
            Some(Statistics::byte_array(value(all().min()?), value(all().max()?), None, Some(nulls), false))
        }
        _ => None,
    }
}
