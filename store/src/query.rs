//! Read-only SQL over the visible rows: every table is a view of the files of visible imports and runs.

use std::sync::Arc;

use arrow::{
    datatypes::{DataType, Field, SchemaRef},
    record_batch::RecordBatch,
};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    common::DFSchema,
    common::{Statistics, stats::Precision, tree_node::TreeNodeRecursion},
    datasource::{
        listing::PartitionedFile,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource},
        source::DataSourceExec,
        table_schema::TableSchema,
    },
    error::Result as DfResult,
    execution::context::SQLOptions,
    execution::object_store::ObjectStoreUrl,
    logical_expr::{Expr, LogicalPlan, TableProviderFilterPushDown, TableType, utils::conjunction},
    physical_plan::{ExecutionPlan, empty::EmptyExec},
    prelude::{DataFrame, SessionConfig, SessionContext},
    scalar::ScalarValue,
};
use futures::future::try_join_all;

use crate::{
    error::{Error, Result},
    imports::ImportRow,
    runs::RunRow,
    statement,
    store::Store,
    tables,
    tables::schema::Table,
    visible::Ledgers,
};

/// Where DataFusion says what tables and columns there are.
const INFORMATION_SCHEMA: &str = "information_schema";

/// The visible rows of one table.
#[derive(Debug)]
struct VisibleTable {
    table: &'static Table,
    files: Vec<PartitionedFile>,
    rows: usize,
}

impl VisibleTable {
    fn partition_fields(&self) -> Vec<Arc<Field>> {
        self.table.partitions.iter().map(|p| Arc::new(Field::new(*p, DataType::Utf8, false))).collect()
    }

    /// Index in file columns followed by partition columns, of a column of the contract.
    fn physical_index(&self, logical: usize) -> usize {
        let column = self.table.columns[logical].name;
        let in_file = self.table.columns.iter().filter(|c| !self.table.is_partition(c.name));
        match self.table.partitions.iter().position(|p| *p == column) {
            Some(p) => in_file.count() + p,
            None => in_file.take_while(|c| c.name != column).count(),
        }
    }
}

#[async_trait]
impl TableProvider for VisibleTable {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> DfResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let all: Vec<usize> = (0..self.table.columns.len()).collect();
        let wanted = projection.unwrap_or(&all);
        if self.files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(Arc::new(self.schema().project(wanted)?))));
        }
        let schema =
            TableSchema::builder(self.table.file_schema()).with_table_partition_cols(self.partition_fields()).build();
        let mut source = ParquetSource::new(schema.clone());
        if let Some(filter) = conjunction(filters.iter().cloned()) {
            let df_schema = DFSchema::try_from(schema.table_schema().as_ref().clone())?;
            source = source.with_predicate(state.create_physical_expr(filter, &df_schema)?);
        }
        let indices = wanted.iter().map(|i| self.physical_index(*i)).collect();
        let mut statistics = Statistics::new_unknown(schema.table_schema());
        statistics.num_rows = Precision::Exact(self.rows);
        let groups = FileGroup::new(self.files.clone()).split_files(state.config().target_partitions());
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(Some(indices))?
            .with_limit(if filters.is_empty() { limit } else { None })
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

/// A session over what was visible when it was made.
pub struct Query<'s> {
    store: &'s Store,
    context: SessionContext,
    pub imports: Vec<ImportRow>,
    pub runs: Vec<RunRow>,
}

impl Store {
    /// Opens the visible rows for reading.
    pub fn query(&self) -> Result<Query<'_>> {
        self.runtime.block_on(async {
            let mut ledgers = Ledgers::read(self).await?;
            let context = loop {
                let failed = match self.session(&ledgers).await {
                    Ok(context) => break context,
                    Err(e) => e,
                };
                // a command that ended meanwhile may have removed what the ledgers spoke of
                let now = Ledgers::read(self).await?;
                if now.imports == ledgers.imports {
                    return Err(failed);
                }
                ledgers = now;
            };
            ledgers.imports.retain(ImportRow::is_visible);
            ledgers.runs.retain(RunRow::is_visible);
            Ok(Query { store: self, context, imports: ledgers.imports, runs: ledgers.runs })
        })
    }

    async fn session(&self, ledgers: &Ledgers) -> Result<SessionContext> {
        let config = SessionConfig::new()
            .with_information_schema(true)
            .set_bool("datafusion.execution.parquet.pushdown_filters", false)
            .set_bool("datafusion.execution.parquet.schema_force_view_types", false);
        let context = SessionContext::new_with_config(config);
        for provider in try_join_all(tables::ALL.map(|t| self.visible(t, ledgers))).await? {
            context.register_table(provider.table.name, Arc::new(provider))?;
        }
        Ok(context)
    }

    async fn visible(&self, table: &'static Table, ledgers: &Ledgers) -> Result<VisibleTable> {
        let mut out = VisibleTable { table, files: Vec::new(), rows: 0 };
        let Some(opened) = self.open_table(table).await? else { return Ok(out) };
        for f in ledgers.shown(self, table, opened.files()?)? {
            let path = self.object_path(table, &f.path)?;
            let mut file = PartitionedFile::new(path.to_string(), f.bytes as u64);
            file.object_meta.location = path;
            file.partition_values =
                table.partitions.iter().map(|p| ScalarValue::Utf8(f.partition.get(*p).cloned().flatten())).collect();
            let mut statistics = Statistics::new_unknown(&table.file_schema());
            statistics.num_rows = Precision::Exact(f.rows as usize);
            out.rows += f.rows as usize;
            out.files.push(file.with_statistics(Arc::new(statistics)));
        }
        Ok(out)
    }
}

impl Query<'_> {
    /// Runs one SQL query of our own. Statements that would write, create or configure are refused.
    pub fn sql(&self, sql: &str) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        self.prepare(sql)?.run()
    }

    /// The same in two steps, for a statement that somebody typed: what it reads is known before it runs.
    pub fn prepare(&self, sql: &str) -> Result<Prepared<'_>> {
        let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        let frame = self.store.runtime.block_on(self.context.sql_with_options(sql, options)).map_err(Error::from)?;
        let mut reads_persons = false;
        frame.logical_plan().apply_with_subqueries(|node| {
            if let LogicalPlan::TableScan(scan) = node {
                let of_ours = scan.table_name.schema() != Some(INFORMATION_SCHEMA);
                reads_persons |= of_ours && !tables::WITHOUT_PERSONS.contains(&scan.table_name.table());
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        let state = self.context.state();
        let masked = statement::masked(sql, |word| {
            tables::ALL.iter().any(|t| t.name == word || t.columns.iter().any(|c| c.name == word))
                || state.scalar_functions().contains_key(word)
                || state.aggregate_functions().contains_key(word)
                || state.window_functions().contains_key(word)
        });
        Ok(Prepared { query: self, frame, reads_persons, masked })
    }
}

/// A statement that can be run.
pub struct Prepared<'q> {
    query: &'q Query<'q>,
    frame: DataFrame,
    reads_persons: bool,
    masked: String,
}

impl Prepared<'_> {
    /// Whether it reads a table that holds data of persons. Any table does that is not known to hold none.
    pub fn reads_persons(&self) -> bool {
        self.reads_persons
    }

    /// The statement without what could name a person.
    pub fn masked(&self) -> &str {
        &self.masked
    }

    /// # Errors
    /// The message may quote values of rows.
    pub fn run(self) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        let schema = Arc::new(self.frame.schema().as_arrow().clone());
        let batches = self.query.store.runtime.block_on(self.frame.collect())?;
        Ok((schema, batches))
    }
}

/// A text as an SQL literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
