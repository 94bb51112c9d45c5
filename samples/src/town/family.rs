//! Families of the members of today: ages by volumes.md 5.1, 1.5 persons each.

use crate::{
    rng::Rng,
    tables::{Scheme, TABLES},
};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub age: i32,
    pub sex: u8,
    /// born on the day of the member before
    pub twin: bool,
}

impl Member {
    fn new(age: i32, rng: &mut Rng) -> Self {
        Self { age, sex: 1 + (rng.next() % 2) as u8, twin: false }
    }
}

const ADULT: i32 = 18;

/// Pairs of twins that a district of ordinary size surely has.
const TWINS: usize = 2;

/// `count` people in families, by the shares of the age bands.
pub(crate) fn families(count: u32, rng: &mut Rng) -> Vec<Vec<Member>> {
    let mut ages = ages(Scheme::Kokuho, count, rng);
    let adults_from = ages.partition_point(|a| *a < ADULT);
    let mut adults = ages.split_off(adults_from);
    let mut children = ages;
    shuffle(&mut children, rng);
    let young = adults.partition_point(|a| *a < 26);
    let middle = adults.partition_point(|a| *a < 55);
    let mut parents: Vec<i32> = adults.drain(young..middle).collect();
    shuffle(&mut parents, rng);

    let mut out: Vec<Vec<Member>> = Vec::new();
    let mut twins = 0;
    while let Some(age) = children.pop() {
        let mut family = Vec::new();
        let fits = |p: &i32| (age + 20..age + 46).contains(p);
        if let Some(at) = parents.iter().rev().take(12).position(fits) {
            let parent = parents.remove(parents.len() - 1 - at);
            family.push(Member { age: parent, sex: 1 + u8::from(rng.per_mille(450)), twin: false });
            let near = |p: &i32| (p - parent).abs() <= 6;
            if rng.per_mille(650)
                && let Some(at) = parents.iter().rev().take(12).position(near)
            {
                let other = parents.remove(parents.len() - 1 - at);
                family.push(Member { age: other, sex: 3 - family[0].sex, twin: false });
            }
        }
        let first = Member::new(age, rng);
        family.push(first);
        let force = twins < TWINS && children.len() > 8;
        if !children.is_empty() && (force || rng.per_mille(8)) {
            children.pop();
            twins += 1;
            family.push(Member { age, sex: if force { first.sex } else { Member::new(age, rng).sex }, twin: true });
        } else if rng.per_mille(420)
            && let Some(sibling) = children.pop()
        {
            family.push(Member::new(sibling, rng));
        }
        out.push(family);
    }
    adults.extend(parents);
    adults.sort_unstable();
    let mut rest = adults.into_iter().peekable();
    while let Some(age) = rest.next() {
        let first = Member::new(age, rng);
        let couple = match age {
            50.. => 500,
            30.. => 120,
            _ => 50,
        };
        let mut family = vec![first];
        if rng.per_mille(couple)
            && let Some(age) = rest.next()
        {
            family.push(Member { age, sex: 3 - first.sex, twin: false });
        }
        out.push(family);
    }
    shuffle(&mut out, rng);
    out
}

/// Ages in order, as many as asked for, by the shares of the bands.
pub(crate) fn ages(scheme: Scheme, count: u32, rng: &mut Rng) -> Vec<i32> {
    let bands: Vec<_> = TABLES.rates.iter().filter(|r| r.scheme == scheme).collect();
    let mut out = Vec::with_capacity(count as usize);
    // systematic sampling: the shares hold for any number
    let start = rng.next() % 1000;
    for i in 0..u64::from(count) {
        let mut at = ((i * 1000 + start) / u64::from(count).max(1)) as u32 % 1000;
        let mut band = bands[0];
        for b in &bands {
            band = b;
            if at < b.share {
                break;
            }
            at -= b.share;
        }
        out.push(rng.between(i64::from(band.age_from), i64::from(band.age_to)) as i32);
    }
    out.sort_unstable();
    out
}

fn shuffle<T>(list: &mut [T], rng: &mut Rng) {
    for i in (1..list.len()).rev() {
        list.swap(i, rng.below(i + 1));
    }
}
