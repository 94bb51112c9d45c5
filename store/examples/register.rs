//! How long a register takes to be written and read: `cargo run --release --example register -- [PERSONS]`
//! (registry-files.md section 7: 115,000 persons, 1.3 periods and 1.7 attributes each).

use std::{error::Error, time::Instant};

use tenken_matcher::registry::rows::{Attribute, Household, Moment, Period, Person, Register, Scheme, Target};
use tenken_parser::Date;
use tenken_store::{
    Store,
    runs::{RunKind, RunRow},
};

fn register(persons: usize) -> Option<Register> {
    let day = |n: usize| Date::from_epoch_days(i32::try_from(n % 20_000).ok()?);
    let mut register = Register::default();
    for n in 0..persons {
        let (person_id, household_id) = (format!("{n:010}"), format!("{:08}", n / 2));
        register.persons.push(Person {
            person_id: person_id.clone(),
            name: Some(format!("見本　{n}")),
            kana: Some(format!("ミホン　{}", n % 9_000)),
            other_names: Vec::new(),
            birth_date: day(n),
            sex: Some(1 + (n % 2) as u8),
            postal_code: Some(format!("{:07}", n % 3_000)),
            address: Some(format!("見本市{}番地", n / 2)),
            ..Person::default()
        });
        for _ in 0..1 + usize::from(n % 10 < 3) {
            register.periods.push(Period {
                person_id: person_id.clone(),
                household_id: household_id.clone(),
                scheme: Scheme::Kokuho,
                insurer_no: "138941".into(),
                kigo: None,
                bango: Some(format!("{:07}", n / 2)),
                edaban: Some("01".into()),
                is_head: n % 2 == 0,
                acquired_on: day(n)?,
                acquired_reason: Some("転入".into()),
                lost_on: None,
                lost_reason: None,
                applied_from: None,
                applied_from_reason: None,
                applied_to: day(n + 1),
                applied_to_reason: None,
                registered_at: Some(Moment(1_700_000_000_000_000 + n as i64 * 1_000_000)),
                registered_at_start: None,
                span_no: 1,
            });
        }
        for _ in 0..1 + usize::from(n % 10 < 7) {
            register.attributes.push(Attribute {
                target: Target::Person,
                id: person_id.clone(),
                kind: "負担割合".into(),
                value: "2".into(),
                valid_from: day(n),
                valid_to: None,
                registered_at: Some(Moment(1_700_000_000_000_000)),
            });
        }
        if n % 2 == 0 {
            register.households.push(Household {
                household_id,
                head_person_id: Some(person_id),
                head_name: Some(format!("見本　{n}")),
                postal_code: None,
                address: None,
            });
        }
    }
    Some(register)
}

fn main() -> Result<(), Box<dyn Error>> {
    let persons = std::env::args().nth(1).map_or(Ok(115_000), |n| n.parse())?;
    let folder = tempfile::tempdir()?;
    let store = Store::open_or_create(&folder.path().join("store"))?;
    let lock = store.lock(|| {})?;
    let register = register(persons).ok_or("no such day")?;
    println!("{register:?}");
    let started = Instant::now();
    let run = RunRow::new(store.new_run_id()?, RunKind::RegistryLoad);
    store.write_register(&lock, "138941", &register, &[], run)?;
    println!("written in {:.3} s", started.elapsed().as_secs_f64());
    for _ in 0..3 {
        let started = Instant::now();
        let read = store.register("138941")?;
        println!("read in {:.3} s", started.elapsed().as_secs_f64());
        if read != register {
            return Err("not what was written".into());
        }
    }
    Ok(())
}
