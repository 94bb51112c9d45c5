"""Opens a store with deltalake, pyarrow and duckdb, as programs outside the project do.

usage: read_store.py STORE EXPECTED.json   (EXPECTED: {"table": rows, ...} of the visible rows)

Prints one line per table and ends with status 1 when a count differs.
"""

import json
import sys
from urllib.parse import unquote

import deltalake
import duckdb
import pyarrow.compute as pc
import pyarrow.dataset as ds

VISIBLE = "SELECT count(*) FROM t JOIN imports i USING (import_id) WHERE i.status = 'visible'"


def main(store: str, expected: dict[str, int]) -> int:
    failed = 0
    imports = deltalake.DeltaTable(f"{store}/tables/imports")
    visible = {r["import_id"] for r in imports.to_pyarrow_table().to_pylist() if r["status"] == "visible"}
    for name, want in expected.items():
        table = deltalake.DeltaTable(f"{store}/tables/{name}")
        dataset = table.to_pyarrow_dataset()
        if name == "imports":
            by_arrow = by_duck = len(visible)
        else:
            by_arrow = dataset.count_rows(filter=pc.field("import_id").isin(list(visible)))
            connection = duckdb.connect()
            connection.register("t", dataset)
            connection.register("imports", imports.to_pyarrow_dataset())
            by_duck = connection.execute(VISIBLE).fetchone()[0]
        # the files themselves, each column read
        files = [unquote(f).removeprefix("file://") for f in table.file_uris()]
        rows = sum(ds.dataset(f, format="parquet").to_table().num_rows for f in files)
        columns = [f.name for f in table.schema().fields]
        ok = by_arrow == by_duck == want and rows >= want and len(set(columns)) == len(columns)
        failed += not ok
        print(f"{'ok ' if ok else 'BAD'} {name}: want {want}, pyarrow {by_arrow}, duckdb {by_duck}, columns {len(columns)}")
    # a few values through another engine, with the partition columns
    claims = duckdb.connect()
    claims.register("claims", deltalake.DeltaTable(f"{store}/tables/claims").to_pyarrow_dataset())
    print(claims.execute("SELECT kind, count(*), sum(cost_yen) FROM claims GROUP BY kind ORDER BY kind").fetchall())
    return 1 if failed else 0


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as f:
        sys.exit(main(sys.argv[1], json.load(f)))
