//! Rows that were read, to be written again.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, new_null_array},
    datatypes::{
        DataType, Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    },
    error::ArrowError,
};
use tenken_parser::Date;

use super::{Column, Columns};

impl Columns {
    /// Adds the rows of a batch of this table. A column that the batch does not have yet is null.
    ///
    /// # Errors
    /// When a column is missing that is never null, or is of another type: then the columns are of no use.
    pub fn push_batch(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let defs = self.table.file_columns();
        for (column, def) in self.columns.iter_mut().zip(defs) {
            let array: ArrayRef = match batch.column_by_name(def.name) {
                Some(a) => a.clone(),
                None if def.nullable => new_null_array(&def.ty.arrow(), batch.num_rows()),
                None => return Err(not_its_column(self.table.name, def.name)),
            };
            let nulls_fit = def.nullable || array.null_count() == 0;
            if array.data_type() != &def.ty.arrow() || !nulls_fit || column.push_array(&array).is_none() {
                return Err(not_its_column(self.table.name, def.name));
            }
        }
        self.rows += batch.num_rows();
        Ok(())
    }
}

fn not_its_column(table: &str, column: &str) -> ArrowError {
    ArrowError::SchemaError(format!("{table}: {column} is missing or of another type"))
}

impl Column {
    fn push_array(&mut self, array: &ArrayRef) -> Option<()> {
        match self {
            Self::Text(c) => array.as_string_opt::<i32>()?.iter().for_each(|v| c.push_opt(v)),
            Self::Number(c) => each_number(array, |v| c.push_opt(v))?,
            Self::Float(values, validity) => {
                for v in array.as_primitive_opt::<Float64Type>()?.values() {
                    values.push(*v);
                    validity.push(true);
                }
            }
            Self::Bool(c) => {
                let values = array.as_boolean_opt()?;
                (0..values.len()).for_each(|i| c.push(values.value(i)));
            }
            Self::List(c) => {
                let lists = array.as_list_opt::<i32>()?;
                let elements = lists.values();
                for at in lists.offsets().windows(2) {
                    let range = at[0] as usize..at[1] as usize;
                    match elements.data_type() {
                        DataType::Utf8 => {
                            let texts = elements.as_string_opt::<i32>()?;
                            c.push_texts(range.map(|i| texts.value(i)));
                        }
                        _ => {
                            let days = elements.as_primitive_opt::<Date32Type>()?;
                            let days: Option<Vec<Date>> = range.map(|i| Date::from_epoch_days(days.value(i))).collect();
                            c.push_dates(days?);
                        }
                    }
                }
            }
        }
        Some(())
    }
}

fn each_number(array: &Arc<dyn Array>, mut push: impl FnMut(Option<i64>)) -> Option<()> {
    match array.data_type() {
        DataType::Int32 => {
            array.as_primitive_opt::<Int32Type>()?.iter().for_each(|v| push(v.map(i64::from)));
        }
        DataType::Date32 => {
            array.as_primitive_opt::<Date32Type>()?.iter().for_each(|v| push(v.map(i64::from)));
        }
        DataType::Int64 => array.as_primitive_opt::<Int64Type>()?.iter().for_each(push),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            array.as_primitive_opt::<TimestampMicrosecondType>()?.iter().for_each(push);
        }
        DataType::Decimal128(..) => {
            // 18 digits fit
            array.as_primitive_opt::<Decimal128Type>()?.iter().for_each(|v| push(v.map(|v| v as i64)));
        }
        _ => return None,
    }
    Some(())
}
