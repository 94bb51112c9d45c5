//! Episodes: the claims of one injury of one person (third-party.md 5.3), what they lend each other, and food clusters (3.4).
//!
//! Pure: the same claims and records give the same answer in whatever order they come. The caller scores the claims that
//! got links again, with [`Assigned::links`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tenken_parser::{Date, Kind, Month};

use super::{
    rules::Rules,
    score::{Band, FOOD_REGION, Injury, Outcome},
};

/// What an episode asks of a claim, of the new import or of a stored month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpisodeClaim {
    /// `claim_id` as a number
    pub claim: u64,
    /// key of the person, one over all owners
    pub person: String,
    /// `None`: counts as a household of one
    pub household: Option<String>,
    pub district: Option<String>,
    /// prefecture, score table and code of the institution as one number; 0 = not known
    pub provider: u64,
    /// 調剤: who prescribed; 0 = not known
    pub prescriber: u64,
    pub kind: Kind,
    /// 診療年月
    pub month: Month,
    /// regions that were hurt, with the start of each
    pub injuries: Vec<Injury>,
    /// 診療開始日 of every disease, listed or not
    pub starts: Vec<Date>,
    /// as it is without [`WATCH_LINK`]
    pub band: Option<Band>,
    /// as it is without [`HOLD_LINK`]
    pub hold: bool,
    /// every disease of the claim has ended (治ゆ, 死亡, 中止)
    pub ended: bool,
    /// the episode the store has it in
    pub episode_id: Option<String>,
}

impl EpisodeClaim {
    /// Takes over what an outcome says; what links of this module gave it before is left out.
    pub fn take(&mut self, rules: &Rules, outcome: &Outcome) {
        let given: i32 = outcome.evidence.iter().filter(|e| e.rule == EPISODE_RULE).map(|e| e.points).sum();
        self.band = super::score::band(rules, outcome.score - given);
        let own_hold = |e: &super::score::Evidence| e.rule == "R.hold" && e.text != rules.link_name(HOLD_LINK);
        self.hold = outcome.hold && outcome.evidence.iter().any(own_hold);
        self.injuries.clone_from(&outcome.injuries);
    }

    fn is_scored(&self) -> bool {
        !matches!(self.kind, Kind::Pharmacy | Kind::Nursing)
    }
}

/// The hold of another claim of the episode.
pub const HOLD_LINK: &str = "EPISODE:HOLD";
/// Two months or two providers under watch.
pub const WATCH_LINK: &str = "EPISODE:WATCH";
/// The rule of the evidence that [`WATCH_LINK`] gives.
const EPISODE_RULE: &str = "L.EPISODE";

/// A registered 求償 case (attribute 求償).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub person: String,
    /// 事故年月日
    pub accident: Date,
    /// the registered period; `None` = open
    pub until: Option<Date>,
}

/// A notice of another body, or an ambulance record, about a person and a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub person: String,
    pub date: Date,
    /// notice: 損保, 警察, 医療機関, 保健所; ambulance: 交通事故, 加害, 一般負傷 …
    pub word: String,
}

/// What is known beside the claims.
#[derive(Clone, Debug, Default)]
pub struct Records {
    pub cases: Vec<Case>,
    pub notices: Vec<Record>,
    pub ambulance: Vec<Record>,
    /// episodes of which the insured answered that it was no third party
    pub answered_no: BTreeSet<String>,
}

/// What a claim belongs to, and the links that follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    pub claim: u64,
    /// 16 hex digits over person, region and start
    pub episode_id: Option<String>,
    /// as `links` writes them
    pub links: Vec<String>,
}

/// An episode under construction.
#[derive(Debug)]
struct Episode {
    region: String,
    /// the accident: the earliest start
    anchor: Date,
    regions: BTreeSet<String>,
    starts: BTreeSet<Date>,
    /// claims of one course of treatment each, in order; another begins after the end or a long silence
    courses: Vec<Vec<usize>>,
    held: bool,
}

/// Joins claims into episodes. Claims without an episode and without links are left out; the rest comes in order of `claim`.
pub fn assign(rules: &Rules, claims: &[EpisodeClaim], records: &Records) -> Vec<Assigned> {
    let mut persons: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, c) in claims.iter().enumerate() {
        persons.entry(&c.person).or_default().push(i);
    }
    let mut out: BTreeMap<u64, Assigned> = BTreeMap::new();
    for (person, mut own) in persons {
        own.sort_by_key(|i| (claims[*i].month, claims[*i].claim));
        Person { rules, claims, own: &own, person, records }.assign(&mut out);
    }
    for (claim, n) in clusters(rules, claims) {
        let entry = out.entry(claim).or_insert(Assigned { claim, episode_id: None, links: Vec::new() });
        entry.links.push(format!("CLUSTER:FOOD:{n}"));
    }
    out.into_values()
        .filter(|a| a.episode_id.is_some() || !a.links.is_empty())
        .map(|mut a| {
            a.links.sort();
            a.links.dedup();
            a
        })
        .collect()
}

struct Person<'e> {
    rules: &'e Rules,
    claims: &'e [EpisodeClaim],
    /// this person's claims by month
    own: &'e [usize],
    person: &'e str,
    records: &'e Records,
}

/// The episodes and courses that a claim speaks of, by index of the claim.
type Courses = HashMap<usize, Vec<(usize, usize)>>;

/// Hex digits of an episode's id.
const ID_DIGITS: usize = 16;

fn days_between(a: Date, b: Date) -> i32 {
    (a.epoch_days() - b.epoch_days()).abs()
}

impl Person<'_> {
    fn assign(&self, out: &mut BTreeMap<u64, Assigned>) {
        let mut episodes = self.episodes();
        // claim -> episode, course; a claim may speak of several
        let mut of_claim = Courses::new();
        for (e, episode) in episodes.iter_mut().enumerate() {
            self.courses(episode);
            for (course, members) in episode.courses.iter().enumerate() {
                members.iter().for_each(|i| of_claim.entry(*i).or_default().push((e, course)));
            }
        }
        self.attach(&mut episodes, &mut of_claim);
        // a hold goes from claim to episode to claim until nothing more is held
        let mut spread = true;
        while spread {
            spread = false;
            for e in 0..episodes.len() {
                let has_held =
                    |i: &usize| self.claims[*i].hold || of_claim[i].iter().any(|(other, _)| episodes[*other].held);
                if !episodes[e].held && episodes[e].courses.iter().flatten().any(has_held) {
                    episodes[e].held = true;
                    spread = true;
                }
            }
        }
        let ids = self.ids(&episodes, &of_claim);
        for i in self.own {
            let c = &self.claims[*i];
            let mine = of_claim.get(i).map(Vec::as_slice).unwrap_or_default();
            // the newest injury names the claim, a held one first
            let named = mine.iter().max_by_key(|(e, course)| {
                let e = &episodes[*e];
                (e.held, e.anchor, &e.region, *course)
            });
            let episode_id = named.map(|(e, course)| ids[*e][*course].clone());
            let mut links = Vec::new();
            if !c.hold && mine.iter().any(|(e, _)| episodes[*e].held) {
                links.push(HOLD_LINK.to_owned());
            }
            if mine.iter().any(|(e, course)| self.is_watched(c, &episodes[*e].courses[*course])) {
                links.push(WATCH_LINK.to_owned());
            }
            if mine.iter().any(|(e, course)| self.records.answered_no.contains(&ids[*e][*course])) {
                links.push("ANSWER:NO".to_owned());
            }
            let in_episodes: Vec<&Episode> = mine.iter().map(|(e, _)| &episodes[*e]).collect();
            self.records_of(c, &in_episodes, &mut links);
            out.insert(c.claim, Assigned { claim: c.claim, episode_id, links });
        }
    }

    /// Injuries by start: same region within the days of an episode, or the same day.
    fn episodes(&self) -> Vec<Episode> {
        let mut by_start: BTreeMap<(Date, bool), BTreeSet<&str>> = BTreeMap::new();
        for i in self.own.iter().filter(|i| self.claims[**i].is_scored()) {
            for injury in &self.claims[*i].injuries {
                let food = injury.region == FOOD_REGION;
                by_start.entry((injury.start, food)).or_default().insert(&injury.region);
            }
        }
        let mut episodes: Vec<Episode> = Vec::new();
        for ((start, _), regions) in by_start {
            let near = |e: &&mut Episode| {
                days_between(start, e.anchor) <= self.rules.parameters.episode_days
                    && regions.iter().any(|r| e.regions.contains(*r))
            };
            if let Some(episode) = episodes.iter_mut().find(near) {
                episode.regions.extend(regions.iter().map(|r| (*r).to_owned()));
                episode.starts.insert(start);
                continue;
            }
            episodes.push(Episode {
                region: regions.first().map_or_else(String::new, |r| (*r).to_owned()),
                anchor: start,
                regions: regions.iter().map(|r| (*r).to_owned()).collect(),
                starts: BTreeSet::from([start]),
                courses: Vec::new(),
                held: false,
            });
        }
        episodes
    }

    /// A claim speaks of an episode: by an injury of it, or by a disease that began on one of its days.
    fn speaks_of(&self, c: &EpisodeClaim, episode: &Episode) -> bool {
        let food = episode.region == FOOD_REGION;
        let injury = |i: &Injury| (i.region == FOOD_REGION) == food && episode.starts.contains(&i.start);
        let listed = |start: &Date| c.injuries.iter().any(|i| i.start == *start);
        let same_day = |start: &Date| !food && episode.starts.contains(start) && !listed(start);
        c.is_scored() && (c.injuries.iter().any(injury) || c.starts.iter().any(same_day))
    }

    /// Divides the claims of an episode where it was closed: all its diseases ended, or months without a claim.
    fn courses(&self, episode: &mut Episode) {
        let silence = self.rules.parameters.episode_months;
        let mut last: Option<Month> = None;
        // the last word of each provider
        let mut ended: BTreeMap<u64, bool> = BTreeMap::new();
        let members: Vec<usize> =
            self.own.iter().copied().filter(|i| self.speaks_of(&self.claims[*i], episode)).collect();
        let of_month = |a: &usize, b: &usize| self.claims[*a].month == self.claims[*b].month;
        for group in members.chunk_by(of_month) {
            let month = self.claims[group[0]].month;
            let silent = last.is_some_and(|l| month.index() - l.index() > silence);
            let closed = !ended.is_empty() && ended.values().all(|e| *e);
            if last.is_none() || silent || closed {
                episode.courses.push(Vec::new());
                ended.clear();
            }
            let mut of_provider: BTreeMap<u64, bool> = BTreeMap::new();
            for i in group {
                let c = &self.claims[*i];
                *of_provider.entry(c.provider).or_insert(true) &= c.ended;
            }
            ended.extend(of_provider);
            last = Some(month);
            if let Some(course) = episode.courses.last_mut() {
                course.extend_from_slice(group);
            }
        }
    }

    /// 調剤 by prescriber and month, 訪問看護 by the person while an episode is open.
    fn attach(&self, episodes: &mut [Episode], of_claim: &mut Courses) {
        let silence = self.rules.parameters.episode_months;
        let mut found = Vec::new();
        for i in self.own {
            let c = &self.claims[*i];
            for (e, episode) in episodes.iter().enumerate() {
                for (course, members) in episode.courses.iter().enumerate() {
                    let belongs = match c.kind {
                        Kind::Pharmacy => members
                            .iter()
                            .map(|m| &self.claims[*m])
                            .any(|m| c.prescriber != 0 && m.provider == c.prescriber && m.month == c.month),
                        Kind::Nursing => self.is_open(members, c.month, silence),
                        _ => false,
                    };
                    if belongs {
                        found.push((*i, e, course));
                    }
                }
            }
        }
        for (i, e, course) in found {
            episodes[e].courses[course].push(i);
            of_claim.entry(i).or_default().push((e, course));
        }
    }

    /// From the first claim to the end of all diseases, or to the months of silence after the last claim.
    fn is_open(&self, members: &[usize], month: Month, silence: i32) -> bool {
        let scored = || members.iter().map(|m| &self.claims[*m]).filter(|m| m.is_scored());
        let (Some(first), Some(last)) = (scored().map(|m| m.month).min(), scored().map(|m| m.month).max()) else {
            return false;
        };
        let ended = scored().filter(|m| m.month == last).all(|m| m.ended);
        let until = if ended { last } else { last.plus(silence) };
        first <= month && month <= until
    }

    /// Band WATCH, and up to its month two such months or two providers in the course.
    fn is_watched(&self, c: &EpisodeClaim, course: &[usize]) -> bool {
        if c.band != Some(Band::Watch) {
            return false;
        }
        let p = &self.rules.parameters;
        let before = || course.iter().map(|i| &self.claims[*i]).filter(|o| o.is_scored() && o.month <= c.month);
        let months: BTreeSet<Month> = before().filter(|o| o.band == Some(Band::Watch)).map(|o| o.month).collect();
        let providers: BTreeSet<u64> = before().map(|o| o.provider).filter(|p| *p != 0).collect();
        let reaches = |n: usize, least: i32| n as i64 >= i64::from(least);
        reaches(months.len(), p.watch_months) || reaches(providers.len(), p.watch_providers)
    }

    /// The id of each course: the stored one of its earliest claim that speaks of nothing else, else one over person, region
    /// and start. No two courses share one.
    fn ids(&self, episodes: &[Episode], of_claim: &Courses) -> Vec<Vec<String>> {
        let mut used: BTreeSet<String> = BTreeSet::new();
        let mut ids = Vec::with_capacity(episodes.len());
        for episode in episodes {
            let mut of_episode = Vec::with_capacity(episode.courses.len());
            for (n, members) in episode.courses.iter().enumerate() {
                let alone = members.iter().filter(|i| of_claim[*i].len() == 1).map(|i| &self.claims[*i]);
                let stored = alone
                    .filter(|c| c.is_scored())
                    .filter_map(|c| Some((c.month, c.claim, c.episode_id.as_ref()?)))
                    .min()
                    .filter(|(_, _, id)| !used.contains(*id));
                let id = stored.map_or_else(|| self.new_id(episode, n), |(_, _, id)| id.clone());
                used.insert(id.clone());
                of_episode.push(id);
            }
            ids.push(of_episode);
        }
        ids
    }

    fn new_id(&self, episode: &Episode, course: usize) -> String {
        let again = if course == 0 { String::new() } else { format!("|{}", course + 1) };
        let key = format!("{}|{}|{}{again}", self.person, episode.region, episode.anchor);
        blake3::hash(key.as_bytes()).to_hex()[..ID_DIGITS].to_owned()
    }

    /// Links from registered cases, notices and ambulance records.
    fn records_of(&self, c: &EpisodeClaim, episodes: &[&Episode], links: &mut Vec<String>) {
        let p = &self.rules.parameters;
        let near = |date: Date, days: i32| {
            let own = || c.starts.iter().chain(c.injuries.iter().map(|i| &i.start)).copied();
            let of_episodes = || episodes.iter().map(|e| e.anchor);
            own().any(|s| days_between(s, date) <= days) || of_episodes().any(|s| days_between(s, date) <= days)
        };
        for case in self.records.cases.iter().filter(|k| k.person == self.person) {
            let inside = case.accident <= c.month.last_day() && case.until.is_none_or(|u| u >= c.month.first_day());
            if inside && near(case.accident, p.episode_days) {
                links.push("CASE:OPEN".to_owned());
            }
        }
        if !c.is_scored() {
            return;
        }
        for notice in self.records.notices.iter().filter(|n| n.person == self.person) {
            if near(notice.date, p.episode_days) && notice.date <= c.month.last_day() {
                links.push(format!("NOTICE:{}", notice.word));
            }
        }
        for record in self.records.ambulance.iter().filter(|r| r.person == self.person) {
            let onset = |s: &Date| days_between(*s, record.date) <= p.ambulance_days;
            if c.starts.iter().chain(c.injuries.iter().map(|i| &i.start)).any(onset) {
                links.push(format!("AMB:{}@{}", record.word, record.date));
            }
        }
    }
}

/// Food poisoning: for each such claim the number of insured, of at least two households, with an onset within the days of a
/// cluster of its own, in the same district or at the same provider.
fn clusters(rules: &Rules, claims: &[EpisodeClaim]) -> Vec<(u64, usize)> {
    let p = &rules.parameters;
    let mut ill: Vec<(i32, &EpisodeClaim)> = Vec::new();
    for c in claims.iter().filter(|c| c.is_scored()) {
        let starts = c.injuries.iter().filter(|i| i.region == FOOD_REGION).map(|i| i.start.epoch_days());
        ill.extend(starts.map(|s| (s, c)));
    }
    ill.sort_by_key(|(start, c)| (*start, c.claim));
    let mut found: BTreeMap<u64, usize> = BTreeMap::new();
    for (start, c) in &ill {
        let from = ill.partition_point(|(s, _)| *s < start - p.cluster_days);
        let to = ill.partition_point(|(s, _)| *s <= start + p.cluster_days);
        let together = |o: &EpisodeClaim| {
            (c.provider != 0 && o.provider == c.provider) || (c.district.is_some() && o.district == c.district)
        };
        let (mut persons, mut households) = (BTreeSet::new(), BTreeSet::new());
        for (_, o) in ill[from..to].iter().filter(|(_, o)| o.claim == c.claim || together(o)) {
            persons.insert(o.person.as_str());
            households.insert(o.household.as_deref().unwrap_or(&o.person));
        }
        if persons.len() as i64 >= i64::from(p.cluster_persons) && households.len() >= 2 {
            let n = found.entry(c.claim).or_default();
            *n = persons.len().max(*n);
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> Date {
        super::super::table::iso_date(text).unwrap()
    }

    /// `1 A 2026-05 P1 neck@2026-05-03,trunk@2026-05-03 +2026-05-03 WATCH hold ended district=d household=h by=P2 id=x`:
    /// claim, person, month, provider; then in any order injuries, further starts (`+`), band and the rest.
    fn claim(text: &str) -> EpisodeClaim {
        let mut words = text.split_whitespace();
        let mut next = || words.next().unwrap();
        let provider = |t: &str| t[1..].parse().unwrap();
        let mut c = EpisodeClaim {
            claim: next().parse().unwrap(),
            person: next().to_owned(),
            household: None,
            district: None,
            month: Month::parse_iso(next()).unwrap(),
            provider: provider(next()),
            prescriber: 0,
            kind: Kind::Medical,
            injuries: Vec::new(),
            starts: Vec::new(),
            band: None,
            hold: false,
            ended: false,
            episode_id: None,
        };
        for word in text.split_whitespace().skip(4) {
            match word {
                "WATCH" => c.band = Some(Band::Watch),
                "B" => c.band = Some(Band::B),
                "hold" => c.hold = true,
                "ended" => c.ended = true,
                "pharmacy" => c.kind = Kind::Pharmacy,
                "nursing" => c.kind = Kind::Nursing,
                _ => match (word.split_once('='), word.strip_prefix('+')) {
                    (Some(("district", d)), _) => c.district = Some(d.to_owned()),
                    (Some(("household", h)), _) => c.household = Some(h.to_owned()),
                    (Some(("by", p)), _) => c.prescriber = provider(p),
                    (Some(("id", id)), _) => c.episode_id = Some(id.to_owned()),
                    (_, Some(start)) => c.starts.push(date(start)),
                    _ => {
                        for injury in word.split(',') {
                            let (region, start) = injury.split_once('@').unwrap();
                            c.injuries.push(Injury { region: region.to_owned(), start: date(start) });
                            c.starts.push(date(start));
                        }
                    }
                },
            }
        }
        c
    }

    fn claims(text: &str) -> Vec<EpisodeClaim> {
        text.lines().map(str::trim).filter(|l| !l.is_empty()).map(claim).collect()
    }

    /// Which claims share an episode (`1 2 | 3`), and their links (`2:EPISODE:HOLD`).
    fn shown(assigned: &[Assigned]) -> (String, Vec<String>) {
        let mut episodes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for a in assigned {
            if let Some(id) = &a.episode_id {
                episodes.entry(id).or_default().push(a.claim.to_string());
            }
        }
        let mut groups: Vec<String> = episodes.into_values().map(|g| g.join(" ")).collect();
        groups.sort();
        let links = assigned.iter().flat_map(|a| a.links.iter().map(|l| format!("{}:{l}", a.claim))).collect();
        (groups.join(" | "), links)
    }

    fn is_with(text: &str, records: &Records, groups: &str, links: &[&str]) {
        let mut all = claims(text);
        let got = shown(&assign(Rules::embedded(), &all, records));
        assert_eq!(
            (got.0.as_str(), got.1.iter().map(String::as_str).collect::<Vec<_>>()),
            (groups, links.to_vec()),
            "{text}"
        );
        all.reverse();
        assert_eq!(shown(&assign(Rules::embedded(), &all, records)), got);
    }

    fn is(text: &str, groups: &str, links: &[&str]) {
        is_with(text, &Records::default(), groups, links);
    }

    #[test]
    fn what_belongs_together() {
        // same region within 31 days, any provider; another person is another episode
        is(
            "1 A 2026-05 P1 neck@2026-05-03\n2 A 2026-06 P2 neck@2026-06-02\n3 B 2026-05 P1 neck@2026-05-03",
            "1 2 | 3",
            &[],
        );
        // one day more
        is("1 A 2026-05 P1 neck@2026-05-03\n2 A 2026-06 P2 neck@2026-06-04", "1 | 2", &[]);
        // another region on the same day, and one on another
        is(
            "1 A 2026-05 P1 neck@2026-05-03\n2 A 2026-05 P2 leg@2026-05-03\n3 A 2026-05 P2 hand@2026-05-04",
            "1 2 | 3",
            &[],
        );
        // a disease that is not listed but began that day; one of years ago
        is("1 A 2026-05 P1 neck@2026-05-03\n2 A 2026-05 P2 +2026-05-03\n3 A 2026-05 P3 +2020-01-01", "1 2", &[]);
        // food stands apart
        is("1 A 2026-05 P1 neck@2026-05-03\n2 A 2026-05 P2 food@2026-05-03", "1 | 2", &[]);
        // two open at once, the claim of both is named by the newer
        is(
            "1 A 2026-01 P1 neck@2026-01-05\n2 A 2026-03 P1 neck@2026-01-05,neck@2026-03-01\n3 A 2026-04 P1 neck@2026-03-01",
            "1 | 2 3",
            &[],
        );
    }

    #[test]
    fn what_closes_an_episode() {
        // six months without a claim, seven
        is("1 A 2026-01 P1 neck@2026-01-05\n2 A 2026-07 P1 neck@2026-01-05", "1 2", &[]);
        is("1 A 2026-01 P1 neck@2026-01-05\n2 A 2026-08 P1 neck@2026-01-05", "1 | 2", &[]);
        // all diseases ended, of one provider only
        is("1 A 2026-01 P1 neck@2026-01-05 ended\n2 A 2026-02 P1 neck@2026-01-05", "1 | 2", &[]);
        is(
            "1 A 2026-01 P1 neck@2026-01-05 ended\n2 A 2026-01 P2 neck@2026-01-05\n3 A 2026-02 P1 neck@2026-01-05",
            "1 2 3",
            &[],
        );
    }

    #[test]
    fn pharmacies_and_nurses() {
        is(
            "1 A 2026-05 P1 neck@2026-05-03
             2 A 2026-05 P8 pharmacy by=P1
             3 A 2026-06 P8 pharmacy by=P1
             4 A 2026-05 P8 pharmacy by=P2
             5 A 2026-06 P9 nursing
             6 A 2026-04 P9 nursing
             7 A 2026-12 P9 nursing
             8 B 2026-05 P8 pharmacy by=P1",
            "1 2 5",
            &[],
        );
        is("1 A 2026-05 P1 neck@2026-05-03 ended\n2 A 2026-05 P9 nursing\n3 A 2026-06 P9 nursing", "1 2", &[]);
    }

    #[test]
    fn a_hold_spreads() {
        is(
            "1 A 2026-05 P1 T74@2026-05-03 hold
             2 A 2026-05 P2 neck@2026-05-03
             3 A 2026-05 P8 pharmacy by=P2
             4 A 2026-06 P9 nursing
             5 A 2026-09 P1 hand@2026-09-03
             6 B 2026-05 P1 neck@2026-05-03",
            "1 2 3 4 | 5 | 6",
            &["2:EPISODE:HOLD", "3:EPISODE:HOLD", "4:EPISODE:HOLD"],
        );
        // after the end as well: only a decision ends it; and over a claim of both injuries
        is("1 A 2026-01 P1 neck@2026-01-05 hold ended\n2 A 2026-02 P1 neck@2026-01-05", "1 | 2", &["2:EPISODE:HOLD"]);
        is(
            "1 A 2026-01 P1 neck@2026-01-05 hold\n2 A 2026-03 P1 neck@2026-01-05,hand@2026-03-01\n3 A 2026-03 P2 hand@2026-03-01",
            "1 | 2 3",
            &["2:EPISODE:HOLD", "3:EPISODE:HOLD"],
        );
    }

    #[test]
    fn watch_grows() {
        is("1 A 2026-05 P1 neck@2026-05-03 WATCH", "1", &[]);
        // two months: from the second on
        is("1 A 2026-05 P1 neck@2026-05-03 WATCH\n2 A 2026-06 P1 neck@2026-05-03 WATCH", "1 2", &["2:EPISODE:WATCH"]);
        // two providers in one month
        is(
            "1 A 2026-05 P1 neck@2026-05-03 WATCH\n2 A 2026-05 P2 neck@2026-05-03 WATCH",
            "1 2",
            &["1:EPISODE:WATCH", "2:EPISODE:WATCH"],
        );
        // another injury is another matter; a pharmacy is no provider; what is above needs no help
        is("1 A 2026-05 P1 neck@2026-05-03 WATCH\n2 A 2026-08 P2 neck@2026-08-03 WATCH", "1 | 2", &[]);
        is("1 A 2026-05 P1 neck@2026-05-03 WATCH\n2 A 2026-05 P8 pharmacy by=P1", "1 2", &[]);
        is("1 A 2026-05 P1 neck@2026-05-03 B\n2 A 2026-06 P1 neck@2026-05-03 B", "1 2", &[]);
    }

    #[test]
    fn food_clusters() {
        let n = |links: &[&str], text: &str| {
            let got = shown(&assign(Rules::embedded(), &claims(text), &Records::default())).1;
            assert_eq!(got, links, "{text}");
        };
        n(
            &["1:CLUSTER:FOOD:3", "2:CLUSTER:FOOD:3", "3:CLUSTER:FOOD:3"],
            "1 A 2026-05 P1 food@2026-05-18 district=d household=1
             2 B 2026-05 P2 food@2026-05-20 district=d household=2
             3 C 2026-05 P1 food@2026-05-18 district=d household=3
             4 D 2026-05 P3 food@2026-05-18 district=e household=4
             5 E 2026-05 P2 A05@2026-05-20 district=d household=5",
        );
        // one household, eight days, another place
        n(&[], "1 A 2026-05 P1 food@2026-05-18 household=1\n2 B 2026-05 P1 food@2026-05-18 household=1");
        n(&[], "1 A 2026-05 P1 food@2026-05-18\n2 B 2026-05 P1 food@2026-05-26");
        n(&["1:CLUSTER:FOOD:2", "2:CLUSTER:FOOD:2"], "1 A 2026-05 P1 food@2026-05-18\n2 B 2026-05 P1 food@2026-05-25");
        n(&[], "1 A 2026-05 P1 food@2026-05-18\n2 B 2026-05 P2 food@2026-05-18");
        n(&[], "1 A 2026-05 P1 food@2026-05-18\n2 A 2026-05 P1 food@2026-05-19");
    }

    #[test]
    fn cases_answers_notices_ambulances() {
        let record = |day: &str, word: &str| Record { person: "A".into(), date: date(day), word: word.into() };
        let text = "1 A 2026-02 P1 neck@2026-02-03
                    2 A 2026-03 P8 pharmacy by=P1
                    3 A 2026-03 P1 neck@2026-02-03
                    4 A 2026-03 P4 +2021-01-01
                    5 A 2026-08 P1 hand@2026-08-01
                    6 B 2026-02 P1 neck@2026-02-03";
        let cases = |until: Option<&str>| Records {
            cases: vec![Case { person: "A".into(), accident: date("2026-02-01"), until: until.map(date) }],
            ..Records::default()
        };
        is_with(text, &cases(None), "1 2 3 | 5 | 6", &["1:CASE:OPEN", "2:CASE:OPEN", "3:CASE:OPEN"]);
        is_with(text, &cases(Some("2026-02-28")), "1 2 3 | 5 | 6", &["1:CASE:OPEN"]);
        let all = claims(text);
        let id = assign(Rules::embedded(), &all, &Records::default())[0].episode_id.clone().unwrap();
        let answered = Records { answered_no: BTreeSet::from([id]), ..Records::default() };
        is_with(text, &answered, "1 2 3 | 5 | 6", &["1:ANSWER:NO", "2:ANSWER:NO", "3:ANSWER:NO"]);
        let told = Records {
            notices: vec![record("2026-02-04", "損保")],
            ambulance: vec![record("2026-08-02", "交通事故"), record("2026-02-05", "加害")],
            ..Records::default()
        };
        let links = ["1:NOTICE:損保", "3:NOTICE:損保", "5:AMB:交通事故@2026-08-02"];
        is_with(text, &told, "1 2 3 | 5 | 6", &links);
        for link in links {
            super::super::Link::parse(Rules::embedded(), &link[2..]).unwrap();
        }
    }

    #[test]
    fn ids_stay() {
        let all = claims("1 A 2026-05 P1 neck@2026-05-20\n2 A 2026-06 P1 neck@2026-06-10");
        let before = assign(Rules::embedded(), &all, &Records::default());
        assert_eq!(before[0].episode_id, before[1].episode_id);
        // a claim with an earlier start and another region arrives late
        let mut more = all.clone();
        for (c, a) in more.iter_mut().zip(&before) {
            c.episode_id.clone_from(&a.episode_id);
        }
        more.push(claim("3 A 2026-06 P2 head@2026-05-20"));
        let after = assign(Rules::embedded(), &more, &Records::default());
        assert!(after.iter().all(|a| a.episode_id == before[0].episode_id));
        // an earlier start divides them: the id stays with the earlier
        more[2] = claim("3 A 2026-05 P2 neck@2026-05-05");
        let after = assign(Rules::embedded(), &more, &Records::default());
        assert_eq!(after[0].episode_id, before[0].episode_id);
        assert_eq!(after[2].episode_id, before[0].episode_id);
        assert_ne!(after[1].episode_id, before[0].episode_id);
    }

    fn any_claims() -> impl Strategy<Value = Vec<EpisodeClaim>> {
        let one =
            (0..3u8, 0..14i32, 1..4u64, prop::collection::vec((0..4usize, 0..60i32), 0..3), any::<[bool; 3]>(), 0..6u8);
        prop::collection::vec(one, 0..10).prop_map(|rows| {
            rows.into_iter()
                .zip(1u64..)
                .map(|((person, month, provider, injuries, [hold, ended, watch], kind), claim)| {
                    let start = |d: i32| Date::from_epoch_days(date("2026-01-01").epoch_days() + 3 * d).unwrap();
                    let injuries: Vec<Injury> = injuries
                        .into_iter()
                        .map(|(r, d)| Injury { region: ["neck", "hand", "T74", "food"][r].into(), start: start(d) })
                        .collect();
                    let kind = [Kind::Pharmacy, Kind::Nursing, Kind::Dental].get(usize::from(kind)).copied();
                    EpisodeClaim {
                        claim,
                        person: ["A", "B", "C"][usize::from(person)].into(),
                        household: None,
                        district: Some("d".into()),
                        provider,
                        prescriber: provider % 3 + 1,
                        kind: kind.unwrap_or(Kind::Medical),
                        month: Month::parse_iso("2026-01").unwrap().plus(month),
                        starts: injuries.iter().map(|i| i.start).collect(),
                        injuries: if matches!(kind, Some(Kind::Pharmacy | Kind::Nursing)) {
                            Vec::new()
                        } else {
                            injuries
                        },
                        band: watch.then_some(Band::Watch),
                        hold,
                        ended,
                        episode_id: None,
                    }
                })
                .collect()
        })
    }

    proptest! {
        /// Order changes nothing; storing the answer and asking again gives it again; a hold reaches every claim of its
        /// episode; the links are known.
        #[test]
        fn order_and_repetition(claims in any_claims(), turn in any::<prop::sample::Index>()) {
            let rules = Rules::embedded();
            let first = assign(rules, &claims, &Records::default());
            let mut turned = claims.clone();
            if !turned.is_empty() {
                turned.rotate_left(turn.index(claims.len()));
            }
            prop_assert_eq!(&assign(rules, &turned, &Records::default()), &first);
            let mut stored = claims.clone();
            for c in &mut stored {
                c.episode_id = first.iter().find(|a| a.claim == c.claim).and_then(|a| a.episode_id.clone());
            }
            prop_assert_eq!(&assign(rules, &stored, &Records::default()), &first);
            let held = |id: &u64| {
                claims.iter().any(|c| c.claim == *id && c.hold)
                    || first.iter().any(|a| a.claim == *id && a.links.iter().any(|l| l == HOLD_LINK))
            };
            for a in &first {
                for link in &a.links {
                    prop_assert!(super::super::Link::parse(rules, link).is_ok(), "{}", link);
                }
                for b in first.iter().filter(|b| b.episode_id.is_some() && b.episode_id == a.episode_id) {
                    prop_assert_eq!(held(&a.claim), held(&b.claim));
                }
            }
        }
    }
}
