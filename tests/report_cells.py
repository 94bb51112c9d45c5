"""Works the BEN_* forms out a second time, in DuckDB SQL over the stored files, and compares every cell.

usage: report_cells.py STORE OWNER LABEL_MONTH REPORT_FOLDER BENEFIT_DATA

STORE          a store with imports, registers and ledger files
LABEL_MONTH    month of treatment, YYYY-MM; several with commas
REPORT_FOLDER  where `tenken report all --out` wrote the csv files
BENEFIT_DATA   benefit/data of the project: limits, categories, programmes

Prints the cells compared and those that differ; ends with status 1 when one does.
"""

import csv
import sys

import deltalake
import duckdb

FORMS = {
    "BEN_ALL": "true",
    "BEN_65": "class IN ('65', '70G', '70H')",
    "BEN_70G": "class = '70G'",
    "BEN_70H": "class = '70H'",
    "BEN_PRE": "class = 'PRE'",
}


def month_after(month: str, n: int) -> str:
    at = int(month[:4]) * 12 + int(month[5:]) - 1 + n
    return f"{at // 12:04}-{at % 12 + 1:02}"


def open_store(store: str) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()

    def table(name: str):
        try:
            return deltalake.DeltaTable(f"{store}/tables/{name}").to_pyarrow_dataset()
        except Exception:  # a table that nothing was written to yet
            return None

    for name in ["imports", "runs", "claims", "public_expenses", "persons", "attributes", "events", "cash"]:
        data = table(name)
        if data is not None:
            db.register(f"all_{name}", data)
    for name in ["claims", "public_expenses"]:
        db.execute(f"""CREATE VIEW {name} AS SELECT t.* FROM all_{name} t JOIN all_imports i USING (import_id)
                       WHERE i.status = 'visible'""")
    for name in ["persons", "attributes"]:
        db.execute(f"""CREATE VIEW {name} AS SELECT t.* FROM all_{name} t JOIN all_runs r USING (run_id)
                       WHERE r.status = 'visible'""")
    keys = {"events": "event_id", "cash": "decision_id"}
    for name, key in keys.items():
        # the newest load of a key counts
        db.execute(f"""CREATE VIEW {name} AS SELECT t.* FROM all_{name} t JOIN all_runs r USING (run_id)
                       WHERE r.status = 'visible'
                       QUALIFY row_number() OVER (PARTITION BY t.owner, t.{key} ORDER BY r.finished_at DESC) = 1""")
    return db


def book(db: duckdb.DuckDBPyConnection, owner: str, data: str) -> None:
    """Claims with their shares: table `booked`, one row a claim."""
    for name in ["high_cost_limits", "categories", "kohi_programmes"]:
        db.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{data}/{name}.csv', all_varchar = true)")
    # by the word of the register: the row of each age
    db.execute("""CREATE TABLE words AS
        SELECT word, under70 AS category, 'under70' AS band FROM categories WHERE under70 IS NOT NULL
        UNION ALL SELECT word, unnest(string_split(seventy_plus, ';')), '70-74' FROM categories
        WHERE seventy_plus IS NOT NULL""")
    db.execute(f"""CREATE TABLE base AS
        SELECT claim_id, exam_month, service_month, kind, person_id, household_id, birth_date, search_no,
               substr(receipt_type, 4, 1) AS digit, list_contains(tokki, '02') OR list_contains(tokki, '16') AS long_term,
               CASE WHEN list_contains(tokki, '16') THEN 20000 WHEN list_contains(tokki, '02') THEN 10000 END AS disease_limit,
               list_has_any(tokki, ['31', '32', '33', '34', '35', '43', '44']) AS multi,
               coalesce(days, 0) AS days, cost_yen, coalesce(meal_count, 0) AS meal_count,
               coalesce(meal_yen, 0) AS meal_yen, coalesce(meal_copay_yen, 0) AS meal_copay,
               copay_yen, relief_class, admission_date, benefit_rate
        FROM claims WHERE owner = '{owner}' AND parent_claim_id IS NULL AND insurer_no IS NOT NULL
          AND substr(receipt_type, 2, 1) = '1'""")
    db.execute("""CREATE TABLE rated AS SELECT *,
        CASE WHEN kind = 'dpc' OR kind = 'medical' AND digit IN ('1','3','5','7','9') THEN 'R01'
             WHEN kind = 'medical' THEN 'R02' WHEN kind = 'dental' THEN 'R03' WHEN kind = 'pharmacy' THEN 'R05'
             ELSE 'R07' END AS row_code,
        CASE WHEN digit IN ('3','4') THEN 'PRE' WHEN digit IN ('7','8') THEN '70G' WHEN digit IN ('9','0') THEN '70H'
             -- 65 by the month after the birthday, by that month when born on its first day
             WHEN (substr(service_month, 1, 4)::INT * 12 + substr(service_month, 6)::INT)
                  >= (year(birth_date) + 65) * 12 + month(birth_date) + CASE WHEN day(birth_date) = 1 THEN 0 ELSE 1 END
             THEN '65' ELSE 'STD' END AS class,
        coalesce(benefit_rate, CASE WHEN digit IN ('3','4','7','8') THEN 80 ELSE 70 END) AS rate,
        kind = 'dpc' OR kind = 'medical' AND digit IN ('1','3','5','7','9')
            OR kind = 'dental' AND admission_date IS NOT NULL AS inpatient
        FROM base""")
    # the limit of the person's own category in the month
    db.execute(f"""CREATE TABLE own AS
        WITH asked AS (SELECT DISTINCT r.claim_id, r.class, r.person_id, r.household_id, (r.service_month || '-01')::DATE AS day
                       FROM rated r JOIN public_expenses p ON p.claim_id = r.claim_id),
        found AS (
            SELECT r.claim_id, a.value AS word, a.valid_from, r.day, a.valid_to FROM asked r
            JOIN attributes a ON a.id = r.person_id AND a.target = 'person' AND a.kind = '高齢所得区分'
            WHERE a.owner = '{owner}' AND r.class IN ('70G', '70H')
            UNION ALL SELECT r.claim_id, a.value, a.valid_from, r.day, a.valid_to FROM asked r
            JOIN attributes a ON a.id = r.household_id AND a.target = 'household' AND a.kind = '所得区分'
            WHERE a.owner = '{owner}' AND r.class NOT IN ('70G', '70H')),
        first_of AS (
            SELECT claim_id, word, row_number() OVER (PARTITION BY claim_id ORDER BY valid_from) AS no FROM found
            WHERE valid_from <= last_day(day) AND (valid_to IS NULL OR valid_to > day))
        SELECT claim_id, word FROM first_of WHERE no = 1""")
    db.execute("""CREATE TABLE parts AS
        SELECT r.claim_id, p.seq, pr.limit_class, pr.ledger_column, r.disease_limit, p.copay_yen AS written,
               -- where parts lie over one another, the first programme has them; one that pays in full comes before all
               greatest(0, least(p.cost_yen, r.cost_yen - coalesce(sum(p.cost_yen) OVER (PARTITION BY r.claim_id
                   ORDER BY (pr.limit_class = 'none') DESC, p.seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)))
                   AS cost, pr.patient_rate::DOUBLE AS patient_rate, pr.cap_rule, r.rate, r.inpatient, r.class, r.service_month, r.multi,
               pr.multi_hit, coalesce(o.word, CASE WHEN r.class IN ('70G','70H') THEN '現役Ⅲ' ELSE 'ア' END) AS word
        FROM rated r JOIN public_expenses p ON p.claim_id = r.claim_id
        JOIN kohi_programmes pr ON pr.code = substr(p.payer_no, 1, 2)
        LEFT JOIN own o ON o.claim_id = r.claim_id WHERE pr.limit_class <> 'insurance'""")
    db.execute("""CREATE TABLE limited AS
        SELECT p.*, CASE WHEN p.class IN ('70G','70H') AND NOT p.inpatient AND l.outpatient_cap_yen IS NOT NULL
                              AND p.limit_class = 'own' THEN l.outpatient_cap_yen::BIGINT
                         WHEN p.limit_class = 'own' AND p.multi AND p.inpatient AND p.multi_hit = 'inpatient'
                              AND l.multi_hit_yen IS NOT NULL THEN l.multi_hit_yen::BIGINT
                         ELSE l.base_yen::BIGINT + CASE WHEN l.threshold_yen IS NULL THEN 0 ELSE
                              greatest(0, floor((p.cost - l.threshold_yen::BIGINT) * l.rate::DOUBLE + 0.5)) END END AS lim
        FROM parts p LEFT JOIN words w ON p.limit_class = 'own' AND w.word = p.word
             AND w.band = CASE WHEN p.class IN ('70G','70H') THEN '70-74' ELSE 'under70' END
        JOIN high_cost_limits l ON l.category = CASE
                 WHEN p.limit_class = 'own' THEN w.category
                 ELSE CASE p.limit_class WHEN 'seiho' THEN 'PUBEXP_SEIHO_' ELSE 'PUBEXP_' END ||
                      CASE WHEN p.class IN ('70G','70H') THEN CASE WHEN p.inpatient THEN '70_IN' ELSE '70_OUT' END
                           ELSE 'U70' END END
             AND l.valid_from <= p.service_month AND (l.valid_to IS NULL OR l.valid_to >= p.service_month)
        WHERE p.limit_class IN ('own', 'seiho', 'fixed')""")
    db.execute("""CREATE TABLE shared AS
        WITH u AS (SELECT *, least(floor(cost * (100 - rate) / 100.0 + 0.5), lim, coalesce(disease_limit, lim)) AS uncovered
                   FROM limited),
        s AS (SELECT *, CASE WHEN written IS NOT NULL THEN least(written, uncovered)
                  ELSE least(uncovered, coalesce(floor(cost * patient_rate + 0.5), uncovered),
                             CASE WHEN cap_rule = 'zero' THEN 0 ELSE uncovered END) END AS patient FROM u)
        SELECT claim_id, sum(CASE WHEN ledger_column = 'oth_k' THEN uncovered - patient ELSE 0 END)::BIGINT AS oth_k,
               sum(CASE WHEN ledger_column = 'oth_t' THEN uncovered - patient ELSE 0 END)::BIGINT AS oth_t2,
               bool_or(uncovered < floor(cost * (100 - rate) / 100.0 + 0.5)) AS reached FROM s GROUP BY claim_id""")
    db.execute("""CREATE TABLE firsts AS
        SELECT claim_id, sum(cost)::BIGINT AS cost, sum(cost - coalesce(written, 0))::BIGINT AS oth_t
        FROM parts WHERE limit_class = 'none' GROUP BY claim_id""")
    db.execute("""CREATE TABLE booked AS
        SELECT r.*, ins, oth_t, oth_k, cost_yen - ins - oth_t - oth_k AS cop,
               CASE WHEN copay_yen IS NULL OR relief_class IS NOT NULL THEN 0
                    ELSE greatest(0, cost_yen - ins - oth_t - oth_k - copay_yen) END AS hk, reached
        FROM (SELECT r.*, coalesce(f.oth_t, 0) + coalesce(s.oth_t2, 0) AS oth_t, coalesce(s.oth_k, 0) AS oth_k,
                     coalesce(s.reached, false) AS reached,
                     (cost_yen - coalesce(f.cost, 0))
                       - floor((cost_yen - coalesce(f.cost, 0)) * (100 - rate) / 100.0 + 0.5)::BIGINT AS ins
              FROM rated r LEFT JOIN shared s USING (claim_id) LEFT JOIN firsts f USING (claim_id)) r""")


LINES = ["row_code", "class", "exam_month", "cnt", "days", "cost", "ins", "cop", "oth_t", "oth_k", "amt", "in_kind"]


def lines(db: duckdb.DuckDBPyConnection, owner: str) -> None:
    """Signed lines: table `lines`."""
    db.execute("""CREATE TABLE lines AS
        SELECT claim_id, row_code, class, exam_month, 1 AS cnt, days, cost_yen AS cost, ins, cop, oth_t, oth_k, 0 AS amt,
               false AS in_kind, rate, kind FROM booked
        UNION ALL SELECT claim_id, 'R06', class, exam_month, 1, meal_count, meal_yen, meal_yen - meal_copay, meal_copay,
               0, 0, 0, false, rate, kind FROM booked WHERE meal_yen <> 0 OR meal_count <> 0
        UNION ALL SELECT claim_id, CASE WHEN long_term THEN 'R34' WHEN reached THEN 'R37' WHEN multi THEN 'R33'
                    WHEN inpatient THEN 'R35' ELSE 'R36' END, class, exam_month, 1, 0, 0, 0, 0, 0, 0, hk, true, rate, kind
               FROM booked WHERE hk <> 0""")
    # events: a claim of these ledgers has at most one event of amounts before it is withdrawn
    db.execute(f"""CREATE TABLE spoken AS
        SELECT e.*, coalesce(e.claim_id, b.claim_id) AS id FROM events e LEFT JOIN booked b
        ON e.claim_id IS NULL AND e.search_no = b.search_no WHERE e.owner = '{owner}'""")
    db.execute("""CREATE TABLE changed AS
        WITH d AS (SELECT s.id, s.exam_month, s.kind AS event, b.row_code, b.class, b.rate,
                          s.delta_points * CASE WHEN b.kind = 'nursing' THEN 1 ELSE 10 END AS dy,
                          coalesce(s.delta_days, 0) AS dd, s.old_rate, s.new_rate, b.cost_yen, b.kind, b.reached
                   FROM spoken s JOIN booked b ON b.claim_id = s.id WHERE s.kind IN ('satei', 'fukkatsu', 'ratio')
                     AND s.reverses IS NULL)
        SELECT id AS claim_id, row_code, class, exam_month, 0 AS cnt,
               CASE WHEN event = 'ratio' THEN 0 ELSE dd END AS days,
               CASE WHEN event = 'ratio' THEN 0 ELSE dy END AS cost,
               CASE WHEN event = 'ratio' THEN floor(cost_yen * new_rate / 100.0 + 0.5) - floor(cost_yen * old_rate / 100.0 + 0.5)
                    ELSE sign(dy) * floor(abs(dy) * rate / 100.0 + 0.5) END::BIGINT AS ins
        FROM d""")
    db.execute("""INSERT INTO lines SELECT claim_id, row_code, class, exam_month, cnt, days, cost, ins, cost - ins, 0, 0, 0,
                         false, 0, '' FROM changed""")
    db.execute("""INSERT INTO lines SELECT l.claim_id, l.row_code, l.class, s.exam_month, -l.cnt, -l.days, -l.cost, -l.ins,
                         -l.cop, -l.oth_t, -l.oth_k, -l.amt, l.in_kind, l.rate, l.kind
                  FROM lines l JOIN spoken s ON s.id = l.claim_id AND s.kind IN ('kago', 'hokenshakan')
                       AND s.reverses IS NULL AND l.exam_month <= s.exam_month""")
    # a class that nobody wrote: by the register, in the month of service
    db.execute(f"""CREATE TABLE decided AS
        WITH p AS (SELECT c.*, p.birth_date AS b, year(p.birth_date) * 12 + month(p.birth_date)
                          + CASE WHEN day(p.birth_date) = 1 THEN 0 ELSE 1 END AS after_birth,
                          substr(c.service_month, 1, 4)::INT * 12 + substr(c.service_month, 6)::INT AS m,
                          EXISTS (SELECT 1 FROM attributes a WHERE a.owner = c.owner AND a.id = c.person_id
                              AND a.kind = '負担割合' AND a.value = '3'
                              AND a.valid_from <= last_day((c.service_month || '-01')::DATE)
                              AND (a.valid_to IS NULL OR a.valid_to > (c.service_month || '-01')::DATE)) AS active
                   FROM cash c LEFT JOIN persons p ON p.owner = c.owner AND p.person_id = c.person_id
                   WHERE c.owner = '{owner}')
        SELECT * REPLACE (coalesce(class, CASE
            -- 31 March on or after the day before the sixth birthday
            WHEN (service_month || '-01')::DATE <= make_date(year(b + INTERVAL 6 YEAR - INTERVAL 1 DAY)
                 + CASE WHEN month(b + INTERVAL 6 YEAR - INTERVAL 1 DAY) > 3 THEN 1 ELSE 0 END, 3, 31) THEN 'PRE'
            WHEN m >= after_birth + 70 * 12 THEN CASE WHEN active THEN '70H' ELSE '70G' END
            WHEN m >= after_birth + 65 * 12 THEN '65' ELSE 'STD' END) AS class) FROM p""")
    # cash_month_offset = 1: decided in the month of examination
    db.execute(f"""INSERT INTO lines SELECT NULL, row_code, class, strftime(decision_date, '%Y-%m'), cnt, 0, cost_yen,
                         ins_yen, cop_yen, 0, oth_yen, ins_yen, false, 0, '' FROM decided WHERE owner = '{owner}'""")


def cells(db: duckdb.DuckDBPyConnection, exam: str, where: str) -> dict[tuple[str, str, str], int]:
    out: dict[tuple[str, str, str], int] = {}
    rows = db.execute(f"""SELECT row_code, sum(cnt), sum(days), sum(cost), sum(ins), sum(cop), sum(oth_t), sum(oth_k), sum(amt),
                                 sum(CASE WHEN in_kind THEN cnt ELSE 0 END), sum(CASE WHEN in_kind THEN amt ELSE 0 END)
                          FROM lines WHERE exam_month = '{exam}' AND {where} GROUP BY row_code""").fetchall()
    got = {r[0]: [int(x or 0) for x in r[1:]] for r in rows}
    none = [0] * 10

    def add(*codes: str) -> list[int]:
        return [sum(x) for x in zip(*(got.get(c, none) for c in codes))]

    columns = ["cnt", "days", "cost", "ins", "cop", "oth_t", "oth_k"]
    one = {"R04": ("R01", "R02", "R03"), "R08": ("R01", "R02", "R03", "R05", "R06", "R07")}
    for code in ["R01", "R02", "R03", "R04", "R05", "R06", "R07", "R08"]:
        values = add(*one.get(code, (code,)))
        if code == "R08":
            values[0] = add("R01", "R02", "R03", "R05", "R07")[0]
            values[1] = add("R01", "R02", "R03", "R07")[1]
        for at, col in enumerate(columns):
            out["S1", code, col] = values[at]
    two = {"R18": tuple(f"R{n}" for n in range(12, 18))}
    two["R20"] = ("R11", *two["R18"], "R19")
    for code in [f"R{n}" for n in range(11, 22)]:
        values = add(*two.get(code, (code,))) if code != "R21" else add(*one["R08"], *two["R20"])
        if code == "R20":
            values[0] = add(*two["R18"], "R19")[0]
        if code == "R21":
            values[0] = out["S1", "R08", "cnt"] + out["S2", "R20", "cnt"]
        oth = values[5] + values[6]
        for col, value in [("cnt", values[0]), ("cost", values[2]), ("ins", values[3]), ("cop", values[4]), ("oth", oth)]:
            out["S2", code, col] = value
    high = tuple(f"R{n}" for n in range(31, 38))
    for code in [*high, "R40"]:
        out["S3", code, "cnt"], out["S3", code, "amt"] = add(code)[0], add(code)[7]
    out["S3", "R38", "cnt"], out["S3", "R38", "amt"] = add(*high)[0], add(*high)[7]
    out["S3", "R39", "cnt"], out["S3", "R39", "amt"] = add(*high)[8], add(*high)[9]
    for code in ["R51", "R52", "R53", "R54"]:
        out["S4", code, "cnt"], out["S4", code, "amt"] = add(code)[0], add(code)[7]
        if code == "R53":
            out["S4", code, "days"] = 0
    return out


def main(store: str, owner: str, label: str, folder: str, data: str) -> int:
    db = open_store(store)
    book(db, owner, data)
    lines(db, owner)
    return max(compare(db, one, folder) for one in label.split(","))


def compare(db: duckdb.DuckDBPyConnection, label: str, folder: str) -> int:
    year = [label]
    while year[0][5:] != "03":
        year.insert(0, month_after(year[0], -1))
    compared = differ = 0
    for form, where in FORMS.items():
        theirs: dict[tuple[str, str, str], int] = {}
        for month in year:
            of_month = cells(db, month_after(month, 1), where)
            if month == label:
                theirs.update(of_month)
            for (_, row, col), value in of_month.items():
                key = ("YEAR", row, col)
                theirs[key] = theirs.get(key, 0) + value
        with open(f"{folder}/{form}_{label}.csv", encoding="utf-8") as file:
            ours = {(r["sheet"], r["row_code"], r["col_code"]): int(r["value"]) for r in csv.DictReader(file)}
        for key, value in sorted(ours.items()):
            sheet, row, col = key
            if sheet == "CHECK" or col in ("insured", "cases_per_100", "days_per_case", "cost_per_day", "cost_per_case",
                                           "cost_per_person"):
                continue
            compared += 1
            if theirs.get(key) != value:
                differ += 1
                print(f"{form} {sheet} {row}.{col}: report {value}, DuckDB {theirs.get(key)}")
        missing = [k for k in theirs if k not in ours and not (form != "BEN_ALL" and k[1] in ("R51", "R52", "R53", "R54"))]
        for key in missing:
            differ += 1
            print(f"{form} {key}: not in the report")
    print(f"{label}: {compared} cells compared, {differ} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:6]))
