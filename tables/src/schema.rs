//! Types of columns (spec/tables.md section 1) and what they are in Arrow.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};

/// Type of a column, by the words of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Text,
    Code,
    Month,
    Date,
    Time,
    I32,
    I64,
    F64,
    Dec,
    Bool,
    List,
    DateList,
    Json,
    Mask,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub ty: Type,
    pub nullable: bool,
}

/// A stored table. Columns are appended, never renamed or moved.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    pub partitions: &'static [&'static str],
}

/// The partition columns of the claim tables.
pub const BY_IMPORT: &[&str] = &["exam_month", "import_id"];

/// The partition columns of the registry tables: a reader of one insurer opens only its files, and both are the same
/// for a whole load, so that a load is folders of its own, told apart and removed without reading.
pub const BY_OWNER: &[&str] = &["owner", "run_id"];

/// The partition column of what a run makes for all owners.
pub const BY_RUN: &[&str] = &["run_id"];

/// Decimal places and digits of `dec`.
pub const DEC: (u8, i8) = (18, 5);

macro_rules! table {
    ($(#[$doc:meta])* $konst:ident $name:literal by $parts:expr; $($col:ident : $ty:ident $($null:literal)?),* $(,)?) => {
        $(#[$doc])*
        pub const $konst: $crate::schema::Table = $crate::schema::Table {
            name: $name,
            partitions: $parts,
            columns: &[$($crate::schema::Column {
                name: stringify!($col),
                ty: $crate::schema::Type::$ty,
                nullable: $crate::schema::nullable(&[$($null)?]),
            }),*],
        };
    };
}
pub(crate) use table;

/// `"?"` behind a type: may be null.
pub const fn nullable(marks: &[&str]) -> bool {
    !marks.is_empty()
}

impl Type {
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text | Self::Code | Self::Month | Self::Json => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::I32 | Self::Mask => DataType::Int32,
            Self::I64 => DataType::Int64,
            Self::F64 => DataType::Float64,
            Self::Dec => DataType::Decimal128(DEC.0, DEC.1),
            Self::Bool => DataType::Boolean,
            Self::List => list_of(DataType::Utf8),
            Self::DateList => list_of(DataType::Date32),
        }
    }
}

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("element", item, false)))
}

impl Table {
    fn fields(&self, partitions: bool) -> Fields {
        self.columns
            .iter()
            .filter(|c| partitions || !self.is_partition(c.name))
            .map(|c| Field::new(c.name, c.ty.arrow(), c.nullable))
            .collect()
    }

    /// Holds rows of imports.
    pub fn is_of_imports(&self) -> bool {
        self.is_partition("import_id")
    }

    /// Holds rows of runs: registry loads and whatever else is no import.
    pub fn is_of_runs(&self) -> bool {
        self.is_partition("run_id")
    }

    /// Holds the rows of an import as they are in each of its generations.
    pub fn is_of_generations(&self) -> bool {
        self.is_of_imports() && self.column("generation").is_some()
    }

    pub fn is_partition(&self, column: &str) -> bool {
        self.partitions.contains(&column)
    }

    /// All columns in the order of the contract.
    pub fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(self.fields(true)))
    }

    /// The columns inside a data file: without the partition columns.
    pub fn file_schema(&self) -> SchemaRef {
        Arc::new(Schema::new(self.fields(false)))
    }

    /// The columns inside a data file, in order.
    pub fn file_columns(&self) -> impl Iterator<Item = &'static Column> {
        let partitions = self.partitions;
        self.columns.iter().filter(move |c| !partitions.contains(&c.name))
    }

    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|c| c.name == name)
    }
}
