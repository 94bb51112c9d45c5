//! A month's batch against a slow reference that shares no code with it: the page's section 3 to 6 written down once more,
//! over what `tenken sql` shows of the claims and the registry files as they are.

mod common;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
};

use common::{Place, Ran, tenken};

type Row = HashMap<String, String>;

fn csv_rows(text: &str) -> Vec<Row> {
    let mut lines =
        csv::ReaderBuilder::new().flexible(false).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = lines.headers().unwrap().clone();
    lines
        .records()
        .map(|r| header.iter().map(str::to_owned).zip(r.unwrap().iter().map(str::to_owned)).collect())
        .collect()
}

fn run(arguments: &[&str]) -> Ran {
    Ran::from(tenken().args(arguments).output().unwrap())
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or(0)
}

/// Months since year 0.
fn month_no(text: &str) -> i64 {
    number(&text[..4]) * 12 + number(&text[5..7]) - 1
}

struct Limit {
    category: String,
    from: String,
    to: String,
    base: i64,
    above: Option<(i64, i64)>,
    multi: Option<i64>,
    outpatient: Option<i64>,
    relief: Option<(i64, i64, i64)>,
    annual: bool,
}

/// value, valid from, valid to
type Spell = (String, String, String);

struct World {
    limits: Vec<Limit>,
    programmes: HashMap<String, Row>,
    persons: HashMap<String, Row>,
    /// person, and when 後期 began
    kouki_from: HashMap<String, String>,
    /// target, id, kind
    attributes: HashMap<(String, String, String), Vec<Spell>>,
}

const HUNDREDTHS: f64 = 100.0;

impl World {
    fn read(registry: &Path, data: &Path) -> Self {
        let file = |folder: &Path, name: &str| csv_rows(&fs::read_to_string(folder.join(name)).unwrap());
        let optional = |t: &str| (!t.is_empty()).then(|| number(t));
        let percent = |t: &str| (t.parse::<f64>().unwrap_or(0.0) * HUNDREDTHS).round() as i64;
        let limits = file(data, "high_cost_limits.csv")
            .into_iter()
            .map(|r| Limit {
                category: r["category"].clone(),
                from: r["valid_from"].clone(),
                to: r["valid_to"].clone(),
                base: number(&r["base_yen"]),
                above: optional(&r["threshold_yen"]).map(|t| (t, percent(&r["rate"]))),
                multi: optional(&r["multi_hit_yen"]),
                outpatient: optional(&r["outpatient_cap_yen"]),
                relief: optional(&r["outpatient_base_yen"])
                    .map(|b| (b, number(&r["outpatient_threshold_yen"]), percent(&r["outpatient_rate"]))),
                annual: !r["annual_cap_yen"].is_empty(),
            })
            .collect();
        let programmes = file(data, "kohi_programmes.csv").into_iter().map(|r| (r["code"].clone(), r)).collect();
        let persons = file(registry, "kojin.csv").into_iter().map(|r| (r["宛名番号"].clone(), r)).collect();
        let mut kouki_from: HashMap<String, String> = HashMap::new();
        for r in file(registry, "shikaku.csv").into_iter().filter(|r| r["制度"] == "3") {
            let at = kouki_from.entry(r["宛名番号"].clone()).or_insert_with(|| r["資格取得年月日"].clone());
            if *at > r["資格取得年月日"] {
                at.clone_from(&r["資格取得年月日"]);
            }
        }
        let mut attributes: HashMap<_, Vec<_>> = HashMap::new();
        for r in file(registry, "zokusei.csv") {
            let key = (r["対象"].clone(), r["番号"].clone(), r["種別"].clone());
            let value = (r["開始年月日"].clone(), r["終了年月日"].clone(), r["値"].clone());
            attributes.entry(key).or_default().push(value);
        }
        Self { limits, programmes, persons, kouki_from, attributes }
    }

    fn limit(&self, category: &str, month: &str) -> &Limit {
        let holds = |l: &&Limit| l.category == category && *l.from <= *month && (l.to.is_empty() || *month <= *l.to);
        self.limits.iter().find(holds).unwrap_or_else(|| panic!("{category} {month}"))
    }

    fn has_limit(&self, category: &str, month: &str) -> bool {
        self.limits.iter().any(|l| l.category == category && *l.from <= *month && (l.to.is_empty() || *month <= *l.to))
    }

    /// Attributes that cover any day of the month: that of the first day first.
    fn attribute(&self, target: &str, id: &str, kind: &str, month: &str) -> Option<String> {
        let (first, last) = (format!("{month}-01"), format!("{month}-31"));
        let rows = self.attributes.get(&(target.to_owned(), id.to_owned(), kind.to_owned()))?;
        let covers = |(from, to, _): &&(String, String, String)| {
            from.as_str() <= last.as_str() && (to.is_empty() || to.as_str() > first.as_str())
        };
        rows.iter().filter(covers).min_by_key(|r| r.0.clone()).map(|r| r.2.clone())
    }

    fn row_of(&self, word: &str, kouki: bool, old: bool, month: &str) -> &Limit {
        let letters = match (old || kouki, word) {
            (false, "ア") => "U70_A",
            (false, "イ") => "U70_I",
            (false, "ウ") => "U70_U",
            (false, "エ") => "U70_E",
            (false, "オ") => "U70_O",
            (_, "現役Ⅲ") => "G3",
            (_, "現役Ⅱ") => "G2",
            (_, "現役Ⅰ") => "G1",
            (_, "一般") => "IPPAN",
            (_, "一般Ⅱ") => "IPPAN2",
            (_, "一般Ⅰ") => "IPPAN1",
            (_, "低所得Ⅱ") => "TEI2",
            (_, "低所得Ⅰ") => "TEI1",
            other => panic!("{other:?}"),
        };
        match (old || kouki, kouki) {
            (false, _) => self.limit(letters, month),
            // by the share, and the amounts of both are the same in these months
            (_, true) if letters == "IPPAN" => self.limit("K75_IPPAN1", month),
            (_, true) => self.limit(&format!("K75_{letters}"), month),
            _ => self.limit(&format!("K70_{letters}"), month),
        }
    }
}

fn one_percent(yen: i64, percent: i64) -> i64 {
    (yen * percent + 50) / 100
}

impl Limit {
    fn at(&self, cost: i64, multi: bool, part: i64) -> i64 {
        if multi && let Some(flat) = self.multi {
            return flat / part;
        }
        let above = self.above.map_or(0, |(threshold, percent)| one_percent((cost - threshold / part).max(0), percent));
        self.base / part + above
    }
}

#[derive(Clone, Debug, Default)]
struct Piece {
    person: String,
    old: bool,
    inpatient: bool,
    cost: i64,
    full: i64,
    window: i64,
    /// 2割 without 特定疾病
    relief: bool,
}

#[derive(Debug, Default, PartialEq)]
struct Figures {
    a: i64,
    b: i64,
    c: i64,
    d: i64,
    in_kind: i64,
    counted_cost: i64,
    multi: bool,
    hits: usize,
    tokutei: i64,
    /// counts for 多数回: something beside the caps for outpatients
    hit: bool,
}

fn old_from(birth: &str, month: &str) -> bool {
    // the month after the seventieth birthday; born on the first: the same month
    let turns = month_no(birth) + 70 * 12 + i64::from(&birth[8..] != "01");
    turns <= month_no(month)
}

fn turns_75(birth: &str, month: &str) -> bool {
    &birth[8..] != "01" && month_no(birth) + 75 * 12 == month_no(month)
}

const NOTES: [(&str, &str, &str); 10] = [
    ("26", "ア", "現役Ⅲ"),
    ("27", "イ", "現役Ⅱ"),
    ("28", "ウ", "現役Ⅰ"),
    ("29", "エ", "一般"),
    ("30", "オ", "低所得Ⅱ"),
    ("31", "ア", "現役Ⅲ"),
    ("32", "イ", "現役Ⅱ"),
    ("33", "ウ", "現役Ⅰ"),
    ("34", "エ", "一般"),
    ("35", "オ", "低所得Ⅱ"),
];

struct Month<'w> {
    world: &'w World,
    kouki: bool,
    household: &'w str,
    month: &'w str,
    claims: Vec<&'w Row>,
    publics: &'w HashMap<String, Vec<Row>>,
}

impl Month<'_> {
    fn has(&self, claim: &Row, code: &str) -> bool {
        claim["tokki"].split(';').any(|t| t == code)
    }

    fn disease(&self, claim: &Row) -> Option<i64> {
        if self.has(claim, "16") { Some(20_000) } else { self.has(claim, "02").then_some(10_000) }
    }

    fn birth(&self, claim: &Row) -> String {
        self.world.persons.get(&claim["person_id"]).map_or(claim["birth_date"].clone(), |p| p["生年月日"].clone())
    }

    fn old(&self, claim: &Row) -> bool {
        self.kouki || old_from(&self.birth(claim), self.month)
    }

    fn half(&self, claim: &Row) -> bool {
        let birth = self.birth(claim);
        let day = format!("{:04}{}", number(&birth[..4]) + 75, &birth[4..]);
        let early = self.world.kouki_from.get(&claim["person_id"]).is_some_and(|from| *from < day);
        (turns_75(&birth, self.month) && !early)
            || self.claims.iter().any(|c| c["person_id"] == claim["person_id"] && self.has(c, "21"))
    }

    fn word(&self, old: bool) -> String {
        for claim in self.claims.iter().filter(|c| self.old(c) == old) {
            let registered = if old {
                self.world.attribute("個人", &claim["person_id"], "高齢所得区分", self.month)
            } else {
                self.world.attribute("世帯", self.household, "所得区分", self.month)
            };
            let note = || {
                let of = NOTES.iter().find(|n| self.has(claim, n.0))?;
                Some(if old { of.2 } else { of.1 }.to_owned())
            };
            if let Some(word) = registered.or_else(note) {
                return word;
            }
        }
        if old { "現役Ⅲ".into() } else { "ア".into() }
    }

    fn tenths(&self, claim: &Row) -> i64 {
        let class = &claim["receipt_type"][3..4];
        if self.kouki {
            return match class {
                "9" | "0" => 3,
                _ if self.has(claim, "41") || self.has(claim, "43") => 2,
                _ => {
                    self.world.attribute("個人", &claim["person_id"], "負担割合", self.month).map_or(1, |t| number(&t))
                }
            };
        }
        match (claim["benefit_rate"].as_str(), class) {
            ("", "3" | "4" | "7" | "8") => 2,
            ("", _) => 3,
            (percent, _) => (100 - number(percent)) / 10,
        }
    }

    fn figures(&self, hits: &BTreeSet<i64>) -> Figures {
        let now = month_no(self.month);
        let earlier = hits.range(now - 11..now).count();
        let multi = earlier >= 3;
        let moved = !self.kouki
            && self
                .world
                .attributes
                .get(&("世帯".to_owned(), self.household.to_owned(), "世帯継続".to_owned()))
                .is_some_and(|rows| rows.iter().any(|r| r.0.starts_with(self.month) && !r.0.ends_with("-01")));
        let house = if moved { 2 } else { 1 };
        let part_of = |claim: &Row| house * if self.half(claim) { 2 } else { 1 };

        // groups: person, institution, kind, side
        let mut groups: BTreeMap<(String, String, String, bool), Vec<&Row>> = BTreeMap::new();
        let place = |c: &Row| format!("{}{}{}", c["prefecture"], c["score_table"], c["institution_code"]);
        let inpatient = |c: &Row| match c["kind"].as_str() {
            "dpc" => true,
            "medical" => number(&c["receipt_type"][3..4]) % 2 == 1,
            "dental" => !c["admission_date"].is_empty(),
            _ => false,
        };
        for c in self.claims.iter().filter(|c| c["kind"] != "pharmacy") {
            let kind = if c["kind"] == "dpc" { "medical" } else { &c["kind"] };
            groups.entry((c["person_id"].clone(), place(c), kind.to_owned(), inpatient(c))).or_default().push(c);
        }
        for c in self.claims.iter().filter(|c| c["kind"] == "pharmacy") {
            let by = if c["prescriber"].is_empty() { place(c) } else { c["prescriber"].clone() };
            let kinds = ["medical", "dental"];
            let found = kinds.iter().map(|k| (c["person_id"].clone(), by.clone(), (*k).to_owned(), false));
            let known = found.into_iter().find(|k| groups.contains_key(k) && !c["prescriber"].is_empty());
            let key = known.unwrap_or((c["person_id"].clone(), by, "pharmacy".to_owned(), false));
            groups.entry(key).or_default().push(c);
        }

        let mut out = Figures { multi, hits: earlier, ..Figures::default() };
        let mut pieces: Vec<Piece> = Vec::new();
        for ((person, _, kind, inside), claims) in &groups {
            let (old, part, tenths) = (self.old(claims[0]), part_of(claims[0]), self.tenths(claims[0]));
            let (mut cost, mut full, mut window) = (0, 0, 0);
            // by programme and whether KO says the patient's share
            let mut shared: BTreeMap<(String, bool), (i64, i64)> = BTreeMap::new();
            let mut parts_of_all = false;
            for c in claims {
                let all = number(&c["cost_yen"]);
                let mut with_programme = 0;
                let mut own_parts = Vec::new();
                for ko in self.publics.get(&c["claim_id"]).into_iter().flatten() {
                    let law = ko["payer_no"][..2].to_owned();
                    if !self.world.programmes.contains_key(&law) {
                        continue;
                    }
                    let of = number(&ko["cost_yen"]);
                    with_programme += of;
                    let said = !ko["copay_yen"].is_empty();
                    let sum = shared.entry((law.clone(), said)).or_default();
                    sum.0 += of;
                    sum.1 += number(&ko["copay_yen"]);
                    own_parts.push((law, of, said.then(|| number(&ko["copay_yen"]))));
                    parts_of_all = true;
                }
                let only = (all - with_programme).max(0);
                // half up: 訪問看護 is billed in yen
                let burden = (only * tenths + 5) / 10;
                cost += only;
                full += burden;
                window += match c["copay_yen"].as_str() {
                    "" => burden,
                    said => {
                        let of_parts: i64 = own_parts
                            .iter()
                            .map(|(law, of, said)| {
                                let disease = self.disease(c).map(|y| y / part);
                                self.shares(law, *of, *said, old, *inside, tenths, part, multi, disease).1
                            })
                            .sum();
                        (number(said) - of_parts).clamp(0, burden)
                    }
                };
            }
            // the last of several that differ
            let disease = claims.iter().rev().find_map(|c| self.disease(c)).map(|y| y / part);
            if let Some(limit) = disease.filter(|limit| !parts_of_all && full > 0 && full >= *limit) {
                out.tokutei += full - limit;
                continue;
            }
            if kind == "pharmacy" && !old {
                continue;
            }
            let minimum = 21_000 / part;
            let mut add = |cost, full, window, relief| {
                let (person, inpatient) = (person.clone(), *inside);
                pieces.push(Piece { person, old, inpatient, cost, full, window, relief });
            };
            if (full > 0 || cost > 0) && (old || full >= minimum) {
                add(cost, full, window, tenths == 2 && disease.is_none());
            }
            for ((law, said), (of, written)) in shared {
                let (uncovered, patient) =
                    self.shares(&law, of, said.then_some(written), old, *inside, tenths, part, multi, disease);
                if self.world.programmes[&law]["limit_class"] != "none" && (old || uncovered >= minimum) {
                    add(of, patient, patient, false);
                }
            }
        }

        out.in_kind = pieces.iter().map(|p| p.full - p.window).sum();
        out.counted_cost = pieces.iter().map(|p| p.cost).sum();
        let people: BTreeSet<(String, bool)> = pieces.iter().map(|p| (p.person.clone(), p.old)).collect();
        let (mut of_old, mut of_young) = (0, 0);
        let row = |old: bool| self.world.row_of(&self.word(old), self.kouki, old, self.month);
        for (person, old) in &people {
            let claim = self.claims.iter().find(|c| c["person_id"] == *person).unwrap();
            let part = part_of(claim);
            let mine = || pieces.iter().filter(|p| p.person == *person);
            let mut left: i64 = mine().map(|p| p.full).sum();
            let limit = row(*old);
            if *old && let Some(cap) = limit.outpatient {
                let outside = || mine().filter(|p| !p.inpatient);
                let sum: i64 = outside().map(|p| p.full).sum();
                let mut above = (sum - cap / part).max(0);
                if let Some((base, threshold, percent)) = limit.relief {
                    let cost: i64 = outside().filter(|p| p.relief).map(|p| p.cost).sum();
                    let burden: i64 = outside().filter(|p| p.relief).map(|p| p.full).sum();
                    above = above.max(burden - base - one_percent((cost - threshold).max(0), percent));
                }
                left -= above;
                if part == 1 { out.b += above } else { out.a += above }
            }
            if part > 1 {
                let above = (left - limit.at(mine().map(|p| p.cost).sum(), multi, part)).max(0);
                out.a += above;
                out.hit |= above > 0;
                left -= above;
            }
            if *old { of_old += left } else { of_young += left }
        }
        if people.iter().any(|p| p.1) {
            let cost = pieces.iter().filter(|p| p.old).map(|p| p.cost).sum();
            out.c = (of_old - row(true).at(cost, multi, house)).max(0);
        }
        if people.iter().any(|p| !p.1) && !self.kouki {
            out.d = (of_old - out.c + of_young - row(false).at(out.counted_cost, multi, house)).max(0);
        }
        out.hit |= out.c + out.d > 0;
        out
    }

    /// Not covered by the insurer, and the patient's share of it.
    #[allow(clippy::too_many_arguments)]
    fn shares(
        &self,
        law: &str,
        cost: i64,
        said: Option<i64>,
        old: bool,
        inpatient: bool,
        tenths: i64,
        part: i64,
        multi: bool,
        disease: Option<i64>,
    ) -> (i64, i64) {
        let programme = &self.world.programmes[law];
        let limit = match programme["limit_class"].as_str() {
            "none" => return (cost, said.unwrap_or(0)),
            "own" => {
                let row = self.world.row_of(&self.word(old), self.kouki, old, self.month);
                match row.outpatient.filter(|_| old && !inpatient) {
                    Some(cap) => cap / part,
                    None => row.at(cost, multi && inpatient && programme["multi_hit"] == "inpatient", part),
                }
            }
            class => {
                let name = match (class, old, inpatient) {
                    ("seiho", false, _) => "PUBEXP_SEIHO_U70",
                    ("seiho", true, true) => "PUBEXP_SEIHO_70_IN",
                    ("seiho", true, false) => "PUBEXP_SEIHO_70_OUT",
                    (_, false, _) => "PUBEXP_U70",
                    (_, true, true) => "PUBEXP_70_IN",
                    (_, true, false) => "PUBEXP_70_OUT",
                };
                self.world.limit(name, self.month).at(cost, false, part)
            }
        };
        let uncovered = ((cost * tenths + 5) / 10).min(limit).min(disease.unwrap_or(i64::MAX));
        let rate =
            programme["patient_rate"].parse::<f64>().ok().map(|r| one_percent(cost, (r * HUNDREDTHS).round() as i64));
        let zero = (programme["cap_rule"] == "zero").then_some(0);
        let patient = match said {
            Some(yen) => yen.min(uncovered),
            None => [rate, zero].into_iter().flatten().fold(uncovered, i64::min),
        };
        (uncovered, patient)
    }
}

#[test]
fn the_batch_is_as_the_slow_reference_has_it() {
    let place = Place::new();
    let (town, store) = (place.path("町"), place.store());
    let (town_s, store_s) = (town.to_str().unwrap(), store.to_str().unwrap());
    run(&[
        "sample",
        "--out",
        town_s,
        "--insured",
        "5000",
        "--kouki",
        "0.5",
        "--months",
        "2026-06..2026-09",
        "--seed",
        "7",
    ])
    .expect(0);
    run(&["registry", "load", &format!("{town_s}/registry"), "--store", store_s]).expect(0);
    for month in ["2026-06", "2026-07", "2026-08", "2026-09"] {
        run(&["import", &format!("{town_s}/claims/{month}"), "--store", store_s, "--month", month]);
        let ran = run(&["benefit", "run", "--store", store_s, "--month", month]);
        assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    }

    let sql = |query: &str| csv_rows(&run(&["sql", query, "--store", store_s, "--format", "csv"]).expect(0).stdout);
    let claims = sql(
        "SELECT claim_id, kind, receipt_type, service_month, prefecture, score_table, institution_code, person_id, \
         household_id, birth_date, benefit_rate, tokki, admission_date, cost_yen, copay_yen, prescriber FROM claims \
         WHERE parent_claim_id IS NULL AND insurer_no IS NOT NULL AND household_id IS NOT NULL ORDER BY claim_id",
    );
    let mut publics: HashMap<String, Vec<Row>> = HashMap::new();
    for ko in sql("SELECT claim_id, payer_no, cost_yen, copay_yen FROM public_expenses ORDER BY claim_id, seq") {
        publics.entry(ko["claim_id"].clone()).or_default().push(ko);
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("benefit/data");
    let world = World::read(&town.join("registry"), &data);
    assert!(world.has_limit("U70_A", "2026-08") && world.limits.iter().any(|l| l.annual));

    let mut households: BTreeMap<(bool, String), BTreeMap<String, Vec<&Row>>> = BTreeMap::new();
    for c in claims.iter().filter(|c| &c["receipt_type"][1..2] != "2") {
        let key = (&c["receipt_type"][1..2] == "3", c["household_id"].clone());
        households.entry(key).or_default().entry(c["service_month"].clone()).or_default().push(c);
    }
    let listed = run(&["benefit", "list", "--store", store_s, "--format", "csv"]).expect(0);
    let mut results: HashMap<(bool, String, String), Row> = csv_rows(&listed.stdout)
        .into_iter()
        .map(|r| ((r["scheme"] == "kouki", r["household_id"].clone(), r["service_month"].clone()), r))
        .collect();

    let (mut compared, mut paid, mut with_multi, mut tokutei) = (0, 0, 0, 0);
    for ((kouki, household), months) in &households {
        let mut hits: BTreeSet<i64> = world
            .attributes
            .get(&("世帯".to_owned(), household.clone(), "多数回引継".to_owned()))
            .into_iter()
            .flatten()
            .map(|r| month_no(&r.0))
            .collect();
        for (month, of) in months {
            let unit = Month { world: &world, kouki: *kouki, household, month, claims: of.clone(), publics: &publics };
            let want = unit.figures(&hits);
            if want.hit {
                hits.insert(month_no(month));
            }
            let got = results.remove(&(*kouki, household.clone(), month.clone())).unwrap();
            let yen = |column: &str| number(&got[column]);
            let seen = Figures {
                a: yen("special_month_benefit_yen"),
                b: yen("outpatient_benefit_yen"),
                c: yen("seventyplus_benefit_yen"),
                d: yen("all_ages_benefit_yen"),
                in_kind: yen("in_kind_yen"),
                counted_cost: yen("counted_cost_yen"),
                multi: got["multi_hit"] == "1",
                hits: number(&got["hit_count"]) as usize,
                tokutei: yen("tokutei_benefit_yen"),
                hit: got["hit"] == "1",
            };
            let claims: Vec<_> = of
                .iter()
                .map(|c| (&c["kind"], &c["person_id"], &c["cost_yen"], &c["tokki"], &c["copay_yen"]))
                .collect();
            assert_eq!(seen, want, "{household} {month} {got:?} {claims:?}");
            let total = want.a + want.b + want.c + want.d;
            assert_eq!((yen("benefit_yen"), yen("cash_yen")), (total, total - want.in_kind), "{household} {month}");
            compared += 1;
            paid += i64::from(total > 0);
            with_multi += i64::from(want.multi);
            tokutei += i64::from(want.tokutei > 0);
        }
    }
    assert!(results.is_empty(), "results without claims: {}", results.len());
    println!(
        "{compared} household months, {paid} with a benefit, {with_multi} in the fourth month, {tokutei} with 特定疾病"
    );
    assert!(
        compared > 5_000 && paid > 300 && with_multi > 5 && tokutei > 5,
        "{compared} {paid} {with_multi} {tokutei}"
    );
}
