-- 求償事案 (third-party.md section 5). Dates are YYYY-MM-DD, moments RFC 3339, amounts yen, flags 0/1. Nobody's name stands here.
CREATE TABLE third_party_cases (
    insurer_no TEXT NOT NULL,
    case_no TEXT NOT NULL,               -- YYYY-NNNNNN, of the fiscal year in which it was opened
    scheme TEXT NOT NULL,                -- 国保 後期
    person_id TEXT NOT NULL,
    household_id TEXT,
    claim_id TEXT,                       -- the claim it was opened for
    episode_id TEXT,
    first_day TEXT,                      -- earliest 診療開始日 of the episode
    route TEXT NOT NULL,                 -- route of the claim, NONE without
    band TEXT,
    score INTEGER,
    rule_version TEXT,
    marked_10 INTEGER NOT NULL DEFAULT 0,
    hold INTEGER NOT NULL DEFAULT 0,
    discovery_route TEXT NOT NULL,
    wide_area_id TEXT,
    cause_type TEXT,
    accident_date TEXT,
    fixed_date TEXT,                     -- 症状固定
    death_date TEXT,
    place_municipality TEXT,
    counterparty_known INTEGER,
    counterparty_insurer TEXT,
    demand_date TEXT,                    -- 催告
    period_from TEXT,                    -- 求償期間
    period_to TEXT,
    delegated_to TEXT,
    delegated_date TEXT,
    fault_ratio INTEGER,                 -- percent
    settled INTEGER,
    staff TEXT,
    next_action TEXT,
    next_action_due TEXT,
    note TEXT,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    opened_at TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (insurer_no, case_no)
) STRICT;
CREATE INDEX third_party_cases_person ON third_party_cases (insurer_no, person_id);

CREATE TABLE third_party_moves (
    insurer_no TEXT NOT NULL,
    case_no TEXT NOT NULL,
    seq INTEGER NOT NULL,                -- from 1
    from_state TEXT NOT NULL,            -- '' where the case was opened
    to_state TEXT NOT NULL,
    on_date TEXT NOT NULL,
    user TEXT NOT NULL,
    role TEXT,
    reason TEXT,
    document TEXT,
    answer TEXT,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (insurer_no, case_no, seq),
    FOREIGN KEY (insurer_no, case_no) REFERENCES third_party_cases (insurer_no, case_no)
) STRICT;

CREATE TABLE third_party_claims (
    insurer_no TEXT NOT NULL,
    case_no TEXT NOT NULL,
    claim_id TEXT NOT NULL,
    service_month TEXT NOT NULL,
    institution_code TEXT NOT NULL,
    points INTEGER,
    accident_points INTEGER,
    benefit_yen INTEGER,                 -- 給付額
    has_10 INTEGER NOT NULL,
    added_after_scope INTEGER NOT NULL,
    PRIMARY KEY (insurer_no, case_no, claim_id),
    FOREIGN KEY (insurer_no, case_no) REFERENCES third_party_cases (insurer_no, case_no)
) STRICT;

CREATE TABLE third_party_papers (
    insurer_no TEXT NOT NULL,
    case_no TEXT NOT NULL,
    paper TEXT NOT NULL,
    received_on TEXT NOT NULL,
    PRIMARY KEY (insurer_no, case_no, paper),
    FOREIGN KEY (insurer_no, case_no) REFERENCES third_party_cases (insurer_no, case_no)
) STRICT;

CREATE TABLE third_party_amounts (
    insurer_no TEXT NOT NULL,
    case_no TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('claimed', 'paid')),
    on_date TEXT NOT NULL,
    yen INTEGER NOT NULL CHECK (yen > 0),
    PRIMARY KEY (insurer_no, case_no, seq),
    FOREIGN KEY (insurer_no, case_no) REFERENCES third_party_cases (insurer_no, case_no)
) STRICT;
