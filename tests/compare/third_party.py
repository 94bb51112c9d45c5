"""Third-party acts on a synthetic town: precision and recall of the score beside the baselines B0 and B1.

    target/release/examples/sample town 60000 2026-04 2026-09 1 faults=15
    python3 tests/compare/third_party.py target/release/tenken town [STORE]

Without STORE the town is loaded and imported into a new folder first. What is true stands in truth.csv: a claim with an
expected T101 to T106 must be flagged, by that route; every other claim must not. B0 is 特記事項 10 alone, B1 that or any
disease of the weight table with a weight above 0: both are counted here from the stored tables, not taken from the score.
"""

import csv
import io
import pathlib
import subprocess
import sys
import tempfile

ROUTE = {"T101": "MARKED", "T102": "CANDIDATE", "T103": "FOOD", "T104": "ROSAI", "T105": "SELF", "T106": "SENSITIVE"}
WEIGHTS = pathlib.Path(__file__).parents[2] / "matcher/data/third_party/diseases.csv"


def run(*args):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(done.stderr)
    return done.stdout


def rows(tenken, store, *args):
    return list(csv.DictReader(io.StringIO(run(tenken, *args, "--store", store, "--format", "csv"))))


def main():
    tenken, town = sys.argv[1], pathlib.Path(sys.argv[2])
    months = sorted(p.name for p in (town / "claims").iterdir())
    if len(sys.argv) > 3:
        store = pathlib.Path(sys.argv[3])
    else:
        store = pathlib.Path(tempfile.mkdtemp()) / "store"
        run(tenken, "registry", "load", town / "registry", "--store", store)
        for month in months:
            run(tenken, "import", town / "claims" / month, "--store", store, "--month", month)

    claims = rows(tenken, store, "sql", "SELECT claim_id, exam_month, source_file, receipt_no FROM claims")
    key = {c["claim_id"]: (c["exam_month"], pathlib.PurePosixPath(c["source_file"]).name, c["receipt_no"]) for c in claims}
    truth = {}
    for t in csv.DictReader(open(town / "truth.csv", encoding="utf-8")):
        place = (t["exam_month"], pathlib.PurePosixPath(t["source_file"]).name, t["receipt_no"])
        for rule in t["expected_all"].split(";"):
            if rule in ROUTE:
                truth[place] = ROUTE[rule]
    scored = rows(tenken, store, "third-party")
    flagged = {key[r["claim_id"]]: r["route"] for r in scored if r["flag"] == "1"}
    held = [r for r in scored if r["hold"] == "1"]
    b0 = rows(tenken, store, "sql", "SELECT claim_id FROM claims WHERE array_has(tokki, '10')")
    b0 = {key[r["claim_id"]] for r in b0}
    codes = [d["disease_code"] for d in csv.DictReader(open(WEIGHTS, encoding="utf-8")) if int(d["weight"]) > 0]
    listed = ",".join(f"'{c}'" for c in codes)
    b1 = rows(tenken, store, "sql", f"SELECT DISTINCT claim_id FROM diagnoses WHERE disease_code IN ({listed})")
    b1 = {key[r["claim_id"]] for r in b1} | b0

    people = len(rows(tenken, store, "sql", "SELECT DISTINCT person_id FROM claims WHERE person_id IS NOT NULL"))
    print(f"{len(claims)} claims, {len(months)} months, {len(truth)} of third-party acts, {len(held)} rows held")
    print("| | found | missed | false | recall | precision |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, got in [("B0: 特記事項 10", b0), ("B1: or a listed disease", b1), ("score", set(flagged))]:
        right = len(got & set(truth))
        print(
            f"| {name} | {right} | {len(truth) - right} | {len(got) - right} | {100 * right / len(truth):.1f} % "
            f"| {100 * right / max(1, len(got)):.1f} % |"
        )
    wrong = [(p, r, flagged.get(p)) for p, r in truth.items() if p in flagged and flagged[p] != r]
    print(f"routes other than expected: {len(wrong)}", wrong[:5])
    print("missed:", [(p, r) for p, r in truth.items() if p not in flagged][:5])
    print("false:", [(p, r) for p, r in flagged.items() if p not in truth][:5])
    for at in (25, 30, 40, 50, 70):
        persons = {r["person_id"] or r["claim_id"] for r in scored if int(r["score"]) >= at}
        print(f"score {at} and more: {len(persons)} persons, {1e4 * len(persons) / people:.1f} of 10,000 with a claim")


main()
