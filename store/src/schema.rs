//! Types of columns (spec/tables.md section 1) and what they are in Arrow and Delta.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use deltalake::kernel::{ArrayType, DataType as DeltaType, DecimalType, PrimitiveType, StructField};

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

/// Decimal places and digits of `dec`.
const DEC: (u8, i8) = (18, 5);

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

    fn delta(self) -> DeltaType {
        let primitive = match self {
            Self::Text | Self::Code | Self::Month | Self::Json => PrimitiveType::String,
            Self::Date => PrimitiveType::Date,
            Self::Time => PrimitiveType::Timestamp,
            Self::I32 | Self::Mask => PrimitiveType::Integer,
            Self::I64 => PrimitiveType::Long,
            Self::F64 => PrimitiveType::Double,
            Self::Dec => match DecimalType::try_new(DEC.0, DEC.1 as u8) {
                Ok(d) => PrimitiveType::Decimal(d),
                Err(_) => unreachable!("18 digits with 5 places is a decimal"),
            },
            Self::Bool => PrimitiveType::Boolean,
            Self::List => return DeltaType::Array(Box::new(ArrayType::new(DeltaType::STRING, false))),
            Self::DateList => return DeltaType::Array(Box::new(ArrayType::new(DeltaType::DATE, false))),
        };
        DeltaType::Primitive(primitive)
    }

    /// Codes repeat: they are dictionary-encoded. Names and numbers of claims do not.
    pub fn has_dictionary(self) -> bool {
        !matches!(self, Self::Text | Self::Json)
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

    pub(crate) fn delta_columns(&self) -> impl Iterator<Item = StructField> {
        self.columns.iter().map(|c| StructField::new(c.name, c.ty.delta(), c.nullable))
    }

    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|c| c.name == name)
    }
}
