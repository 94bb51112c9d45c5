//! What is written is what `arrow` reads: any values, nulls, runs and lists, against arrays built by `arrow`.

use std::sync::Arc;

use proptest::prelude::*;
use tenken_parser::{Date, Decimal, Encoding, Field as RawField};
use tenken_tables::{
    arrow::{
        array::{
            Array, ArrayRef, BooleanArray, Date32Array, Date32Builder, Decimal128Array, Float64Array, Int32Array,
            Int64Array, ListBuilder, StringArray, StringBuilder, TimestampMicrosecondArray,
        },
        datatypes::{DataType, Field},
        record_batch::RecordBatch,
    },
    columns::{Columns, Reading},
    parquet_file,
    schema::{Column, Table, Type},
};

const fn column(name: &'static str, ty: Type, nullable: bool) -> Column {
    Column { name, ty, nullable }
}

/// Every type, with and without nulls.
static TABLE: Table = Table {
    name: "every_type",
    partitions: &["part"],
    columns: &[
        column("part", Type::Text, false),
        column("code", Type::Code, false),
        column("text", Type::Text, true),
        column("field", Type::Text, true),
        column("day", Type::Date, true),
        column("moment", Type::Time, true),
        column("small", Type::I32, true),
        column("large", Type::I64, false),
        column("ratio", Type::F64, false),
        column("dec", Type::Dec, true),
        column("flag", Type::Bool, false),
        column("list", Type::List, false),
        column("days", Type::DateList, false),
    ],
};

#[derive(Clone, Debug)]
struct Values {
    code: String,
    text: Option<String>,
    field: String,
    day: Option<i32>,
    moment: Option<i64>,
    small: Option<i32>,
    large: i64,
    ratio: f64,
    dec: Option<i64>,
    flag: bool,
    list: Vec<String>,
    days: Vec<i32>,
}

fn values() -> impl Strategy<Value = Values> {
    (
        ("[0-9]{1,2}|[0-9A-Z]{9}", proptest::option::of("[ -~]{0,12}|見本[０-９]{0,9}"), "[ 　]{0,2}[a-z見本ｱｶﾞ]{0,9}"),
        (proptest::option::of(-36_000i32..60_000), proptest::option::of(any::<i32>().prop_map(i64::from))),
        (proptest::option::of(-2i32..9000), prop_oneof![0i64..50, any::<i64>()], -1e9f64..1e9),
        (proptest::option::of(-9_999_999i64..9_999_999), any::<bool>()),
        (proptest::collection::vec("[0-9]{4}", 0..4), proptest::collection::vec(0i32..20_000, 0..3)),
    )
        .prop_map(|((code, text, field), (day, moment), (small, large, ratio), (dec, flag), (list, days))| {
            Values { code, text, field, day, moment, small, large, ratio, dec, flag, list, days }
        })
}

fn written(rows: &[Values]) -> Vec<u8> {
    parquet_file::encode(&columns(rows)).unwrap()
}

fn columns(rows: &[Values]) -> Columns {
    let date = |d: i32| Date::from_epoch_days(d).unwrap();
    let mut columns = Columns::new(&TABLE);
    for v in rows {
        let raw = Encoding::Cp932.encode(&v.field);
        columns
            .row()
            .text(&v.code)
            .opt_text(v.text.as_deref())
            .field(Some(RawField(&raw)), Reading::Text, Encoding::Cp932)
            .opt_date(v.day.map(date))
            .opt_time(v.moment.map(|m| jiff::Timestamp::from_microsecond(m).unwrap()))
            .opt_i32(v.small)
            .i64(v.large)
            .f64(v.ratio)
            .opt_dec(v.dec.map(Decimal))
            .bool(v.flag)
            .list(v.list.iter().map(String::as_str))
            .date_list(v.days.iter().map(|d| date(*d)))
            .end();
    }
    columns
}

fn expected(rows: &[Values]) -> RecordBatch {
    let element = |t| Arc::new(Field::new("element", t, false));
    let mut lists = ListBuilder::new(StringBuilder::new()).with_field(element(DataType::Utf8));
    let mut days = ListBuilder::new(Date32Builder::new()).with_field(element(DataType::Date32));
    for v in rows {
        v.list.iter().for_each(|t| lists.values().append_value(t));
        lists.append(true);
        v.days.iter().for_each(|d| days.values().append_value(*d));
        days.append(true);
    }
    let field = |v: &Values| {
        let t = v.field.trim().to_owned();
        (!t.is_empty()).then_some(t)
    };
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(rows.iter().map(|v| &v.code))),
        Arc::new(rows.iter().map(|v| v.text.clone()).collect::<StringArray>()),
        Arc::new(rows.iter().map(field).collect::<StringArray>()),
        Arc::new(rows.iter().map(|v| v.day).collect::<Date32Array>()),
        Arc::new(rows.iter().map(|v| v.moment).collect::<TimestampMicrosecondArray>().with_timezone("UTC")),
        Arc::new(rows.iter().map(|v| v.small).collect::<Int32Array>()),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|v| v.large))),
        Arc::new(Float64Array::from_iter_values(rows.iter().map(|v| v.ratio))),
        Arc::new(
            rows.iter()
                .map(|v| v.dec.map(i128::from))
                .collect::<Decimal128Array>()
                .with_precision_and_scale(18, 5)
                .unwrap(),
        ),
        Arc::new(rows.iter().map(|v| Some(v.flag)).collect::<BooleanArray>()),
        Arc::new(lists.finish()),
        Arc::new(days.finish()),
    ];
    RecordBatch::try_new(TABLE.file_schema(), arrays).unwrap()
}

fn read(bytes: Vec<u8>, rows: usize) -> RecordBatch {
    let builder =
        parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
    let mut reader = builder.with_batch_size(rows.max(1)).build().unwrap();
    reader.next().unwrap().unwrap()
}

fn check(rows: &[Values]) {
    let got = read(written(rows), rows.len());
    let want = expected(rows);
    assert_eq!(got.schema().fields().len(), want.num_columns());
    for (i, field) in want.schema().fields().iter().enumerate() {
        assert_eq!(got.column(i).to_data(), want.column(i).to_data(), "{}", field.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_rows_come_back(rows in proptest::collection::vec(values(), 1..200), repeat in 1usize..40) {
        check(&rows);
        // runs: each row several times
        let runs: Vec<Values> = rows.iter().flat_map(|v| std::iter::repeat_n(v.clone(), repeat)).collect();
        check(&runs);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]
    /// What was read is written again as the same bytes, also as several batches.
    #[test]
    fn batches_are_written_again(rows in proptest::collection::vec(values(), 1..60), cut in 0usize..60) {
        let bytes = written(&rows);
        let batch = read(bytes.clone(), rows.len());
        let cut = cut.min(rows.len());
        let mut again = Columns::new(&TABLE);
        again.push_batch(&batch.slice(0, cut)).unwrap();
        again.push_batch(&batch.slice(cut, rows.len() - cut)).unwrap();
        prop_assert_eq!(again.rows(), rows.len());
        prop_assert!(parquet_file::encode(&again).unwrap() == bytes);
    }
}

#[test]
fn a_batch_of_other_columns_is_refused() {
    let rows: Vec<Values> = Vec::new();
    let batch = expected(&rows);
    let keep = |names: &[&str]| {
        let at: Vec<usize> =
            (0..batch.num_columns()).filter(|i| !names.contains(&batch.schema().field(*i).name().as_str())).collect();
        Columns::new(&TABLE).push_batch(&batch.project(&at).unwrap())
    };
    assert!(keep(&[]).is_ok());
    assert!(keep(&["text", "day"]).is_ok(), "columns that may be null may be missing");
    assert!(keep(&["code"]).is_err());
}

/// Months carry minimum and maximum, so that readers can skip files.
#[test]
fn bounds_stand_where_values_follow_time() {
    let mut rows: Vec<Values> = Vec::new();
    for day in [Some(100), None, Some(-5), Some(20_000)] {
        rows.push(Values {
            code: "1".into(),
            text: None,
            field: String::new(),
            day,
            moment: None,
            small: None,
            large: 0,
            ratio: 0.0,
            dec: None,
            flag: false,
            list: Vec::new(),
            days: Vec::new(),
        });
    }
    let bytes = bytes::Bytes::from(written(&rows));
    let builder = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let group = builder.metadata().row_group(0);
    let statistics = group.column(3).statistics().unwrap();
    assert_eq!(statistics.min_bytes_opt(), Some(&(-5i32).to_le_bytes()[..]));
    assert_eq!(statistics.max_bytes_opt(), Some(&20_000i32.to_le_bytes()[..]));
    assert_eq!(statistics.null_count_opt(), Some(1));
    assert!(group.column(0).statistics().is_none());
}
