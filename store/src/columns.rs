//! Builds the columns of a table row by row, in the order of its definition.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayBuilder, ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int32Builder,
        Int64Builder, ListBuilder, StringBuilder, TimestampMicrosecondBuilder,
    },
    datatypes::{DataType, Field},
    record_batch::RecordBatch,
};
use tenken_parser::{Date, Decimal, Month};

use crate::{
    error::Result,
    schema::{Table, Type},
};

enum Builder {
    Text(StringBuilder),
    Date(Date32Builder),
    Time(TimestampMicrosecondBuilder),
    I32(Int32Builder),
    I64(Int64Builder),
    F64(Float64Builder),
    Dec(Decimal128Builder),
    Bool(BooleanBuilder),
    List(ListBuilder<StringBuilder>),
    DateList(ListBuilder<Date32Builder>),
}

impl Builder {
    fn new(ty: Type) -> Self {
        let element = |t| Arc::new(Field::new("element", t, false));
        match ty {
            Type::Text | Type::Code | Type::Month | Type::Json => Self::Text(StringBuilder::new()),
            Type::Date => Self::Date(Date32Builder::new()),
            Type::Time => Self::Time(TimestampMicrosecondBuilder::new().with_data_type(Type::Time.arrow())),
            Type::I32 | Type::Mask => Self::I32(Int32Builder::new()),
            Type::I64 => Self::I64(Int64Builder::new()),
            Type::F64 => Self::F64(Float64Builder::new()),
            Type::Dec => Self::Dec(Decimal128Builder::new().with_data_type(Type::Dec.arrow())),
            Type::Bool => Self::Bool(BooleanBuilder::new()),
            Type::List => Self::List(ListBuilder::new(StringBuilder::new()).with_field(element(DataType::Utf8))),
            Type::DateList => {
                Self::DateList(ListBuilder::new(Date32Builder::new()).with_field(element(DataType::Date32)))
            }
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(b) => ArrayBuilder::finish(b),
            Self::Date(b) => ArrayBuilder::finish(b),
            Self::Time(b) => ArrayBuilder::finish(b),
            Self::I32(b) => ArrayBuilder::finish(b),
            Self::I64(b) => ArrayBuilder::finish(b),
            Self::F64(b) => ArrayBuilder::finish(b),
            Self::Dec(b) => ArrayBuilder::finish(b),
            Self::Bool(b) => ArrayBuilder::finish(b),
            Self::List(b) => ArrayBuilder::finish(b),
            Self::DateList(b) => ArrayBuilder::finish(b),
        }
    }
}

/// Columns of one table under construction. Partition columns are not among them.
pub struct Columns {
    table: &'static Table,
    builders: Vec<Builder>,
    rows: usize,
}

impl Columns {
    pub fn new(table: &'static Table) -> Self {
        let builders =
            table.columns.iter().filter(|c| !table.is_partition(c.name)).map(|c| Builder::new(c.ty)).collect();
        Self { table, builders, rows: 0 }
    }

    pub fn table(&self) -> &'static Table {
        self.table
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Begins a row. Values are given in the order of the columns, and [`Row::end`] must be reached.
    pub fn row(&mut self) -> Row<'_> {
        self.rows += 1;
        Row { columns: self, at: 0 }
    }

    /// The rows so far as a batch; the builders are empty afterwards.
    pub fn finish(&mut self) -> Result<RecordBatch> {
        let arrays = self.builders.iter_mut().map(Builder::finish).collect();
        self.rows = 0;
        Ok(RecordBatch::try_new(self.table.file_schema(), arrays)?)
    }
}

/// A row being written. Each method fills the next column, whose type it must match.
pub struct Row<'c> {
    columns: &'c mut Columns,
    at: usize,
}

macro_rules! writers {
    ($($(#[$doc:meta])* $name:ident / $opt:ident: $value:ty => $variant:ident, |$v:ident| $convert:expr;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(&mut self, $v: $value) -> &mut Self {
            match self.next() {
                Builder::$variant(b) => b.append_value($convert),
                _ => Self::mismatch(stringify!($name)),
            }
            self
        }

        /// The same, or null.
        #[inline]
        pub fn $opt(&mut self, value: Option<$value>) -> &mut Self {
            match (self.next(), value) {
                (Builder::$variant(b), Some($v)) => b.append_value($convert),
                (Builder::$variant(b), None) => b.append_null(),
                _ => Self::mismatch(stringify!($opt)),
            }
            self
        }
    )*};
}

impl Row<'_> {
    #[inline]
    fn next(&mut self) -> &mut Builder {
        self.at += 1;
        &mut self.columns.builders[self.at - 1]
    }

    #[cold]
    fn mismatch(method: &str) -> ! {
        unreachable!("Row::{method} on a column of another type: the row does not follow the table's definition")
    }

    writers! {
        text / opt_text: &str => Text, |v| v;
        i32 / opt_i32: i32 => I32, |v| v;
        i64 / opt_i64: i64 => I64, |v| v;
        f64 / opt_f64: f64 => F64, |v| v;
        date / opt_date: Date => Date, |v| v.epoch_days();
        dec / opt_dec: Decimal => Dec, |v| i128::from(v.0);
        bool / opt_bool: bool => Bool, |v| v;
        /// Microseconds since 1970.
        time / opt_time: jiff::Timestamp => Time, |v| v.as_microsecond();
    }

    pub fn month(&mut self, month: Month) -> &mut Self {
        self.opt_month(Some(month))
    }

    pub fn opt_month(&mut self, month: Option<Month>) -> &mut Self {
        let Some(m) = month else { return self.opt_text(None) };
        let mut text = *b"0000-00";
        let (year, month) = (m.year(), u16::from(m.month()));
        for (i, digit) in [year / 1000, year / 100 % 10, year / 10 % 10, year % 10].into_iter().enumerate() {
            text[i] = b'0' + digit as u8;
        }
        text[5] = b'0' + (month / 10) as u8;
        text[6] = b'0' + (month % 10) as u8;
        self.text(std::str::from_utf8(&text).unwrap_or_default())
    }

    /// A count or amount that the column holds as i32; what does not fit is null.
    pub fn opt_i32_from(&mut self, value: Option<i64>) -> &mut Self {
        self.opt_i32(value.and_then(|v| i32::try_from(v).ok()))
    }

    pub fn list<'v>(&mut self, values: impl IntoIterator<Item = &'v str>) -> &mut Self {
        match self.next() {
            Builder::List(b) => {
                values.into_iter().for_each(|v| b.values().append_value(v));
                b.append(true);
            }
            _ => Self::mismatch("list"),
        }
        self
    }

    pub fn date_list(&mut self, values: impl IntoIterator<Item = Date>) -> &mut Self {
        match self.next() {
            Builder::DateList(b) => {
                values.into_iter().for_each(|v| b.values().append_value(v.epoch_days()));
                b.append(true);
            }
            _ => Self::mismatch("date_list"),
        }
        self
    }

    /// The row is complete.
    pub fn end(&mut self) {
        assert_eq!(self.at, self.columns.builders.len(), "{}: a row with missing columns", self.columns.table.name);
    }
}
