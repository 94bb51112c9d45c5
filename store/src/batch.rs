//! Columns of a batch by name, and what their cells are for the rows of this crate.

use std::{fs::File, sync::Arc};

use arrow::array::{
    Array, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use jiff::Timestamp;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection},
    },
    file::reader::ChunkReader,
};
use tenken_parser::Date;
use tenken_tables::schema::Table;

use crate::{
    error::{Error, Result},
    store::Store,
};

/// Rows of a batch: enough to spread what a batch costs, few beside a data file.
const BATCH_ROWS: usize = 8192;

/// Batches of the columns of a data file that are asked for, or of all; each is given to `each`.
pub(crate) fn read<F: ChunkReader + 'static>(
    table: &'static Table,
    file: F,
    columns: Option<&[&str]>,
    mut each: impl FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    let failed = |e| Error::parquet(table.name)(e);
    let mut builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    if let Some(columns) = columns {
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        builder = builder.with_projection(mask);
    }
    for batch in builder.with_batch_size(BATCH_ROWS).build().map_err(failed)? {
        each(&batch?)?;
    }
    Ok(())
}

impl Store {
    /// The same for a data file of this store.
    pub(crate) fn read_data(
        &self,
        table: &'static Table,
        path: &str,
        columns: Option<&[&str]>,
        each: impl FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let place = self.table_folder(table).join(path);
        read(table, File::open(&place).map_err(Error::io(place))?, columns, each)
    }
}

impl Store {
    /// Some rows of a data file, by their numbers in order.
    pub(crate) fn read_rows(
        &self,
        table: &'static Table,
        path: &str,
        columns: &[&str],
        rows: &[usize],
        mut each: impl FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let place = self.table_folder(table).join(path);
        let failed = |e| Error::parquet(table.name)(e);
        let file = File::open(&place).map_err(Error::io(place))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
        let total = builder.metadata().file_metadata().num_rows() as usize;
        let ranges = rows.iter().map(|r| *r..*r + 1);
        let selection = RowSelection::from_consecutive_ranges(ranges, total);
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        let reader = builder.with_projection(mask).with_row_selection(selection).with_batch_size(BATCH_ROWS);
        for batch in reader.build().map_err(failed)? {
            each(&batch?)?;
        }
        Ok(())
    }
}

/// A batch of a table.
pub(crate) struct Batch<'b> {
    table: &'static Table,
    batch: &'b RecordBatch,
}

macro_rules! columns {
    ($($name:ident: $array:ty => $cells:ident;)*) => {$(
        pub fn $name(&self, name: &str) -> Result<$cells<'b>> {
            Ok($cells(self.column::<$array>(name)?))
        }
    )*};
}

impl<'b> Batch<'b> {
    pub fn new(table: &'static Table, batch: &'b RecordBatch) -> Self {
        Self { table, batch }
    }

    pub fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    fn column<A: 'static>(&self, name: &str) -> Result<&'b A> {
        let column = self.batch.column_by_name(name).and_then(|c| c.as_any().downcast_ref::<A>());
        column.ok_or_else(|| Error::Corrupt(self.table.name.into(), format!("{name} の列がありません")))
    }

    columns! {
        texts: StringArray => Texts;
        ints: Int32Array => Ints;
        longs: Int64Array => Longs;
        floats: Float64Array => Floats;
        flags: BooleanArray => Flags;
        dates: Date32Array => Dates;
        times: TimestampMicrosecondArray => Times;
        lists: ListArray => Lists;
    }
}

pub(crate) struct Texts<'b>(&'b StringArray);

impl<'b> Texts<'b> {
    pub fn str(&self, i: usize) -> &'b str {
        self.0.value(i)
    }

    pub fn get(&self, i: usize) -> String {
        self.0.value(i).to_owned()
    }

    pub fn opt(&self, i: usize) -> Option<String> {
        self.opt_str(i).map(str::to_owned)
    }

    pub fn opt_str(&self, i: usize) -> Option<&'b str> {
        (!self.0.is_null(i)).then(|| self.0.value(i))
    }
}

pub(crate) struct Ints<'b>(&'b Int32Array);

impl Ints<'_> {
    pub fn get(&self, i: usize) -> i32 {
        self.0.value(i)
    }

    pub fn opt(&self, i: usize) -> Option<i32> {
        (!self.0.is_null(i)).then(|| self.0.value(i))
    }
}

pub(crate) struct Longs<'b>(&'b Int64Array);

impl Longs<'_> {
    pub fn get(&self, i: usize) -> i64 {
        self.0.value(i)
    }

    pub fn opt(&self, i: usize) -> Option<i64> {
        (!self.0.is_null(i)).then(|| self.0.value(i))
    }
}

pub(crate) struct Floats<'b>(&'b Float64Array);

impl Floats<'_> {
    pub fn get(&self, i: usize) -> f64 {
        self.0.value(i)
    }
}

pub(crate) struct Flags<'b>(&'b BooleanArray);

impl Flags<'_> {
    pub fn get(&self, i: usize) -> bool {
        self.0.value(i)
    }
}

fn out_of_range(what: &str, value: impl ToString) -> Error {
    Error::Corrupt(what.into(), value.to_string())
}

fn date(days: i32) -> Result<Date> {
    Date::from_epoch_days(days).ok_or_else(|| out_of_range("date", days))
}

pub(crate) struct Dates<'b>(&'b Date32Array);

impl Dates<'_> {
    pub fn get(&self, i: usize) -> Result<Date> {
        date(self.0.value(i))
    }

    pub fn opt(&self, i: usize) -> Result<Option<Date>> {
        if self.0.is_null(i) { Ok(None) } else { self.get(i).map(Some) }
    }
}

pub(crate) struct Times<'b>(&'b TimestampMicrosecondArray);

impl Times<'_> {
    pub fn get(&self, i: usize) -> Result<Timestamp> {
        let micros = self.0.value(i);
        Timestamp::from_microsecond(micros).map_err(|_| out_of_range("time", micros))
    }

    pub fn opt(&self, i: usize) -> Result<Option<Timestamp>> {
        if self.0.is_null(i) { Ok(None) } else { self.get(i).map(Some) }
    }

    pub fn opt_micros(&self, i: usize) -> Option<i64> {
        (!self.0.is_null(i)).then(|| self.0.value(i))
    }
}

pub(crate) struct Lists<'b>(&'b ListArray);

impl Lists<'_> {
    fn elements<A: 'static, T>(&self, i: usize, get: impl Fn(&A, usize) -> Result<T>) -> Result<Vec<T>> {
        let range = self.0.offsets()[i] as usize..self.0.offsets()[i + 1] as usize;
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let elements: &Arc<dyn Array> = self.0.values();
        let elements =
            elements.as_any().downcast_ref::<A>().ok_or_else(|| out_of_range("list", elements.data_type()))?;
        range.map(|i| get(elements, i)).collect()
    }

    pub fn texts(&self, i: usize) -> Result<Vec<String>> {
        self.elements(i, |c: &StringArray, i| Ok(c.value(i).to_owned()))
    }

    /// Two-digit codes as bits.
    pub fn codes(&self, i: usize) -> Result<u128> {
        let codes = self.elements(i, |c: &StringArray, i| Ok(c.value(i).parse::<u32>().ok().filter(|n| *n < 128)))?;
        Ok(codes.into_iter().flatten().fold(0, |bits, code| bits | 1 << code))
    }

    pub fn dates(&self, i: usize) -> Result<Vec<Date>> {
        self.elements(i, |c: &Date32Array, i| date(c.value(i)))
    }
}
