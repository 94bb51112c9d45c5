//! The score, its evidence, the route, the flag and the hold (third-party.md section 4).

use std::borrow::Cow;

use tenken_parser::{Date, Kind, Month};

use super::{
    diseases::{self, Weighed, family},
    links::{Effect, Link},
    procedures,
    rules::Rules,
    text::{Hit, Tier},
};

/// What is scored: one claim, in its effective view.
#[derive(Clone)]
pub struct Input<'a> {
    /// 診療年月
    pub claim_month: Month,
    /// whole years on the last day of the claim month
    pub age: Option<u16>,
    /// 1 male, 2 female, 0 not known
    pub sex: u8,
    pub kind: Kind,
    /// two-digit codes of 特記事項, one after the other
    pub tokki: Cow<'a, str>,
    /// 職務上の事由 of HO is written
    pub occupational: bool,
    pub diseases: Vec<Disease<'a>>,
    pub comments: Vec<Comment<'a>>,
    pub procedures: Vec<Procedure<'a>>,
    pub links: Vec<Link>,
}

impl std::fmt::Debug for Input<'_> {
    /// Never the texts: they may name a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input")
            .field("claim_month", &self.claim_month)
            .field("kind", &self.kind)
            .field("diseases", &self.diseases.len())
            .field("comments", &self.comments.len())
            .field("procedures", &self.procedures.len())
            .field("links", &self.links.len())
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
pub struct Disease<'a> {
    /// number of the record in the claim, from 1
    pub record: u32,
    /// seven digits
    pub code: Cow<'a, str>,
    /// four-digit codes one after the other
    pub modifiers: Cow<'a, str>,
    /// read only where the code is 0000999
    pub name: Cow<'a, str>,
    /// 診療開始日; DPC: 今回入院年月日
    pub start: Option<Date>,
    /// 補足コメント
    pub comment: Cow<'a, str>,
}

impl std::fmt::Debug for Disease<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}+{}@{:?}", self.code, self.modifiers, self.start)
    }
}

#[derive(Clone)]
pub struct Comment<'a> {
    pub record: u32,
    /// id of the record it stands on: `CO`, `SJ`, `SI` …
    pub kind: Cow<'a, str>,
    /// comment code; of SJ the class
    pub code: Cow<'a, str>,
    pub text: Cow<'a, str>,
}

impl std::fmt::Debug for Comment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind, self.code)
    }
}

#[derive(Clone, Debug)]
pub struct Procedure<'a> {
    pub record: u32,
    pub code: Cow<'a, str>,
}

/// Where a claim goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    Linked,
    Marked,
    Sensitive,
    Rosai,
    SelfInflicted,
    Food,
    Candidate,
    None,
}

impl Route {
    pub const ALL: [Self; 8] = [
        Self::Linked,
        Self::Marked,
        Self::Sensitive,
        Self::Rosai,
        Self::SelfInflicted,
        Self::Food,
        Self::Candidate,
        Self::None,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Linked => "LINKED",
            Self::Marked => "MARKED",
            Self::Sensitive => "SENSITIVE",
            Self::Rosai => "ROSAI",
            Self::SelfInflicted => "SELF",
            Self::Food => "FOOD",
            Self::Candidate => "CANDIDATE",
            Self::None => "NONE",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.code() == code)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// ask now
    A,
    /// staff look first
    B,
    /// scored again when the next claim of the episode comes
    Watch,
}

impl Band {
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::Watch];

    pub fn code(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::Watch => "WATCH",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.code() == code)
    }
}

/// One piece of evidence; the points of all pieces add up to the score (4.3).
#[derive(Clone, PartialEq, Eq)]
pub struct Evidence {
    /// `D.neck`, `M.whiplash_torso`, `P.ambulance`, `T.rear_end`, `L.AMB`, `N.sport`, `R.work`, `X.clamp`
    pub rule: String,
    pub points: i32,
    /// for the reviewer, Japanese; holds no `;`
    pub text: String,
    /// number of the record in the claim
    pub record: Option<u32>,
    /// characters of the text it was found in, from 0, the last not included
    pub span: Option<(u32, u32)>,
    /// the multipliers that were applied and why, `×0.3 の疑い`
    pub multiplier: Option<String>,
}

impl std::fmt::Debug for Evidence {
    /// Never the text: it quotes the claim.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.rule, self.points)
    }
}

impl std::fmt::Display for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.rule, self.points, self.text)
    }
}

/// What the rules make of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// 0 to 100
    pub score: i32,
    pub band: Option<Band>,
    /// a new candidate on the worklist
    pub flag: bool,
    pub route: Route,
    /// no letter, no list outside, whatever the route
    pub hold: bool,
    /// in the order applied
    pub evidence: Vec<Evidence>,
    /// what is not recorded, Japanese
    pub missing: Vec<&'static str>,
    /// baseline: 特記事項 10
    pub b0: bool,
    /// baseline: the same, or any listed disease with a weight
    pub b1: bool,
    /// a word or field of the claim says work or commuting
    pub work: bool,
    /// a word of the claim says what may restrict benefits (闘争, 泥酔 …)
    pub restriction: bool,
    /// what an episode is known by
    pub injuries: Vec<Injury>,
}

/// A region that was hurt, and when it began: the key of an episode (5.3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Injury {
    /// region of the weight table; `food` for the family
    pub region: String,
    pub start: Date,
}

/// The region of food poisoning in [`Injury`].
pub const FOOD_REGION: &str = family::FOOD;

impl Outcome {
    /// Whether the table `third_party` has a row for it.
    pub fn is_row(&self) -> bool {
        self.score > 0 || self.route != Route::None || self.hold
    }

    /// The column `spans`: for each piece of evidence its record, its characters in the text, its multiplier.
    pub fn spans(&self) -> serde_json::Value {
        let span = |e: &Evidence| {
            serde_json::json!({
                "record": e.record,
                "start": e.span.map(|s| s.0),
                "end": e.span.map(|s| s.1),
                "multiplier": e.multiplier,
            })
        };
        self.evidence.iter().map(span).collect()
    }

    /// The evidence as one text: `rule:points:text` joined by `;`.
    pub fn evidence_text(&self) -> String {
        self.evidence.iter().map(Evidence::to_string).collect::<Vec<_>>().join(";")
    }
}

/// Ids of the readings in `words.csv` that the score knows.
mod reading {
    pub const WORK: &str = "work";
    pub const SPORT: &str = "sport";
    pub const OWN_FALL: &str = "own_fall";
    pub const OWN_ANIMAL: &str = "own_animal";
    pub const OWN_CRASH: &str = "own_crash";
    pub const SELF_HARM: &str = "self_harm";
    pub const OTHER_PAYER: &str = "other_payer";
    /// a person of the same home or an intimate partner
    pub const HOME: &str = "home";
    pub const RESTRICTION: &str = "restriction";
}

/// Readings that give a claim a route whatever else it holds.
pub(super) const SETS_ROUTE: [&str; 3] = [reading::WORK, reading::OWN_CRASH, reading::SELF_HARM];

/// Patterns of this tag are about a dog.
const DOG: &str = "dog";

/// A text of the claim, and the record it stands on.
struct Text<'a> {
    record: u32,
    text: &'a str,
    hits: Vec<Hit>,
}

/// Holds one claim against the rules. Deterministic: no clock, no master, no locale.
pub fn score(rules: &Rules, input: &Input<'_>) -> Outcome {
    if matches!(input.kind, Kind::Pharmacy | Kind::Nursing) {
        return attached(rules, input);
    }
    Scorer::new(rules, input).outcome()
}

/// 調剤 and 訪問看護 are never scored, only attached (1.2).
fn attached(rules: &Rules, input: &Input<'_>) -> Outcome {
    let mut lines = Lines::default();
    let effects = |effect| input.links.iter().filter(move |l| l.effect == effect);
    let mut out = Outcome {
        score: 0,
        band: None,
        flag: false,
        route: Route::None,
        hold: false,
        evidence: Vec::new(),
        missing: Vec::new(),
        b0: has_tokki(rules, input),
        b1: has_tokki(rules, input),
        work: false,
        restriction: false,
        injuries: Vec::new(),
    };
    if let Some(link) = effects(Effect::Linked).next() {
        out.route = Route::Linked;
        lines.note("R.linked", &link.name);
    }
    if let Some(link) = effects(Effect::Hold).next() {
        out.hold = true;
        lines.note("R.hold", &link.name);
    }
    out.evidence = lines.0;
    out
}

fn has_tokki(rules: &Rules, input: &Input<'_>) -> bool {
    input.tokki.as_bytes().chunks(2).any(|c| c == rules.parameters.mark_tokki.as_bytes())
}

/// The lines of evidence under construction.
#[derive(Default)]
struct Lines(Vec<Evidence>);

impl Lines {
    fn add(&mut self, rule: impl Into<String>, points: i32, text: impl AsRef<str>) -> &mut Evidence {
        let text = text.as_ref().replace(';', "；").replace(char::is_control, " ");
        let rule = rule.into().replace(':', ".");
        let at = self.0.len();
        self.0.push(Evidence { rule, points, text, record: None, span: None, multiplier: None });
        &mut self.0[at]
    }

    fn note(&mut self, rule: &str, text: &str) -> &mut Evidence {
        self.add(rule, 0, text)
    }

    fn sum(&self) -> i32 {
        self.0.iter().map(|e| e.points).sum()
    }
}

struct Scorer<'a> {
    rules: &'a Rules,
    input: &'a Input<'a>,
    diseases: diseases::Evidence<'a>,
    texts: Vec<Text<'a>>,
    unless: Vec<String>,
    lines: Lines,
}

/// What is shown of a hit, its record, its characters in the text.
type Quote = (String, u32, (u32, u32));

/// What the texts come to.
#[derive(Default)]
struct Texts {
    points: i32,
    /// the highest tier that survived
    tier: Option<Tier>,
    work: bool,
    own_crash: bool,
    self_harm: bool,
    /// intimate or family reading with a tier B hit
    home: bool,
    restriction: bool,
}

impl<'a> Scorer<'a> {
    fn new(rules: &'a Rules, input: &'a Input<'a>) -> Self {
        let uncoded = |d: &&Disease<'_>| d.code == rules.parameters.uncoded_disease;
        let names = input.diseases.iter().filter(uncoded).map(|d| (d.record, &d.name));
        let supplements = input.diseases.iter().map(|d| (d.record, &d.comment));
        let comments = input.comments.iter().map(|c| (c.record, &c.text));
        let mut unless = Vec::new();
        let mut texts: Vec<Text<'a>> = comments
            .chain(names)
            .chain(supplements)
            .filter(|(_, text)| !text.is_empty())
            .map(|(record, text)| {
                let found = rules.lexicon.find(text);
                unless.extend(found.unless);
                Text { record, text, hits: found.hits }
            })
            .collect();
        // the same evidence in whatever order the records stand
        texts.sort_by(|a, b| (a.text, a.record).cmp(&(b.text, b.record)));
        let diseases = diseases::weigh(rules, input);
        Self { rules, input, diseases, texts, unless, lines: Lines::default() }
    }

    fn outcome(mut self) -> Outcome {
        let p = &self.rules.parameters;
        let d = self.disease_points();
        self.patterns();
        self.procedures(d);
        let texts = self.text_points();
        let links = self.link_points();
        self.deductions(&texts);
        let sum = self.lines.sum();
        let mut score = sum.clamp(0, p.score_max);
        if score != sum {
            self.lines.add("X.clamp", score - sum, format!("0～{}点に収める", p.score_max));
        }
        if d == 0 && texts.points < p.stray_text_below && links == 0 && score > p.stray_text_max {
            self.lines.add(
                "X.stray_text",
                p.stray_text_max - score,
                format!("傷病もつながりもない文章は{}点まで", p.stray_text_max),
            );
            score = p.stray_text_max;
        }
        let marked = self.marked();
        let hold = self.hold(&texts);
        let work = texts.work | self.work_comment() || self.input.occupational;
        let rosai = self.rosai(work);
        let self_inflicted = self.self_inflicted(&texts);
        let linked = self.effect(Effect::Linked).map(|l| l.name.clone());
        if let Some(name) = &linked {
            self.lines.note("R.linked", name);
        }
        let sensitive = self.diseases.has(family::ABUSE) || texts.home;
        // what others did, told by words or by an ambulance record
        let by_others = matches!(texts.tier, Some(Tier::A | Tier::B)) || self.carried_for_others();
        let enough = |score: i32| score >= p.flag_at;
        let (route, flag) = if linked.is_some() {
            (Route::Linked, false)
        } else if marked {
            if score != p.marked_score {
                self.lines.add("X.marked", p.marked_score - score, format!("記載があれば{}点", p.marked_score));
                score = p.marked_score;
            }
            (Route::Marked, true)
        } else if sensitive && enough(score) {
            (Route::Sensitive, true)
        } else if rosai {
            (Route::Rosai, by_others && enough(score))
        } else if self_inflicted {
            (Route::SelfInflicted, by_others && enough(score))
        } else if enough(score) && self.diseases.has(family::FOOD) {
            (Route::Food, true)
        } else if enough(score) {
            (Route::Candidate, true)
        } else {
            (Route::None, false)
        };
        let b0 = has_tokki(self.rules, self.input);
        let injury_date = self.lines.0.iter().any(|e| e.rule == INJURY_DATE) || self.has_injury_date();
        let mut missing = Vec::new();
        if !b0 {
            missing.push("特記事項10");
        }
        if !injury_date {
            missing.push("受傷日");
        }
        Outcome {
            score,
            band: band(self.rules, score),
            flag,
            route,
            hold,
            missing,
            b0,
            b1: b0 || self.diseases.all.iter().any(|d| d.listed && d.base > 0),
            work,
            restriction: texts.restriction,
            injuries: self.injuries(),
            evidence: self.lines.0,
        }
    }

    /// D: the heaviest disease of each region, the second and third region in part.
    fn disease_points(&mut self) -> i32 {
        let p = &self.rules.parameters;
        let mut heaviest: Vec<&Weighed<'_>> = Vec::new();
        for d in &self.diseases.all {
            if d.tenths > 0 && !heaviest.iter().any(|h| h.region == d.region) {
                heaviest.push(d);
            }
        }
        let shares = [100, p.second_region_percent, p.third_region_percent];
        let mut sum = 0;
        for ((d, percent), place) in heaviest.iter().zip(shares).zip(1..) {
            let points = d.weight * percent / 100;
            sum += points;
            let mut why = d.why.clone();
            if percent != 100 {
                let sep = if why.is_empty() { "" } else { "、" };
                why.push_str(&format!("{sep}×{}.{} {place}番目の部位", percent / 100, percent % 100 / 10));
            }
            let shown = if why.is_empty() { String::new() } else { format!("（重み{} {why}）", d.base) };
            let line = self.lines.add(format!("D.{}", d.region), points, format!("{} {}{shown}", d.code, d.name));
            line.record = Some(d.record);
            line.multiplier = (!why.is_empty()).then_some(why);
        }
        let lifted = self.diseases.all.iter().any(|d| d.base >= p.disease_cap_lifted_at);
        if sum > p.disease_cap && !lifted {
            self.lines.add("X.disease_cap", p.disease_cap - sum, format!("傷病は{}点まで", p.disease_cap));
            sum = p.disease_cap;
        }
        sum
    }

    /// M: what occurs together.
    fn patterns(&mut self) {
        let p = &self.rules.parameters;
        let has = |family| self.diseases.all.iter().any(|d| d.is(family) && !d.voided);
        if has(family::WHIPLASH) && has(family::TORSO_STRAIN) {
            self.lines.add("M.whiplash_torso", p.whiplash_torso, "頚椎捻挫と体幹の捻挫・打撲");
        }
        if self.diseases.fresh {
            let mut by_day: std::collections::BTreeMap<Date, std::collections::BTreeSet<&str>> = Default::default();
            for d in self.diseases.all.iter().filter(|d| d.tenths > 0) {
                if let Some(start) = d.start {
                    by_day.entry(start).or_default().insert(d.region);
                }
            }
            match by_day.values().map(std::collections::BTreeSet::len).max().unwrap_or(0) {
                0 | 1 => {}
                2 => {
                    self.lines.add("M.two_regions", p.two_regions, "同じ日に始まった2部位");
                }
                n => {
                    self.lines.add("M.three_regions", p.three_regions, format!("同じ日に始まった{n}部位"));
                }
            }
        }
        if has(family::FACE) && has(family::TOOTH_EYE_EAR) {
            self.lines.add("M.face_teeth", p.face_teeth, "顔面と歯・眼・耳（殴打の型）");
        }
    }

    fn codes(&self) -> impl Iterator<Item = (u32, &'a str)> {
        let procedures = self.input.procedures.iter().map(|p| (p.record, &*p.code));
        procedures.chain(self.input.comments.iter().map(|c| (c.record, &*c.code)))
    }

    fn has_injury_date(&self) -> bool {
        let found = procedures::find(self.rules, self.input.claim_month, self.codes());
        found.iter().any(|f| format!("P.{}", f.group) == INJURY_DATE)
    }

    /// P: what was done, where a fresh injury gives it a meaning.
    fn procedures(&mut self, disease_points: i32) {
        let p = &self.rules.parameters;
        if disease_points < p.procedure_needs_disease || !self.diseases.fresh {
            return;
        }
        let mut sum = 0;
        for f in procedures::find(self.rules, self.input.claim_month, self.codes()) {
            if f.points > 0 {
                sum += f.points;
                let line = self.lines.add(format!("P.{}", f.group), f.points, format!("{} {}", f.code, f.name));
                line.record = Some(f.record);
            }
        }
        if sum > p.procedure_cap {
            self.lines.add("X.procedure_cap", p.procedure_cap - sum, format!("診療行為は{}点まで", p.procedure_cap));
        }
    }

    fn survives(&self, id: &str) -> Option<(&Text<'a>, &Hit)> {
        let patterns = &self.rules.lexicon.patterns;
        let of = |h: &&Hit| patterns[h.pattern].tier.is_none() && patterns[h.pattern].id == id && h.dropped.is_none();
        self.texts.iter().find_map(|t| t.hits.iter().find(of).map(|h| (t, h)))
    }

    /// A line of evidence for a hit.
    fn quote(&self, text: &Text<'_>, hit: &Hit) -> Quote {
        (context(text.text, hit.span, self.rules.parameters.context_chars as u32), text.record, hit.span)
    }

    fn note_reading(&mut self, rule: &str, id: &str) -> bool {
        let Some((shown, record, span)) = self.survives(id).map(|(t, h)| self.quote(t, h)) else { return false };
        let line = self.lines.note(rule, &shown);
        (line.record, line.span) = (Some(record), Some(span));
        true
    }

    /// T: the highest tier that survives, and the readings that bear on it.
    fn text_points(&mut self) -> Texts {
        let p = &self.rules.parameters;
        let patterns = &self.rules.lexicon.patterns;
        let mut texts = Texts::default();
        let takes_back = |id: &str| self.unless.iter().any(|u| u == id);
        texts.own_crash = self.survives(reading::OWN_CRASH).is_some() && !takes_back(reading::OWN_CRASH);
        let own_animal = self.own_animal();

        let mut tier_b = false;
        let mut kept: Vec<(Tier, usize, Quote)> = Vec::new();
        let mut lost: Vec<(usize, Quote)> = Vec::new();
        for text in &self.texts {
            for hit in &text.hits {
                let pattern = &patterns[hit.pattern];
                let Some(tier) = pattern.tier else { continue };
                if !self.has_family(&pattern.family) {
                    continue;
                }
                let (shown, record, span) = self.quote(text, hit);
                let reason = match &hit.dropped {
                    Some(word) => Some(word.as_str()),
                    // the home is read before these drops
                    None => {
                        tier_b |= tier == Tier::B;
                        if texts.own_crash {
                            Some("自損・単独事故")
                        } else if own_animal && pattern.tag == DOG {
                            Some("自分の飼い犬")
                        } else {
                            None
                        }
                    }
                };
                match reason {
                    Some(reason) => {
                        let word = slice(text.text, span);
                        lost.push((hit.pattern, (format!("{word}: 除外、{reason}（{shown}）"), record, span)));
                    }
                    None if !kept.iter().any(|k| k.1 == hit.pattern) => {
                        kept.push((tier, hit.pattern, (shown, record, span)));
                    }
                    None => {}
                }
            }
        }
        kept.sort_by_key(|k| (k.0, k.1));
        texts.tier = kept.first().map(|k| k.0);
        texts.points = match texts.tier {
            Some(Tier::A) => p.tier_a,
            Some(Tier::B) => p.tier_b,
            Some(Tier::C) => p.tier_c,
            None => 0,
        };
        let strong = kept.iter().filter(|k| k.0 != Tier::C).map(|k| patterns[k.1].id.as_str());
        let different = strong.collect::<std::collections::BTreeSet<_>>().len();
        let base = texts.points;
        for (i, (_, pattern, (shown, record, span))) in kept.iter().enumerate() {
            let points = if i == 0 { base } else { 0 };
            let line = self.lines.add(format!("T.{}", patterns[*pattern].id), points, shown);
            (line.record, line.span) = (Some(*record), Some(*span));
        }
        if different >= 2 {
            let plus = p.tier_plus.min(p.tier_plus_max - base).max(0);
            texts.points += plus;
            self.lines.add("T.plus", plus, format!("段階A・Bの{different}種"));
        }
        for (pattern, (shown, record, span)) in lost {
            let line = self.lines.note(&format!("T.{}", patterns[pattern].id), &shown);
            (line.record, line.span) = (Some(record), Some(span));
        }

        texts.home = tier_b && self.note_reading("R.home", reading::HOME);
        texts.work = self.note_reading("R.work", reading::WORK);
        texts.self_harm = self.note_reading("R.self_harm", reading::SELF_HARM);
        if texts.own_crash {
            self.note_reading("R.own_crash", reading::OWN_CRASH);
        }
        texts.restriction = self.survives(reading::RESTRICTION).is_some();
        texts
    }

    fn own_animal(&self) -> bool {
        self.survives(reading::OWN_ANIMAL).is_some() && !self.unless.iter().any(|u| u == reading::OWN_ANIMAL)
    }

    /// A disease of the family is there, or none is asked for.
    fn has_family(&self, needs: &str) -> bool {
        needs.is_empty() || self.diseases.has(needs)
    }

    /// A day of an ambulance record is near the onset of some disease.
    fn near_onset(&self, day: Date) -> bool {
        let days = self.rules.parameters.ambulance_days;
        let starts = self.input.diseases.iter().filter_map(|d| d.start);
        starts.map(Date::epoch_days).any(|start| (start - day.epoch_days()).abs() <= days)
    }

    /// Why a link has no effect on this claim.
    fn without_effect(&self, link: &Link) -> Option<&'static str> {
        if link.date.is_some_and(|day| !self.near_onset(day)) {
            Some("発症日から離れている")
        } else if !self.has_family(&link.needs) {
            Some("該当する傷病がない")
        } else if link.count.is_some_and(|n| i64::from(n) < i64::from(self.rules.parameters.cluster_persons)) {
            Some("人数が足りない")
        } else {
            None
        }
    }

    fn effect(&self, effect: Effect) -> Option<&'a Link> {
        self.input.links.iter().find(|l| l.effect == effect && self.without_effect(l).is_none())
    }

    fn carried_for_others(&self) -> bool {
        self.effect(Effect::ThirdParty).is_some()
    }

    /// L: the sum of what other records say; a deduction by an earlier answer counts with N.
    fn link_points(&mut self) -> i32 {
        let mut links: Vec<&Link> = self.input.links.iter().collect();
        links.sort_by(|a, b| a.text.cmp(&b.text));
        links.dedup();
        let mut sum = 0;
        for link in links {
            let rule = format!("L.{}", link.text.split([':', '@']).next().unwrap_or_default());
            match (self.without_effect(link), link.effect) {
                (Some(why), _) => {
                    self.lines.note(&rule, &format!("{}: 効果なし、{why}", link.name));
                }
                (None, Effect::ThirdParty | Effect::Points) => {
                    sum += link.points;
                    self.lines.add(rule, link.points, &link.name);
                }
                (None, Effect::None) => {
                    self.lines.note(&rule, &format!("{}: 効果なし", link.name));
                }
                // each has its own line
                (None, _) => {}
            }
        }
        sum
    }

    /// N: what speaks against another's act.
    fn deductions(&mut self, texts: &Texts) {
        let p = &self.rules.parameters;
        let strong = matches!(texts.tier, Some(Tier::A | Tier::B));
        let take = |this: &mut Self, id: &str, points: i32| {
            if let Some((shown, record, span)) = this.survives(id).map(|(t, h)| this.quote(t, h)) {
                let line = this.lines.add(format!("N.{id}"), points, shown);
                (line.record, line.span) = (Some(record), Some(span));
            }
        };
        if !strong {
            take(self, reading::SPORT, p.sport);
            take(self, reading::OWN_FALL, p.own_fall);
        }
        if self.own_animal() {
            take(self, reading::OWN_ANIMAL, p.own_animal);
        }
        take(self, reading::OTHER_PAYER, p.other_payer);
        if !strong {
            for f in procedures::find(self.rules, self.input.claim_month, self.codes()) {
                if f.points < 0 {
                    let line = self.lines.add(format!("N.{}", f.group), f.points, format!("{} {}", f.code, f.name));
                    line.record = Some(f.record);
                }
            }
        }
        if let Some(link) = self.effect(Effect::Answer)
            && !self.is_marked()
        {
            self.lines.add("N.answer", link.points, &link.name);
        }
    }

    fn is_marked(&self) -> bool {
        has_tokki(self.rules, self.input)
            || self.mark_comments().next().is_some()
            || self.effect(Effect::Marked).is_some()
    }

    fn mark_comments(&self) -> impl Iterator<Item = &'a Comment<'a>> {
        let marks = &self.rules.parameters.mark_comments;
        self.input.comments.iter().filter(move |c| marks.iter().any(|m| *m == c.code))
    }

    /// The marks with their lines.
    fn marked(&mut self) -> bool {
        if has_tokki(self.rules, self.input) {
            self.lines.note("R.mark", &format!("特記事項{}", self.rules.parameters.mark_tokki));
        }
        let mut comments: Vec<_> = self.mark_comments().map(|c| (&*c.code, c.record)).collect();
        comments.sort_unstable();
        for (code, record) in comments {
            self.lines.note("R.mark", &format!("コメント{code}")).record = Some(record);
        }
        let mut notices: Vec<&Link> = self.input.links.iter().filter(|l| l.effect == Effect::Marked).collect();
        notices.sort_by(|a, b| a.text.cmp(&b.text));
        for link in notices {
            self.lines.note("R.mark", &link.name);
        }
        self.is_marked()
    }

    /// 4.1: whatever route and score.
    fn hold(&mut self, texts: &Texts) -> bool {
        let before = self.lines.0.len();
        if let Some(d) = self.diseases.all.iter().find(|d| d.is(family::ABUSE)) {
            let (record, text) = (d.record, format!("{} {}", d.code, d.name));
            self.lines.note("R.hold", &text).record = Some(record);
        } else if self.diseases.has(family::ABUSE) {
            self.lines.note("R.hold", "傷病名に虐待");
        }
        if texts.home {
            self.lines.note("R.hold", "家族・交際相手による");
        }
        let mut links: Vec<&Link> = self.input.links.iter().filter(|l| l.effect == Effect::Hold).collect();
        links.sort_by(|a, b| a.text.cmp(&b.text));
        links.dedup();
        for link in links {
            self.lines.note("R.hold", &link.name);
        }
        self.lines.0.len() > before
    }

    /// 労災入院中 and the like as a code.
    fn work_comment(&mut self) -> bool {
        let codes = &self.rules.parameters.work_comments;
        let of_work = self.input.comments.iter().filter(|c| codes.iter().any(|w| *w == c.code));
        let Some((code, record)) = of_work.map(|c| (&*c.code, c.record)).min() else { return false };
        self.lines.note("R.work", &format!("コメント{code}")).record = Some(record);
        true
    }

    fn rosai(&mut self, work: bool) -> bool {
        if self.input.occupational {
            self.lines.note("R.work", "職務上の事由");
        }
        let needle = self.diseases.all.iter().find(|d| d.is(family::NEEDLE)).map(|d| format!("{} {}", d.code, d.name));
        if let Some(needle) = &needle {
            self.lines.note("R.needle", needle);
        }
        let carried = self.effect(Effect::Rosai);
        if let Some(link) = carried {
            self.lines.note("R.work", &link.name);
        }
        work || needle.is_some() || carried.is_some()
    }

    fn self_inflicted(&mut self, texts: &Texts) -> bool {
        let disease = self.diseases.has(family::SELF_HARM);
        if disease {
            let of = self.diseases.all.iter().find(|d| d.is(family::SELF_HARM));
            let shown = of.map_or("傷病名に自殺・自傷".to_owned(), |d| format!("{} {}", d.code, d.name));
            self.lines.note("R.self_harm", &shown);
        }
        let carried = self.effect(Effect::SelfInflicted);
        if let Some(link) = carried {
            self.lines.note("R.self_harm", &link.name);
        }
        disease || carried.is_some() || texts.self_harm || texts.own_crash
    }

    fn injuries(&self) -> Vec<Injury> {
        let mut injuries: Vec<Injury> = self
            .diseases
            .all
            .iter()
            .filter(|d| d.tenths > 0 || d.is(family::ABUSE))
            .filter_map(|d| {
                let region = if d.is(family::FOOD) { FOOD_REGION } else { d.region };
                Some(Injury { region: region.to_owned(), start: d.start? })
            })
            .collect();
        injuries.sort();
        injuries.dedup();
        injuries
    }
}

/// The group of `procedures.csv` that records when it happened.
const INJURY_DATE: &str = "P.injury_date";

pub(super) fn band(rules: &Rules, score: i32) -> Option<Band> {
    let p = &rules.parameters;
    match score {
        s if s >= p.band_a_at => Some(Band::A),
        s if s >= p.flag_at => Some(Band::B),
        s if s >= p.watch_at => Some(Band::Watch),
        _ => None,
    }
}

/// Characters of a text.
fn slice(text: &str, (start, end): (u32, u32)) -> String {
    text.chars().skip(start as usize).take((end - start) as usize).collect()
}

/// `…前後の文字…` with the hit in brackets.
fn context(text: &str, (start, end): (u32, u32), around: u32) -> String {
    let before = start.saturating_sub(around);
    let length = text.chars().count() as u32;
    let after = (end + around).min(length);
    let mut shown = String::new();
    if before > 0 {
        shown.push('…');
    }
    shown.push_str(&slice(text, (before, start)));
    shown.push('【');
    shown.push_str(&slice(text, (start, end)));
    shown.push('】');
    shown.push_str(&slice(text, (end, after)));
    if after < length {
        shown.push('…');
    }
    shown
}
