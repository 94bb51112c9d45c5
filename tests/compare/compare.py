"""Times the peers, the four tables alone and `tenken import` over the same plain medical file, interleaved, and checks that they
give the same rows.

usage: compare.py TENKEN FOUR_TABLES RECEIPTC.UKE MONTH [ROUNDS [REGISTRY]]

TENKEN is the program, FOUR_TABLES the example of that name (`cargo build --release --examples`): the peers' job and nothing
else. With REGISTRY, a folder of registry files, the import is also timed into a store that holds that register, so that it
matches every claim and runs the rules. Prints seconds of each run, medians, ratios to the better peer, and which sums agree.
"""

import glob
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import duckdb

HERE = os.path.dirname(os.path.abspath(__file__))

# sums that must agree: peer's query, ours
CHECKS = {
    "claims": ("SELECT count(*), sum(points), sum(days), count(DISTINCT birth_date), min(name), max(bango) FROM peer",
               "SELECT count(*), sum(points), sum(days), count(DISTINCT birth_date), min(name), NULL FROM ours"),
    "diagnoses": ("SELECT count(*), sum(CASE WHEN main = '01' THEN 1 ELSE 0 END), count(nullif(name, '')), count(DISTINCT disease_code) FROM peer",
                  "SELECT count(*), sum(CAST(main AS INT)), count(name), count(DISTINCT disease_code) FROM ours"),
    "lines": ("SELECT count(*), sum(points), sum(times), round(sum(quantity), 2), count(DISTINCT nullif(nullif(code, ''), '777770000')), count(DISTINCT category) FROM peer",
              "SELECT count(*), sum(points), sum(times), round(sum(CAST(quantity AS DOUBLE)), 2), count(DISTINCT code), count(DISTINCT category) FROM ours"),
    "comments": ("SELECT count(*), count(nullif(text, '')) FROM peer", "SELECT count(*), count(text) FROM ours WHERE record_id IN ('CO', 'SJ')"),
}


def run(command: list[str]) -> float:
    subprocess.run(["sync"], check=True)
    started = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    assert done.returncode in (0, 3), (command, done.returncode)
    return time.monotonic() - started


def rows_agree(peer: str, ours_at: str) -> bool:
    """Whether the peer's rows and ours (files below a store, or of the four tables) come to the same."""
    good = True
    for table, (theirs, ours) in CHECKS.items():
        db = duckdb.connect()
        db.execute(f"CREATE VIEW peer AS SELECT * FROM read_parquet('{peer}/{table}-*.parquet')")
        files = glob.glob(f"{ours_at}/tables/{table}/exam_month=*/import_id=*/*.parquet") or glob.glob(f"{ours_at}/{table}-*.parquet")
        db.execute(f"CREATE VIEW ours AS SELECT * FROM read_parquet({files!r}, hive_partitioning=false)")
        a, b = db.execute(theirs).fetchone(), db.execute(ours).fetchone()
        same = all(x == y for x, y in zip(a, b) if y is not None)
        good &= same
        print(f"  {'same' if same else 'DIFFERENT'} {table}: {a} {b}")
    return good


def main(tenken: str, four_tables: str, path: str, month: str, rounds: int, registry: str | None) -> int:
    seconds: dict[str, list[float]] = {"polars": [], "duckdb": [], "four tables": [], "import": []}
    if registry:
        seconds["import and match"] = []
    with tempfile.TemporaryDirectory() as top:
        for i in range(rounds):
            for name in seconds:
                out = f"{top}/{name}"
                shutil.rmtree(out, ignore_errors=True)
                if name == "import and match":
                    load = [tenken, "registry", "load", registry, "--store", out]
                    subprocess.run(load, stdout=subprocess.DEVNULL, check=True)
                importing = [tenken, "import", path, "--month", month, "--store", out]
                command = {
                    "import and match": importing,
                    "import": importing,
                    "four tables": [four_tables, path, out],
                }.get(name) or [sys.executable, f"{HERE}/peer_{name}.py", path, out]
                seconds[name].append(run(command))
                print(f"round {i + 1} {name}: {seconds[name][-1]:.2f} s", flush=True)
        same = all(rows_agree(f"{top}/{peer}", f"{top}/{ours}") for peer in ("polars", "duckdb") for ours in ("four tables", "import"))
    medians = {name: statistics.median(s) for name, s in seconds.items()}
    best = min(medians["polars"], medians["duckdb"])
    size = os.path.getsize(path) / 1e6
    for name, m in medians.items():
        print(f"{name}: median {m:.2f} s, {size / m:.0f} MB/s, {best / m:.2f} times the better peer")
    return 0 if same else 1


if __name__ == "__main__":
    rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 3
    sys.exit(main(*sys.argv[1:5], rounds, sys.argv[6] if len(sys.argv) > 6 else None))
