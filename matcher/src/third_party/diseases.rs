//! Evidence of diseases (third-party.md 3.1): weight, region, families; modifiers, ages, time since onset.

use std::{cmp::Reverse, collections::HashMap};

use tenken_parser::{Date, Month};

use super::{
    rules::{Parameters, Rules, RulesError},
    score::{Disease, Input},
    table::{Table, Validity},
    text::Lexicon,
};

/// Families of the weight table that the score asks for.
pub(super) mod family {
    pub const WHIPLASH: &str = "whiplash";
    pub const TORSO_STRAIN: &str = "torso_strain";
    pub const FACE: &str = "face";
    pub const TOOTH_EYE_EAR: &str = "tooth_eye_ear";
    pub const FOOD: &str = "food";
    pub const ABUSE: &str = "abuse";
    pub const SELF_HARM: &str = "self_harm";
    pub const NEEDLE: &str = "needle";
    pub const OSTEO: &str = "osteo";
    pub const ALL: [&str; 12] = [
        WHIPLASH,
        TORSO_STRAIN,
        FACE,
        TOOTH_EYE_EAR,
        FOOD,
        ABUSE,
        SELF_HARM,
        NEEDLE,
        OSTEO,
        "fragile",
        "head_bruise",
        "child_limb",
    ];
}

/// A row of the weight table.
#[derive(Debug)]
pub(super) struct Listed {
    pub code: String,
    pub name: String,
    pub weight: i32,
    pub region: String,
    pub families: Vec<String>,
    validity: Validity,
    normal_name: Vec<char>,
}

impl Listed {
    fn is(&self, family: &str) -> bool {
        self.families.iter().any(|f| f == family)
    }

    /// Alone it can give a score, a route or a hold.
    pub fn is_noteworthy(&self) -> bool {
        self.weight > 0 || [family::ABUSE, family::SELF_HARM, family::NEEDLE].iter().any(|f| self.is(f))
    }
}

/// What a modifier does to the weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ModifierEffect {
    Percent,
    /// weight 0, and the bones are fragile
    Osteo,
    Zero,
    /// a weight for a disease that is not listed
    Unlisted,
}

#[derive(Debug)]
struct Modifier {
    name: String,
    effect: ModifierEffect,
    value: i32,
}

/// The weight table and the modifiers.
#[derive(Debug)]
pub(super) struct Diseases {
    listed: Vec<Listed>,
    by_code: HashMap<String, Vec<usize>>,
    /// longest name first
    by_name: Vec<usize>,
    modifiers: HashMap<String, Modifier>,
    uncoded: String,
}

impl Diseases {
    pub fn read(
        diseases: &Table,
        modifiers: &Table,
        lexicon: &Lexicon,
        parameters: &Parameters,
    ) -> Result<Self, RulesError> {
        let mut listed = Vec::new();
        let mut by_code: HashMap<String, Vec<usize>> = HashMap::new();
        for row in diseases.rows() {
            let code = row.needed("disease_code")?;
            if code.len() != 7 || !code.bytes().all(|b| b.is_ascii_digit()) {
                return Err(row.error(
                    "disease_code",
                    format!("「{code}」は7桁でない"),
                    "傷病名マスターの7桁のコードを書く",
                ));
            }
            let name = row.needed("name_ja")?;
            let weight = row.needed_number("weight")?;
            let families: Vec<String> =
                row.cell("family").split(';').filter(|f| !f.is_empty()).map(str::to_owned).collect();
            if let Some(unknown) = families.iter().find(|f| !family::ALL.contains(&f.as_str())) {
                return Err(row.error("family", format!("「{unknown}」は使えない"), &family::ALL.join(", ")));
            }
            if row.cell("region").is_empty() && weight >= 0 {
                return Err(row.error("region", "空である", "部位を書く（空は骨の脆弱性の行だけ）"));
            }
            by_code.entry(code.to_owned()).or_default().push(listed.len());
            listed.push(Listed {
                code: code.to_owned(),
                name: name.to_owned(),
                weight,
                region: row.cell("region").to_owned(),
                families,
                validity: row.validity()?,
                normal_name: lexicon.normal(name).chars,
            });
        }
        let mut by_name: Vec<usize> = (0..listed.len()).collect();
        by_name.sort_by_key(|i| {
            let l = &listed[*i];
            (Reverse(l.normal_name.len()), Reverse(l.weight), l.code.clone())
        });
        let mut of_code = HashMap::new();
        for row in modifiers.rows() {
            let effect = match row.needed("effect")? {
                "percent" => ModifierEffect::Percent,
                "osteo" => ModifierEffect::Osteo,
                "zero" => ModifierEffect::Zero,
                "unlisted" => ModifierEffect::Unlisted,
                other => {
                    return Err(row.error(
                        "effect",
                        format!("「{other}」は使えない"),
                        "percent, osteo, zero, unlisted",
                    ));
                }
            };
            let (name, value) = (row.cell("name_ja").to_owned(), row.needed_number("value")?);
            of_code.insert(row.needed("modifier_code")?.to_owned(), Modifier { name, effect, value });
        }
        Ok(Self { listed, by_code, by_name, modifiers: of_code, uncoded: parameters.uncoded_disease.clone() })
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.listed.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Listed> {
        self.listed.iter()
    }

    /// Names in normal form that alone can give an uncoded disease a score, a route or a hold.
    pub fn names(&self) -> impl Iterator<Item = &[char]> {
        self.listed.iter().filter(|l| l.is_noteworthy()).map(|l| l.normal_name.as_slice())
    }

    pub fn uncoded(&self) -> &str {
        &self.uncoded
    }

    /// Codes of modifiers that give an unlisted disease a weight.
    pub fn unlisted_modifiers(&self) -> impl Iterator<Item = &str> {
        self.modifiers.iter().filter(|(_, m)| m.effect == ModifierEffect::Unlisted).map(|(code, _)| code.as_str())
    }

    fn of_code(&self, code: &str, month: Month) -> Option<&Listed> {
        self.by_code.get(code)?.iter().map(|i| &self.listed[*i]).find(|l| l.validity.meets(month))
    }

    /// The longest name of the table that the text holds.
    fn of_name(&self, name: &[char], month: Month) -> Option<&Listed> {
        let holds = |l: &&Listed| name.windows(l.normal_name.len()).any(|w| w == l.normal_name);
        self.by_name.iter().map(|i| &self.listed[*i]).filter(|l| l.validity.meets(month)).find(holds)
    }
}

/// When a factor of `factors.csv` applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FactorKind {
    /// years of age; of several the smallest
    Age,
    /// fragile bones are known; counts with the ages
    Osteo,
    /// months from onset to the claim
    Onset,
    /// found by name
    Uncoded,
}

/// A row of `factors.csv`.
#[derive(Debug)]
pub(super) struct Factor {
    kind: FactorKind,
    family: String,
    from: i32,
    to: i32,
    percent: i32,
    reason: String,
}

impl Factor {
    pub fn read(table: &Table) -> Result<Vec<Self>, RulesError> {
        table
            .rows()
            .map(|row| {
                Ok(Self {
                    kind: match row.needed("kind")? {
                        "age" => FactorKind::Age,
                        "osteo" => FactorKind::Osteo,
                        "onset" => FactorKind::Onset,
                        "uncoded" => FactorKind::Uncoded,
                        other => {
                            let problem = format!("「{other}」は使えない");
                            return Err(row.error("kind", problem, "age, osteo, onset, uncoded"));
                        }
                    },
                    family: row.cell("family").to_owned(),
                    from: row.number("from")?.unwrap_or(0),
                    to: row.number("to")?.unwrap_or(i32::MAX),
                    percent: row.needed_number("percent")?,
                    reason: row.cell("reason_ja").to_owned(),
                })
            })
            .collect()
    }

    fn holds(&self, n: i32) -> bool {
        (self.from..=self.to).contains(&n)
    }
}

/// A disease of the claim with its weight after all factors.
#[derive(Clone, Debug)]
pub(super) struct Weighed<'a> {
    pub record: u32,
    pub code: &'a str,
    pub name: &'a str,
    pub region: &'a str,
    pub families: &'a [String],
    pub start: Option<Date>,
    /// as the table has it
    pub base: i32,
    /// whole tenths, for the order; [`Weighed::weight`] is what counts
    pub tenths: i32,
    pub weight: i32,
    /// a modifier took the weight away
    pub voided: bool,
    /// in the weight table, by code or by name
    pub listed: bool,
    /// the factors that were applied, in words; empty = none
    pub why: String,
}

impl Weighed<'_> {
    pub fn is(&self, family: &str) -> bool {
        self.families.iter().any(|f| f == family)
    }
}

/// What all diseases of a claim say together.
#[derive(Debug, Default)]
pub(super) struct Evidence<'a> {
    /// heaviest first
    pub all: Vec<Weighed<'a>>,
    /// families told by a word in an uncoded name
    pub named: Vec<&'a str>,
    /// a listed injury began in the claim month or shortly before
    pub fresh: bool,
}

impl Evidence<'_> {
    pub fn has(&self, family: &str) -> bool {
        self.all.iter().any(|d| d.is(family)) || self.named.contains(&family)
    }
}

/// Weighs the diseases of a claim.
pub(super) fn weigh<'a>(rules: &'a Rules, input: &'a Input<'a>) -> Evidence<'a> {
    let mut evidence = Evidence::default();
    let mut osteo = false;
    let mut known = Vec::new();
    for disease in &input.diseases {
        let by_name = disease.code == rules.diseases.uncoded;
        let listed = if by_name {
            let name = rules.lexicon.normal(&disease.name);
            for family in rules.lexicon.families_of_name(&name) {
                if !evidence.named.contains(&family) {
                    evidence.named.push(family);
                }
            }
            rules.diseases.of_name(&name.chars, input.claim_month)
        } else {
            rules.diseases.of_code(&disease.code, input.claim_month)
        };
        let mut modifiers: Vec<&str> = disease.modifiers().collect();
        modifiers.sort_unstable();
        modifiers.dedup();
        let modifiers: Vec<&Modifier> = modifiers.iter().filter_map(|m| rules.diseases.modifiers.get(*m)).collect();
        let has = |effect| modifiers.iter().find(|m| m.effect == effect);
        osteo |= has(ModifierEffect::Osteo).is_some() || listed.is_some_and(|l| l.is(family::OSTEO));
        known.push((disease, listed, by_name, modifiers));
    }
    for (disease, listed, by_name, modifiers) in &known {
        let unlisted = modifiers.iter().find(|m| m.effect == ModifierEffect::Unlisted);
        let base = match (listed, unlisted) {
            (Some(l), _) if !l.is(family::OSTEO) => l.weight.max(0),
            (None, Some(m)) if !disease.code.is_empty() => m.value,
            _ => continue,
        };
        let mut weighed = Weighed {
            record: disease.record,
            code: listed.map_or(&disease.code, |l| if *by_name { &l.code } else { &disease.code }),
            name: listed.map_or(&disease.name, |l| &l.name),
            region: listed.map_or(&disease.code, |l| &l.region),
            families: listed.map_or(&[], |l| &l.families),
            start: disease.start,
            base,
            tenths: 0,
            weight: 0,
            voided: modifiers.iter().any(|m| matches!(m.effect, ModifierEffect::Osteo | ModifierEffect::Zero)),
            listed: listed.is_some(),
            why: String::new(),
        };
        let mut factors: Vec<(i32, &str)> = Vec::new();
        for m in modifiers {
            match m.effect {
                ModifierEffect::Percent => factors.push((m.value, &m.name)),
                ModifierEffect::Osteo | ModifierEffect::Zero => factors.push((0, &m.name)),
                ModifierEffect::Unlisted => {}
            }
        }
        if *by_name && listed.is_some() {
            factors.extend(of_kind(rules, FactorKind::Uncoded).map(|f| (f.percent, f.reason.as_str())));
        }
        let ages = rules.factors.iter().filter(|f| {
            weighed.is(&f.family)
                && match f.kind {
                    FactorKind::Age => input.age.is_some_and(|a| f.holds(i32::from(a))),
                    FactorKind::Osteo => osteo,
                    _ => false,
                }
        });
        factors.extend(ages.min_by_key(|f| f.percent).map(|f| (f.percent, f.reason.as_str())));
        if let Some(start) = disease.start {
            let months = input.claim_month.index() - start.year_month().index();
            let onset = of_kind(rules, FactorKind::Onset).filter(|f| f.holds(months));
            factors.extend(onset.map(|f| (f.percent, f.reason.as_str())));
            let began = (0..=rules.parameters.fresh_months).contains(&months);
            evidence.fresh |= began && weighed.listed && base > 0 && !weighed.voided;
        }
        let mut hundredths = i128::from(base);
        let mut divisor = 1i128;
        for (percent, _) in &factors {
            hundredths *= i128::from(*percent);
            divisor *= 100;
        }
        weighed.tenths = (hundredths * 10 / divisor) as i32;
        weighed.weight = weighed.tenths / 10;
        let factor = |(percent, reason): &(i32, &str)| format!("×{}.{} {reason}", percent / 100, percent % 100 / 10);
        weighed.why = factors.iter().map(factor).collect::<Vec<_>>().join("、");
        evidence.all.push(weighed);
    }
    evidence.all.sort_by(|a, b| {
        let key = |d: &Weighed<'_>| (Reverse(d.tenths), Reverse(d.base), d.start);
        key(a).cmp(&key(b)).then_with(|| (a.code, a.record).cmp(&(b.code, b.record)))
    });
    evidence.named.sort_unstable();
    evidence
}

fn of_kind(rules: &Rules, kind: FactorKind) -> impl Iterator<Item = &Factor> {
    rules.factors.iter().filter(move |f| f.kind == kind)
}

impl Disease<'_> {
    /// Four-digit codes.
    fn modifiers(&self) -> impl Iterator<Item = &str> {
        let text: &str = &self.modifiers;
        (0..text.len()).step_by(4).filter_map(move |i| text.get(i..i + 4))
    }
}
