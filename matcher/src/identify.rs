//! 本人特定: the tiers T1 to T6 (eligibility-rules.md, E1xx).
//!
//! The first tier with one hit decides. A tie goes to the next tier inside the tied persons; it stands when none
//! decides (decision 24). Which keys were equal strictly and which loosely is kept as evidence.

use std::cell::OnceCell;

use tenken_parser::Date;

use crate::{
    facts::ClaimFacts,
    keys::{self, Likeness, NameKey, RawText},
    registry::{
        OwnerRegistry, PersonView,
        compact::{PeriodRow, PersonNo},
    },
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// 保険者番号 + 記号 + 番号 + 枝番 + 生年月日
    T1,
    /// 保険者番号 + 記号 + 番号 + 生年月日 + 性別
    T2,
    /// the identifiers of SN
    T3,
    /// 記号 + 番号 + カナ
    T4,
    /// 生年月日 + 性別 + カナ
    T5,
    /// 漢字 with wildcards + 生年月日
    T6,
}

impl Tier {
    pub fn code(self) -> &'static str {
        ["T1", "T2", "T3", "T4", "T5", "T6"][self as usize]
    }

    /// What was equal, in Japanese.
    pub fn title(self) -> &'static str {
        match self {
            Self::T1 => "保険者番号・記号・番号・枝番・生年月日",
            Self::T2 => "保険者番号・記号・番号・生年月日・性別",
            Self::T3 => "資格確認(SN)の記号・番号と生年月日",
            Self::T4 => "記号・番号・氏名カナ",
            Self::T5 => "生年月日・性別・氏名カナ",
            Self::T6 => "生年月日・漢字氏名（伏字を含む）",
        }
    }
}

/// Who a claim is about.
pub struct Identified<'r> {
    pub person: Option<PersonView<'r>>,
    pub tier: Option<Tier>,
    /// the person's latest row with the number of the claim
    pub row: Option<&'r PeriodRow>,
    /// how the number of the claim is like the row's
    pub number: Likeness,
    /// how the name is like one of the person's names; `None` when the claim has none
    pub name: Option<Likeness>,
    /// persons that no tier could tell apart
    pub tied: Vec<PersonView<'r>>,
    /// rows under the number of the claim
    rows: Vec<&'r PeriodRow>,
    registry: &'r OwnerRegistry,
}

impl<'r> Identified<'r> {
    /// Whether any card has the number of the claim.
    pub fn number_known(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Persons under the number of the claim.
    pub fn members(&self) -> Vec<PersonView<'r>> {
        let mut all: Vec<PersonNo> = self.rows.iter().map(|r| r.person).collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(|no| self.registry.person(no)).collect()
    }
}

/// Names of a claim as keys, built when first asked for.
struct Names<'a> {
    kana: Option<RawText<'a>>,
    kanji: Option<RawText<'a>>,
    kana_key: OnceCell<NameKey>,
    kanji_key: OnceCell<NameKey>,
}

/// Parts of a name, for foreign names whose order and middle names vary.
fn tokens(text: Option<RawText<'_>>) -> Vec<String> {
    text.map(|t| keys::tokens(&t.text())).unwrap_or_default()
}

impl Names<'_> {
    fn kana(&self) -> &NameKey {
        self.kana_key.get_or_init(|| self.kana.map(keys::kana_key_of).unwrap_or_default())
    }

    fn kanji(&self) -> &NameKey {
        self.kanji_key.get_or_init(|| self.kanji.map(|t| keys::kanji_key(&t.text())).unwrap_or_default())
    }

    fn is_empty(&self) -> bool {
        (self.kana.is_none() || self.kana().is_empty()) && (self.kanji.is_none() || self.kanji().is_empty())
    }

    fn kana_like(&self, p: PersonView<'_>) -> Likeness {
        if self.kana.is_none() { Likeness::Different } else { p.kana_likeness(self.kana(), &|| tokens(self.kana)) }
    }

    fn kanji_like(&self, p: PersonView<'_>) -> Likeness {
        if self.kanji.is_none() { Likeness::Different } else { p.kanji_likeness(self.kanji(), &|| tokens(self.kanji)) }
    }

    /// Kana or kanji.
    fn like(&self, p: PersonView<'_>) -> Likeness {
        match self.kana_like(p) {
            Likeness::Strict => Likeness::Strict,
            kana => kana.max(self.kanji_like(p)),
        }
    }

    /// Kana, or kanji where the claim has no kana.
    fn kana_or_kanji(&self, p: PersonView<'_>) -> Likeness {
        if self.kana.is_none() || self.kana().is_empty() { self.kanji_like(p) } else { self.kana_like(p) }
    }
}

/// 記号・番号 of a claim as keys, and the rows under it.
struct Card<'r> {
    likeness: Likeness,
    rows: Vec<&'r PeriodRow>,
}

impl<'r> Card<'r> {
    fn find(
        registry: &'r OwnerRegistry,
        kigo: Option<RawText<'_>>,
        bango: Option<RawText<'_>>,
        edaban: Option<u8>,
    ) -> Self {
        let kigo = kigo.map(|t| keys::number_key(&t.text())).unwrap_or_default();
        let written = bango.map(RawText::text).unwrap_or_default();
        let bango = keys::number_key(&written);
        if bango.is_empty() {
            return Self { likeness: Likeness::Different, rows: Vec::new() };
        }
        let (likeness, rows) = registry.cards(&kigo, &bango);
        if rows.is_empty()
            && let Some((bango, branch)) = keys::split_branch(&written)
        {
            // the known branch is that of the claim, else that of the row
            let (likeness, rows) = registry.cards(&kigo, &bango);
            let known = |r: &&PeriodRow| edaban.or(r.edaban) == Some(branch);
            let rows: Vec<&PeriodRow> = rows.into_iter().filter(known).collect();
            let likeness = if rows.is_empty() { Likeness::Different } else { likeness };
            return Self { likeness, rows };
        }
        Self { likeness, rows }
    }
}

/// Hits of a tier: none, one, or several persons.
#[derive(Default)]
struct Hits {
    first: Option<PersonNo>,
    more: Vec<PersonNo>,
}

impl Hits {
    fn add(&mut self, p: PersonNo) {
        match self.first {
            None => self.first = Some(p),
            Some(first) if first != p && !self.more.contains(&p) => self.more.push(p),
            Some(_) => {}
        }
    }

    fn of(persons: impl IntoIterator<Item = PersonNo>) -> Self {
        let mut hits = Self::default();
        persons.into_iter().for_each(|p| hits.add(p));
        hits
    }
}

/// Search of one claim, tier by tier.
struct Search {
    tied: Vec<PersonNo>,
    found: Option<(PersonNo, Tier)>,
}

impl Search {
    fn tier(&mut self, tier: Tier, hits: impl IntoIterator<Item = PersonNo>) {
        if self.found.is_some() {
            return;
        }
        let tied = &self.tied;
        let hits = Hits::of(hits.into_iter().filter(|p| tied.is_empty() || tied.contains(p)));
        match (hits.first, hits.more.is_empty()) {
            (Some(p), true) => self.found = Some((p, tier)),
            (Some(p), false) => {
                self.tied = hits.more;
                self.tied.insert(0, p);
            }
            (None, _) => {}
        }
    }
}

/// The insurer number that rows of a register carry: 67 and six digits are those of 国保.
pub fn own_number(payer: &str) -> &str {
    payer.strip_prefix("67").filter(|n| n.len() == 6).unwrap_or(payer)
}

/// Finds the person. `by_number` is off for 不詳請求, whose numbers say nothing.
pub fn identify<'r>(registry: &'r OwnerRegistry, c: &ClaimFacts<'_>, by_number: bool) -> Identified<'r> {
    let names = Names { kana: c.kana, kanji: c.name, kana_key: OnceCell::new(), kanji_key: OnceCell::new() };
    let birth = c.birth;
    let mut search = Search { tied: Vec::new(), found: None };
    let person = |no: PersonNo| registry.person(no);
    let born = |r: &PeriodRow| birth.is_some() && person(r.person).birth() == birth;
    let of_sex = |no: PersonNo| c.sex != 0 && person(no).sex() == c.sex;

    let (kigo, bango) = if by_number { (c.kigo, c.bango) } else { (None, None) };
    let card = Card::find(registry, kigo, bango, c.edaban);
    let payer = c.payer.map(own_number);
    let of_payer = |r: &PeriodRow| payer.is_some_and(|p| registry.insurer_no(r) == p);
    let rows = || card.rows.iter().copied();
    search.tier(Tier::T1, rows().filter(|r| of_payer(r) && r.edaban == c.edaban && born(r)).map(|r| r.person));
    search.tier(Tier::T2, rows().filter(|r| of_payer(r) && born(r) && of_sex(r.person)).map(|r| r.person));
    let sn = &c.confirmed;
    let mut confirmed: Option<Card<'r>> = None;
    if search.found.is_none() && (sn.kigo.is_some() || sn.bango.is_some() || sn.insurer_no.is_some()) {
        // blank columns of SN mean "not provided"
        let card = Card::find(registry, sn.kigo.or(c.kigo), sn.bango.or(c.bango), c.edaban);
        let of_branch = |r: &PeriodRow| c.edaban.is_none() || r.edaban.is_none() || r.edaban == c.edaban;
        let of_payer = |r: &PeriodRow| sn.insurer_no.is_none_or(|p| registry.insurer_no(r) == own_number(p));
        let hits = || card.rows.iter().filter(|r| born(r) && of_branch(r) && of_payer(r));
        search.tier(Tier::T3, hits().map(|r| r.person));
        search.tier(Tier::T3, hits().filter(|r| of_sex(r.person)).map(|r| r.person));
        confirmed = Some(card);
    }
    let kana_like = |no: PersonNo| names.kana_or_kanji(person(no)) > Likeness::Different;
    if search.found.is_none() {
        search.tier(Tier::T4, rows().map(|r| r.person).filter(|p| kana_like(*p)));
    }
    if search.found.is_none() {
        search.tier(Tier::T5, born_on(registry, birth).filter(|p| of_sex(*p) && kana_like(*p)));
        let kanji_like = |no: &PersonNo| names.kanji_like(person(*no)) > Likeness::Different;
        search.tier(Tier::T6, born_on(registry, birth).filter(kanji_like));
    }

    let found = search.found.map(|(no, tier)| (person(no), tier));
    let of_person = |rows: &[&'r PeriodRow]| {
        let (p, _) = found?;
        rows.iter().copied().filter(|r| r.person == p.no).max_by_key(|r| r.start)
    };
    let (row, number) = match (&confirmed, of_person(&card.rows)) {
        (_, Some(row)) => (Some(row), card.likeness),
        (Some(confirmed), None) => (of_person(&confirmed.rows), confirmed.likeness),
        (None, None) => (None, Likeness::Different),
    };
    Identified {
        person: found.map(|f| f.0),
        tier: found.map(|f| f.1),
        row,
        number: if row.is_some() { number } else { Likeness::Different },
        name: found.filter(|_| !names.is_empty()).map(|(p, _)| names.like(p)),
        tied: if found.is_some() { Vec::new() } else { search.tied.iter().map(|no| person(*no)).collect() },
        rows: card.rows,
        registry,
    }
}

fn born_on(registry: &OwnerRegistry, birth: Option<Date>) -> impl Iterator<Item = PersonNo> {
    birth.map_or(&[][..], |b| registry.born_on(b)).iter().copied()
}

/// Whether birth or name of a claim is a person's: nobody alike is E118. To be of the same sex is no likeness.
pub fn is_similar(p: PersonView<'_>, c: &ClaimFacts<'_>) -> bool {
    let names = Names { kana: c.kana, kanji: c.name, kana_key: OnceCell::new(), kanji_key: OnceCell::new() };
    let born = c.birth.is_some() && p.birth() == c.birth;
    born || names.like(p) > Likeness::Different
}
