//! Builds the columns of a table row by row, in the order of its definition, in the shape in which Parquet
//! wants them: distinct values and numbers (see [`crate::parquet_file`]).

mod batch;
pub mod dictionary;
pub mod hybrid;
pub mod list;
mod number;
mod text;
pub mod validity;

use tenken_parser::{Date, Decimal, Encoding, Field, Month};

pub use list::ListColumn;
pub use number::NumberColumn;
pub use text::{Reading, TextColumn};
pub use validity::Validity;

use crate::schema::{Table, Type};

/// A column of yes and no.
#[derive(Default)]
pub struct Flags {
    values: Vec<bool>,
    validity: Validity,
}

impl Flags {
    pub fn push(&mut self, value: bool) {
        self.values.push(value);
        self.validity.push(true);
    }

    pub fn values(&self) -> &[bool] {
        &self.values
    }

    pub fn validity(&self) -> &Validity {
        &self.validity
    }

    fn clear(&mut self) {
        self.values.clear();
        self.validity.clear();
    }
}

/// One column under construction.
pub enum Column {
    Text(TextColumn),
    Number(NumberColumn),
    Float(Vec<f64>, Validity),
    Bool(Flags),
    List(ListColumn),
}

macro_rules! column_from {
    ($($ty:ident => $variant:ident;)*) => {$(
        impl From<$ty> for Column {
            fn from(column: $ty) -> Self {
                Self::$variant(column)
            }
        }
    )*};
}

column_from! {
    TextColumn => Text;
    NumberColumn => Number;
    Flags => Bool;
    ListColumn => List;
}

impl Column {
    fn new(ty: Type) -> Self {
        match ty {
            Type::Text | Type::Code | Type::Month | Type::Json => Self::Text(TextColumn::default()),
            Type::Date | Type::Time | Type::I32 | Type::Mask | Type::I64 | Type::Dec => {
                Self::Number(NumberColumn::default())
            }
            Type::F64 => Self::Float(Vec::new(), Validity::default()),
            Type::Bool => Self::Bool(Flags::default()),
            Type::List => Self::List(ListColumn::of_texts()),
            Type::DateList => Self::List(ListColumn::of_dates()),
        }
    }

    /// Forgets the rows, not the memory they took.
    fn clear(&mut self) {
        match self {
            Self::Text(c) => c.clear(),
            Self::Number(c) => c.clear(),
            Self::Float(values, validity) => {
                values.clear();
                validity.clear();
            }
            Self::Bool(c) => c.clear(),
            Self::List(c) => c.clear(),
        }
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        match self {
            Self::Text(c) => c.validity().rows(),
            Self::Number(c) => c.validity().rows(),
            Self::Float(_, v) => v.rows(),
            Self::Bool(c) => c.validity.rows(),
            Self::List(c) => c.rows(),
        }
    }
}

/// Columns whose rows have been written, to be filled again: growing them anew for each piece of a month costs more
/// than filling them.
#[derive(Default)]
pub struct Used(std::vec::IntoIter<Column>);

macro_rules! next_used {
    ($($name:ident: $variant:pat => $found:expr, $ty:ty, $new:expr;)*) => {$(
        /// The next column, empty.
        pub fn $name(&mut self) -> $ty {
            match self.0.next() {
                Some($variant) => $found,
                _ => $new,
            }
        }
    )*};
}

impl Used {
    /// The columns of one table among those that were written, if they are there.
    pub fn of(table: &Table, written: &mut Vec<Columns>) -> Self {
        let found = written.iter().position(|c| c.table.name == table.name).map(|i| written.swap_remove(i).columns);
        let mut columns = found.unwrap_or_default();
        columns.iter_mut().for_each(Column::clear);
        Self(columns.into_iter())
    }

    next_used! {
        text: Column::Text(c) => c, TextColumn, TextColumn::default();
        number: Column::Number(c) => c, NumberColumn, NumberColumn::default();
        flags: Column::Bool(c) => c, Flags, Flags::default();
        texts: Column::List(c) => c, ListColumn, ListColumn::of_texts();
    }
}

/// Columns of one table under construction. Partition columns are not among them.
pub struct Columns {
    table: &'static Table,
    columns: Vec<Column>,
    rows: usize,
}

impl Columns {
    pub fn new(table: &'static Table) -> Self {
        Self { table, columns: table.file_columns().map(|c| Column::new(c.ty)).collect(), rows: 0 }
    }

    /// The same, in the memory of columns of this table that were written.
    pub fn reusing(table: &'static Table, written: &mut Vec<Self>) -> Self {
        let columns: Vec<Column> = Used::of(table, written).0.collect();
        if columns.is_empty() { Self::new(table) } else { Self { table, columns, rows: 0 } }
    }

    /// Columns that were built one by one, in the order of the definition.
    pub fn of(table: &'static Table, columns: Vec<Column>) -> Self {
        let rows = columns.first().map_or(0, Column::rows);
        let alike = columns.iter().zip(table.file_columns()).all(|(c, def)| {
            c.rows() == rows && std::mem::discriminant(c) == std::mem::discriminant(&Column::new(def.ty))
        });
        assert!(alike && columns.len() == table.file_columns().count(), "{}: not its columns", table.name);
        Self { table, columns, rows }
    }

    pub fn table(&self) -> &'static Table {
        self.table
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Begins a row. Values are given in the order of the columns, and [`Row::end`] must be reached.
    pub fn row(&mut self) -> Row<'_> {
        self.rows += 1;
        Row { columns: self, at: 0 }
    }
}

/// A row being written. Each method fills the next column, whose type it must match.
pub struct Row<'c> {
    columns: &'c mut Columns,
    at: usize,
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident / $opt:ident: $value:ty, |$v:ident| $convert:expr;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(&mut self, $v: $value) -> &mut Self {
            match self.next() {
                Column::Number(c) => c.push($convert),
                _ => Self::mismatch(stringify!($name)),
            }
            self
        }

        /// The same, or null.
        #[inline]
        pub fn $opt(&mut self, value: Option<$value>) -> &mut Self {
            match self.next() {
                Column::Number(c) => c.push_opt(value.map(|$v| $convert)),
                _ => Self::mismatch(stringify!($opt)),
            }
            self
        }
    )*};
}

impl Row<'_> {
    #[inline]
    fn next(&mut self) -> &mut Column {
        self.at += 1;
        &mut self.columns.columns[self.at - 1]
    }

    #[cold]
    fn mismatch(method: &str) -> ! {
        unreachable!("Row::{method} on a column of another type: the row does not follow the table's definition")
    }

    numbers! {
        i32 / opt_i32: i32, |v| i64::from(v);
        i64 / opt_i64: i64, |v| v;
        date / opt_date: Date, |v| i64::from(v.epoch_days());
        dec / opt_dec: Decimal, |v| v.0;
        /// Microseconds since 1970.
        time / opt_time: jiff::Timestamp, |v| v.as_microsecond();
        /// The same, as a number.
        micros / opt_micros: i64, |v| v;
    }

    #[inline]
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.opt_text(Some(text))
    }

    #[inline]
    pub fn opt_text(&mut self, text: Option<&str>) -> &mut Self {
        match self.next() {
            Column::Text(c) => c.push_opt(text),
            _ => Self::mismatch("opt_text"),
        }
        self
    }

    /// A field as received, read the one way or the other.
    #[inline]
    pub fn field(&mut self, field: Option<Field<'_>>, reading: Reading, encoding: Encoding) -> &mut Self {
        match self.next() {
            Column::Text(c) => c.push_field(field, reading, encoding),
            _ => Self::mismatch("field"),
        }
        self
    }

    pub fn f64(&mut self, value: f64) -> &mut Self {
        match self.next() {
            Column::Float(values, validity) => {
                values.push(value);
                validity.push(true);
            }
            _ => Self::mismatch("f64"),
        }
        self
    }

    pub fn bool(&mut self, value: bool) -> &mut Self {
        match self.next() {
            Column::Bool(c) => c.push(value),
            _ => Self::mismatch("bool"),
        }
        self
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
            Column::List(c) => c.push_texts(values),
            _ => Self::mismatch("list"),
        }
        self
    }

    pub fn date_list(&mut self, values: impl IntoIterator<Item = Date>) -> &mut Self {
        match self.next() {
            Column::List(c) => c.push_dates(values),
            _ => Self::mismatch("date_list"),
        }
        self
    }

    /// The row is complete.
    pub fn end(&mut self) {
        assert_eq!(self.at, self.columns.columns.len(), "{}: a row with missing columns", self.columns.table.name);
    }
}
