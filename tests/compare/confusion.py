"""Findings of a sample town beside its truth: the confusion table of the rules.

    python3 tests/compare/confusion.py target/release/tenken TOWN [STORE]

TOWN is a folder of `tenken sample`. Its registers are loaded, its months imported in order (unless STORE is given
and holds them), and the open findings held against truth.csv by file, receipt and 検索番号. Printed for each rule:
expected, found of these, missed; forbidden but found; and found on claims about which the truth expects nothing.
Exit status 1 when a rule is missed, a forbidden one fires, or a clean claim has a finding of severity S1 or S2.
"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict


def run(tenken, *args):
    done = subprocess.run([tenken, *args], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"{' '.join(args)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def load(tenken, town, store):
    registry = town / "registry"
    folders = [f for f in sorted(registry.iterdir()) if f.is_dir()] or [registry]
    for folder in folders:
        owner = ["--insurer", folder.name] if folder != registry else []
        run(tenken, "registry", "load", str(folder), "--store", store, *owner)
    for month in sorted((town / "claims").iterdir()):
        run(tenken, "import", str(month), "--store", store, "--month", month.name)


def key(row):
    name = row["source_file"].rsplit("/", 1)[-1]
    if row["search_no"] and name.upper().endswith(".CSV"):
        return (name, row["search_no"])
    return (name, row["receipt_no"])


def main():
    tenken, town = sys.argv[1], pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as made:
        store = sys.argv[3] if len(sys.argv) > 3 else f"{made}/store"
        if not pathlib.Path(store, "store.json").exists():
            load(tenken, town, store)
        found = defaultdict(list)
        for row in csv.DictReader(run(tenken, "findings", "--store", store, "--format", "csv").splitlines()):
            found[key(row)].append(row)
        rules = json.loads(run(tenken, "rules", "--store", store, "--format", "json"))
    enabled = {r["rule"] for r in rules if r["enabled"]}

    expected, hit, missed, forbidden, clean = Counter(), Counter(), Counter(), Counter(), Counter()
    severe, primary_wrong = Counter(), Counter()
    examples = defaultdict(list)
    claims = clean_claims = 0
    for row in csv.DictReader(open(town / "truth.csv", encoding="utf-8")):
        claims += 1
        findings = found.get(key(row), [])
        fired = {f["rule"] for f in findings}
        want = [r for r in row["expected_all"].split(";") if r]
        for rule in want:
            if rule not in enabled:
                continue
            expected[rule] += 1
            if rule in fired:
                hit[rule] += 1
            else:
                missed[rule] += 1
                examples[f"missed {rule}"].append((key(row), sorted(fired), row["note"]))
        first = row["expected_primary"]
        if first in enabled and first in fired:
            primary = next(f["rule"] for f in findings if f["is_primary"] == "1")
            if primary != first:
                primary_wrong[first] += 1
                examples[f"primary {first}"].append((key(row), primary, row["note"]))
        for rule in row["forbidden"].split(";"):
            if rule in fired:
                forbidden[rule] += 1
                examples[f"forbidden {rule}"].append((key(row), sorted(fired), row["note"]))
        if not want:
            clean_claims += 1
            for f in findings:
                clean[f["rule"]] += 1
                if f["severity"] in ("S1", "S2"):
                    severe[f["rule"]] += 1
                    examples[f"clean {f['rule']}"].append((key(row), f["reason"], row["note"]))

    print(f"{claims} claims, {clean_claims} of them clean; {sum(len(v) for v in found.values())} findings")
    print(f"{'rule':6}{'expected':>9}{'found':>7}{'missed':>8}{'not primary':>13}{'forbidden':>11}{'on clean':>10}{'S1/S2':>7}")
    for rule in sorted(set(expected) | set(forbidden) | set(clean)):
        print(
            f"{rule:6}{expected[rule]:9}{hit[rule]:7}{missed[rule]:8}{primary_wrong[rule]:13}"
            f"{forbidden[rule]:11}{clean[rule]:10}{severe[rule]:7}"
        )
    total = sum(expected.values())
    recall = 100 * sum(hit.values()) / total if total else 100
    print(f"recall {recall:.2f} % of {total}; S1/S2 on clean claims: {sum(severe.values())}")
    bad = sum(missed.values()) + sum(forbidden.values()) + sum(severe.values())
    if bad:
        for what, list_ in sorted(examples.items()):
            print(f"{what}: {len(list_)}", *list_[:4], sep="\n    ", file=sys.stderr)
    sys.exit(1 if bad else 0)


main()
