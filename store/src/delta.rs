//! The one thin layer over `deltalake`: open or create a table, add and remove files, list what is active.

use std::{collections::HashMap, sync::Arc};

use deltalake::{
    DeltaTable, DeltaTableBuilder, DeltaTableError, TableProperty,
    kernel::{
        Action, Add, ArrayType, DataType, DecimalType, PrimitiveType, Remove, StructField,
        transaction::{CommitBuilder, CommitProperties},
    },
    operations::create::CreateBuilder,
    protocol::{DeltaOperation, SaveMode},
};
use object_store::ObjectStore;
use url::Url;

use tenken_tables::schema::{DEC, Table, Type};

use crate::error::{Error, Result};

/// Log entries between two checkpoints: 10 to 20 keep opening fast (TECHNIQUES 5).
const CHECKPOINT_INTERVAL: &str = "10";

/// A data file of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// below the folder of the table
    pub path: String,
    pub bytes: i64,
    pub rows: i64,
    pub partition: HashMap<String, Option<String>>,
}

impl DataFile {
    /// The import or run it belongs to.
    pub fn id(&self) -> &str {
        let value = |column| self.partition.get(column).and_then(Option::as_deref);
        value("import_id").or_else(|| value("run_id")).unwrap_or_default()
    }

    fn add(&self) -> Action {
        Action::Add(Add {
            path: self.path.clone(),
            partition_values: self.partition.clone(),
            size: self.bytes,
            modification_time: jiff::Timestamp::now().as_millisecond(),
            data_change: true,
            stats: Some(format!("{{\"numRecords\":{}}}", self.rows)),
            tags: None,
            deletion_vector: None,
            base_row_id: None,
            default_row_commit_version: None,
            clustering_provider: None,
        })
    }

    fn remove(&self) -> Action {
        Action::Remove(Remove {
            path: self.path.clone(),
            data_change: true,
            deletion_timestamp: Some(jiff::Timestamp::now().as_millisecond()),
            extended_file_metadata: Some(true),
            partition_values: Some(self.partition.clone()),
            size: Some(self.bytes),
            tags: None,
            deletion_vector: None,
            base_row_id: None,
            default_row_commit_version: None,
        })
    }
}

/// An opened table.
pub struct Opened {
    pub table: &'static Table,
    delta: DeltaTable,
}

fn builder(root: &Arc<dyn ObjectStore>, url: &Url) -> Result<DeltaTableBuilder, DeltaTableError> {
    Ok(DeltaTableBuilder::from_url(url.clone())?.with_storage_backend(root.clone(), url.clone()))
}

/// A type of the contract as Delta writes it.
fn type_of(ty: Type) -> DataType {
    let primitive = match ty {
        Type::Text | Type::Code | Type::Month | Type::Json => PrimitiveType::String,
        Type::Date => PrimitiveType::Date,
        Type::Time => PrimitiveType::Timestamp,
        Type::I32 | Type::Mask => PrimitiveType::Integer,
        Type::I64 => PrimitiveType::Long,
        Type::F64 => PrimitiveType::Double,
        Type::Dec => match DecimalType::try_new(DEC.0, DEC.1 as u8) {
            Ok(d) => PrimitiveType::Decimal(d),
            Err(_) => unreachable!("18 digits with 5 places is a decimal"),
        },
        Type::Bool => PrimitiveType::Boolean,
        Type::List => return DataType::Array(Box::new(ArrayType::new(DataType::STRING, false))),
        Type::DateList => return DataType::Array(Box::new(ArrayType::new(DataType::DATE, false))),
    };
    DataType::Primitive(primitive)
}

/// Opens a table if it exists.
pub async fn open(root: &Arc<dyn ObjectStore>, url: &Url, table: &'static Table) -> Result<Option<Opened>> {
    let loaded = async { builder(root, url)?.load().await }.await;
    match loaded {
        Ok(delta) => Ok(Some(Opened { table, delta })),
        Err(DeltaTableError::NotATable(_) | DeltaTableError::InvalidTableLocation(_)) => Ok(None),
        Err(e) => Err(Error::delta(table.name)(e)),
    }
}

/// Opens a table, creating it when it does not exist.
pub async fn open_or_create(root: &Arc<dyn ObjectStore>, url: &Url, table: &'static Table) -> Result<Opened> {
    if let Some(opened) = open(root, url, table).await? {
        return Ok(opened);
    }
    let failed = Error::delta(table.name);
    let delta = async {
        let log_store = builder(root, url)?.build_storage()?;
        CreateBuilder::new()
            .with_log_store(log_store)
            .with_table_name(table.name)
            .with_columns(table.columns.iter().map(|c| StructField::new(c.name, type_of(c.ty), c.nullable)))
            .with_partition_columns(table.partitions.iter().copied())
            .with_configuration_property(TableProperty::CheckpointInterval, Some(CHECKPOINT_INTERVAL))
            .with_save_mode(SaveMode::Ignore)
            .await
    }
    .await
    .map_err(failed)?;
    Ok(Opened { table, delta })
}

impl Opened {
    /// The active files.
    pub fn files(&self) -> Result<Vec<DataFile>> {
        let snapshot = self.delta.snapshot().map_err(Error::delta(self.table.name))?;
        Ok(snapshot
            .log_data()
            .iter()
            .map(|f| DataFile {
                path: f.path().into_owned(),
                bytes: f.size(),
                rows: f.num_records().unwrap_or(0) as i64,
                partition: f.partition_values_map(),
            })
            .collect())
    }

    /// One log entry that adds and removes files. Nothing to do is no entry.
    pub async fn commit(&mut self, add: &[DataFile], remove: &[DataFile]) -> Result<()> {
        if add.is_empty() && remove.is_empty() {
            return Ok(());
        }
        let failed = Error::delta(self.table.name);
        let actions: Vec<Action> = remove.iter().map(DataFile::remove).chain(add.iter().map(DataFile::add)).collect();
        let operation = DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: Some(self.table.partitions.iter().map(|p| (*p).to_owned()).collect()),
            predicate: None,
        };
        async {
            let snapshot = self.delta.snapshot()?;
            CommitBuilder::from(CommitProperties::default())
                .with_actions(actions)
                .build(Some(snapshot), self.delta.log_store(), operation)
                .await?;
            self.delta.update_state().await
        }
        .await
        .map_err(failed)
    }
}
