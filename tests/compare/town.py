"""Imports every month of a sample into one store and holds it against the sample's totals.

usage: town.py TENKEN FOLDER [STORE]

Prints, for each month, claims and points by kind beside `totals.csv`, seconds and speed; at the end what `tenken verify` says.
Exit status 1 when a figure differs.
"""

import csv
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

KINDS = ("medical", "dpc", "dental", "pharmacy", "nursing")
SUMS = """SELECT kind, count(*), coalesce(sum(CASE WHEN parent_claim_id IS NULL THEN points END), 0),
  coalesce(sum(CASE WHEN parent_claim_id IS NULL THEN points_effective END), 0),
  sum(CASE WHEN parent_claim_id IS NULL THEN cost_yen ELSE 0 END) FROM claims WHERE exam_month = '{}' GROUP BY kind"""


def call(*command: str) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    assert done.returncode in (0, 3), (command, done.returncode)
    return done.stdout


def main(tenken: str, folder: Path, store: str) -> int:
    want: dict[str, Counter] = {}
    with open(folder / "totals.csv", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            month = f"{row['source_file'][:4]}-{row['source_file'][4:6]}"
            for i, column in enumerate(("claims", "points", "points_effective", "cost_yen")):
                want.setdefault(month, Counter())[row["kind"], i] += int(row[column])
    good = True
    for month in sorted(want):
        done = json.loads(call(tenken, "import", f"{folder}/claims/{month}", "--month", month, "--store", store, "--format", "json"))
        got = Counter()
        for line in call(tenken, "sql", SUMS.format(month), "--store", store, "--format", "csv").splitlines()[1:]:
            kind, *figures = line.split(",")
            for i, figure in enumerate(figures):
                got[kind, i] = int(figure)
        print(f"{month}: {done['claims']:,} claims, {done['rejected']} rejected, {done['problems']} problems, "
              f"{done['bytes'] / 1e6:.0f} MB in {done['seconds']:.2f} s = {done['bytes'] / 1e6 / done['seconds']:.0f} MB/s")
        for kind in KINDS:
            ours, theirs = [[c[kind, i] for i in range(4)] for c in (got, want[month])]
            same = ours == theirs
            good &= same
            print(f"  {'same     ' if same else 'DIFFERENT'} {kind:9} claims {ours[0]:>8,} points {ours[1]:>13,} effective {ours[2]:>13,} yen {ours[3]:>15,}"
                  + ("" if same else f"  expected {theirs}"))
    print(call(tenken, "verify", "--store", store), end="")
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) > 3:
        sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
    with tempfile.TemporaryDirectory() as top:
        sys.exit(main(sys.argv[1], Path(sys.argv[2]), f"{top}/store"))
