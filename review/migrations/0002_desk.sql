-- The reviewers' desk: people, the copy of what the queue shows, cases and what became of them.
-- Dates are YYYY-MM-DD, moments RFC 3339 in UTC or seconds since 1970, amounts yen, flags 0/1.

CREATE TABLE users (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,                  -- 閲覧 点検 決裁 経理 管理
    insurers TEXT NOT NULL,              -- 保険者番号 joined by ','; empty = every insurer of the store
    password TEXT NOT NULL,              -- argon2id, PHC string
    password_at TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    failed INTEGER NOT NULL DEFAULT 0,   -- tries since the last that succeeded
    locked_until INTEGER NOT NULL DEFAULT 0,
    disabled_at TEXT,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    token BLOB PRIMARY KEY,              -- BLAKE3 of what the browser holds
    user TEXT NOT NULL REFERENCES users (name),
    csrf TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tokens (                    -- of programs
    token BLOB PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (name),
    label TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (user, label)
) STRICT;

CREATE TABLE saved_filters (
    user TEXT NOT NULL REFERENCES users (name),
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    PRIMARY KEY (user, name)
) STRICT;

-- Which findings stand on the desk: the generation of each import.
CREATE TABLE synced (
    import_id TEXT PRIMARY KEY,
    exam_month TEXT NOT NULL,
    generation INTEGER NOT NULL
) STRICT;

-- A copy of some columns of `claims`: those with a case, and the others of their persons. Made anew from the store at any time.
CREATE TABLE desk_claims (
    claim_id TEXT PRIMARY KEY,
    import_id TEXT NOT NULL,
    exam_month TEXT NOT NULL,
    owner TEXT NOT NULL,
    person_id TEXT,
    household_id TEXT,
    service_month TEXT NOT NULL,
    billing_month TEXT NOT NULL,
    kind TEXT NOT NULL,
    receipt_no TEXT NOT NULL,
    receipt_type TEXT NOT NULL,
    institution TEXT NOT NULL,           -- prefecture, score table, code: ten digits
    insurer_no TEXT,
    kigo TEXT,
    bango TEXT,
    edaban TEXT,
    name TEXT,
    kana TEXT,
    birth_date TEXT,
    search_no TEXT,
    days INTEGER,
    points INTEGER,
    cost_yen INTEGER NOT NULL,
    benefit_yen INTEGER NOT NULL,        -- 保険者の給付額, reckoned
    copay_yen INTEGER,
    meal_count INTEGER,
    meal_yen INTEGER,
    service_days INTEGER NOT NULL,
    parent_claim_id TEXT,
    source_file TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    byte_start INTEGER NOT NULL,
    byte_len INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    form TEXT NOT NULL,
    encoding TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX desk_claims_person ON desk_claims (owner, person_id, service_month);
CREATE INDEX desk_claims_import ON desk_claims (import_id);

CREATE TABLE institutions (
    institution TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every finding of a claim on the desk. `detail`: the row of `findings` as JSON, zstd.
CREATE TABLE desk_findings (
    finding_id TEXT PRIMARY KEY,
    claim_id TEXT NOT NULL,
    import_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    is_primary INTEGER NOT NULL,
    state TEXT NOT NULL,
    detail BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX desk_findings_claim ON desk_findings (claim_id);
CREATE INDEX desk_findings_import ON desk_findings (import_id);

-- The row of `third_party` of a claim on the desk, as JSON, zstd.
CREATE TABLE desk_third_party (
    claim_id TEXT PRIMARY KEY,
    import_id TEXT NOT NULL,
    hold INTEGER NOT NULL,
    detail BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX desk_third_party_import ON desk_third_party (import_id);

CREATE TABLE cases (
    case_id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    origin TEXT NOT NULL,                -- finding claim person
    finding_id TEXT UNIQUE,
    claim_id TEXT,
    person_id TEXT,
    import_id TEXT,
    exam_month TEXT NOT NULL,            -- of a case by hand: the month it was opened in
    service_month TEXT NOT NULL,
    rule TEXT NOT NULL,                  -- empty: opened by hand
    cause TEXT NOT NULL,                 -- groups cases: person and rule; without a person the claim
    severity TEXT NOT NULL,
    certainty TEXT NOT NULL,
    proposal TEXT NOT NULL,              -- D1 to D9, or empty
    k_proposal TEXT NOT NULL,
    reason TEXT NOT NULL,
    institution TEXT NOT NULL,
    benefit_yen INTEGER NOT NULL,        -- what is at stake
    days_bad INTEGER NOT NULL,           -- bit 0 = day 1; 0 = the whole claim
    retro INTEGER NOT NULL DEFAULT 0,
    hold INTEGER NOT NULL DEFAULT 0,     -- for named roles only
    state TEXT NOT NULL,
    stage INTEGER NOT NULL,              -- 0 ended, 1 with the reviewers, 2 outside, 3 with the cashier
    decision TEXT NOT NULL DEFAULT '',   -- a word of case_decisions.csv
    k_code TEXT NOT NULL DEFAULT '',
    k_text TEXT NOT NULL DEFAULT '',
    assignee TEXT NOT NULL DEFAULT '',
    decided_by TEXT NOT NULL DEFAULT '',
    approved_by TEXT NOT NULL DEFAULT '',
    asked TEXT NOT NULL DEFAULT '',      -- 照会先
    due_on TEXT NOT NULL DEFAULT '',
    batch_no TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '',
    recovered_yen INTEGER NOT NULL DEFAULT 0,
    attention TEXT NOT NULL DEFAULT '',  -- what a person must look at again
    opened_on TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    since TEXT NOT NULL,                 -- of the state
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX cases_queue ON cases (owner, stage, severity, benefit_yen DESC, case_id);
CREATE INDEX cases_month ON cases (owner, exam_month, stage, severity, benefit_yen DESC, case_id);
CREATE INDEX cases_rule ON cases (owner, rule, stage, severity, benefit_yen DESC, case_id);
CREATE INDEX cases_state ON cases (owner, state, severity, benefit_yen DESC, case_id);
CREATE INDEX cases_institution ON cases (owner, institution, stage, severity, benefit_yen DESC, case_id);
CREATE INDEX cases_assignee ON cases (owner, assignee, stage, severity, benefit_yen DESC, case_id) WHERE assignee <> '';
CREATE INDEX cases_cause ON cases (owner, stage, cause);
CREATE INDEX cases_person ON cases (owner, person_id);
CREATE INDEX cases_claim ON cases (claim_id);
CREATE INDEX cases_import ON cases (import_id);
CREATE INDEX cases_batch ON cases (batch_no) WHERE batch_no <> '';

-- What the queue counts, so that it never counts a million rows.
CREATE TABLE case_counts (
    owner TEXT NOT NULL,
    exam_month TEXT NOT NULL,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,
    hold INTEGER NOT NULL,
    n INTEGER NOT NULL,
    benefit_yen INTEGER NOT NULL,
    recovered_yen INTEGER NOT NULL,
    PRIMARY KEY (owner, exam_month, rule, severity, state, hold)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER cases_counted_in AFTER INSERT ON cases BEGIN
    INSERT INTO case_counts VALUES (new.owner, new.exam_month, new.rule, new.severity, new.state, new.hold, 1,
        new.benefit_yen, new.recovered_yen)
    ON CONFLICT DO UPDATE SET n = n + 1, benefit_yen = benefit_yen + excluded.benefit_yen,
        recovered_yen = recovered_yen + excluded.recovered_yen;
END;
CREATE TRIGGER cases_counted_out AFTER DELETE ON cases BEGIN
    UPDATE case_counts SET n = n - 1, benefit_yen = benefit_yen - old.benefit_yen,
        recovered_yen = recovered_yen - old.recovered_yen
    WHERE owner = old.owner AND exam_month = old.exam_month AND rule = old.rule AND severity = old.severity
        AND state = old.state AND hold = old.hold;
END;
CREATE TRIGGER cases_counted_over AFTER UPDATE OF state, severity, benefit_yen, recovered_yen, hold ON cases BEGIN
    UPDATE case_counts SET n = n - 1, benefit_yen = benefit_yen - old.benefit_yen,
        recovered_yen = recovered_yen - old.recovered_yen
    WHERE owner = old.owner AND exam_month = old.exam_month AND rule = old.rule AND severity = old.severity
        AND state = old.state AND hold = old.hold;
    INSERT INTO case_counts VALUES (new.owner, new.exam_month, new.rule, new.severity, new.state, new.hold, 1,
        new.benefit_yen, new.recovered_yen)
    ON CONFLICT DO UPDATE SET n = n + 1, benefit_yen = benefit_yen + excluded.benefit_yen,
        recovered_yen = recovered_yen + excluded.recovered_yen;
END;

-- Words of a case to be searched by their beginnings: numbers, kana, 検索番号. rowid = case_id.
CREATE VIRTUAL TABLE case_search USING fts5 (words, content = '', detail = none, columnsize = 0);

-- Every step, for good. One action of a person may be several steps (`action`). `before`: the case before the action.
CREATE TABLE case_moves (
    case_id INTEGER NOT NULL REFERENCES cases (case_id),
    seq INTEGER NOT NULL,
    action INTEGER NOT NULL,
    what TEXT NOT NULL,                  -- open move assign undo amount attention
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    user TEXT NOT NULL,
    role TEXT NOT NULL,
    at TEXT NOT NULL,
    decision TEXT NOT NULL,
    k_code TEXT NOT NULL,
    text TEXT NOT NULL,
    due_on TEXT NOT NULL,
    yen INTEGER,
    document TEXT NOT NULL,
    registry_run TEXT NOT NULL,          -- the register as it was known then
    before TEXT NOT NULL,
    PRIMARY KEY (case_id, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER case_moves_stay BEFORE UPDATE ON case_moves BEGIN SELECT RAISE(ABORT, 'case_moves is append-only'); END;

CREATE TABLE case_notes (
    case_id INTEGER NOT NULL REFERENCES cases (case_id),
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    user TEXT NOT NULL,
    kind TEXT NOT NULL,                  -- note call letter
    text TEXT NOT NULL,
    PRIMARY KEY (case_id, seq)
) STRICT, WITHOUT ROWID;

-- What leaves the house.
CREATE TABLE batches (
    batch_no TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,                  -- a word of case_decisions.csv
    cut_off TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TEXT NOT NULL,
    cases INTEGER NOT NULL,
    persons INTEGER NOT NULL,
    state TEXT NOT NULL,                 -- made accepted withdrawn
    content_hash TEXT NOT NULL           -- BLAKE3 of its csv, so that what was sent is known
) STRICT;
CREATE TABLE cut_offs (
    owner TEXT NOT NULL,                 -- empty: every insurer
    kind TEXT NOT NULL,                  -- empty: every kind
    month TEXT NOT NULL,                 -- 審査月
    on_date TEXT NOT NULL,
    set_by TEXT NOT NULL,
    PRIMARY KEY (owner, kind, month)
) STRICT;
-- Files of results that were read: none twice.
CREATE TABLE result_files (
    file_hash TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    read_by TEXT NOT NULL,
    read_at TEXT NOT NULL,
    answers INTEGER NOT NULL,
    moved INTEGER NOT NULL
) STRICT;
