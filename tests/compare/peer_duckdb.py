"""The same job with DuckDB: one SQL program per piece, two processes.

usage: peer_duckdb.py RECEIPTC.UKE OUT [PROCESSES]
"""

import os
import sys
import tempfile
from multiprocessing import Pool

import duckdb

from pieces import cut, read

TABLES = {
    "claims": """
        SELECT r.claim, r.f[2] AS receipt_no, r.f[3] AS receipt_type, r.f[4] AS service_month, r.f[5] AS name, r.f[6] AS sex,
               r.f[7] AS birth_date, h.f[2] AS insurer_no, h.f[3] AS kigo, h.f[4] AS bango,
               try_cast(h.f[5] AS BIGINT) AS days, try_cast(h.f[6] AS BIGINT) AS points
        FROM (SELECT * FROM rows WHERE id = 'RE') r LEFT JOIN (SELECT * FROM rows WHERE id = 'HO') h USING (claim)""",
    "diagnoses": """
        SELECT claim, id, f[2] AS disease_code, f[3] AS start_date, f[4] AS outcome, f[5] AS modifiers, f[6] AS name, f[7] AS main
        FROM rows WHERE id = 'SY'""",
    "lines": """
        SELECT claim, id, last_value(nullif(f[2], '') IGNORE NULLS) OVER (PARTITION BY claim ORDER BY n) AS category,
               f[3] AS burden_class, f[4] AS code, try_cast(f[5] AS DOUBLE) AS quantity, try_cast(f[6] AS BIGINT) AS points,
               try_cast(f[7] AS BIGINT) AS times
        FROM rows WHERE id IN ('SI', 'IY', 'TO')""",
    "comments": """
        SELECT claim, id, f[2] AS category, CASE id WHEN 'CO' THEN f[4] ELSE '' END AS code, CASE id WHEN 'CO' THEN f[5] ELSE f[3] END AS text
        FROM rows WHERE id IN ('CO', 'SJ')""",
}


def work(args: tuple[str, str, int, tuple[int, int]]) -> list[int]:
    path, out, no, piece = args
    db = duckdb.connect(config={"threads": 1})
    with tempfile.NamedTemporaryFile(suffix=".txt") as f:
        # DuckDB reads UTF-8 only
        f.write(read(path, piece).decode("cp932", "replace").encode())
        f.flush()
        db.execute(
            f"""CREATE TABLE raw AS SELECT line, row_number() OVER () AS n, line[1:2] AS id
                FROM read_csv('{f.name}', delim='\x01', quote='', escape='', header=false, columns={{'line': 'VARCHAR'}}, parallel=false)"""
        )
    db.execute("CREATE TABLE rows AS SELECT n, id, claim, string_split(line, ',') AS f FROM "
               "(SELECT *, sum(CASE WHEN id = 'RE' THEN 1 ELSE 0 END) OVER (ORDER BY n) AS claim FROM raw) WHERE claim > 0")
    counts = []
    for name, sql in TABLES.items():
        db.execute(f"COPY ({sql}) TO '{out}/{name}-{no:04}.parquet' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)")
        counts.append(db.execute(f"SELECT count(*) FROM ({sql})").fetchone()[0])
    return counts


def main(path: str, out: str, processes: int) -> None:
    os.makedirs(out, exist_ok=True)
    jobs = [(path, out, i, piece) for i, piece in enumerate(cut(path))]
    with Pool(processes) as pool:
        done = pool.map(work, jobs, chunksize=1)
    print(dict(zip(TABLES, (sum(c) for c in zip(*done)))))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 2)
