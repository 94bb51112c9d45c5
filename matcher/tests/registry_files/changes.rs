//! `--delta`: rows replace by key; a row that would break what is there is not taken, and the old one stays.

use tenken_matcher::{files::Input, registry::rows::Register};

use crate::{KOJIN, PERIOD, PERSON, SETAI, SHIKAKU, ZOKUSEI, input, inputs, load, onto, places};

const FIRST: &str = "1001,501,1,139998,見,1234567,1,1,2014-04-01,転入,,,,2026-05-10,番号変更,\n";
const SECOND: &str = "1001,501,1,139998,見,1234890,1,1,2014-04-01,転入,,,2026-05-10,,,\n";

fn base() -> Register {
    let rows = format!("{FIRST}{SECOND}{}", PERIOD.replace("1001", "1002"));
    let persons = format!("{PERSON}{}", PERSON.replace("1001", "1002"));
    let loaded = load([&persons, &rows, "個人,1001,特定疾病,血友病:10000,2026-04-01,,\n", "501,1001,\n"]);
    assert_eq!(places(&loaded), Vec::<String>::new());
    loaded.register
}

fn shikaku(rows: &str) -> Vec<Input> {
    vec![input("shikaku.csv", format!("{SHIKAKU}{rows}"))]
}

fn kojin(rows: &str) -> Input {
    input("kojin.csv", format!("{KOJIN}{rows}"))
}

#[test]
fn everything_onto_nothing_is_a_snapshot() {
    let rows = [
        &format!("{PERSON}1002,架空,カクウ,,x,1,\n")[..],
        &format!("{FIRST}{SECOND}{PERIOD}"),
        "個人,1001,拘禁,1,,,\n",
        "501,1001,\n",
    ];
    let (snapshot, change) = (load(rows), onto(&Register::default(), inputs(rows)));
    assert!(snapshot.register == change.register);
    assert_eq!(snapshot.rejects, change.rejects);
    assert!(onto(&snapshot.register, inputs(rows)).register == snapshot.register);
}

#[test]
fn rows_replace_by_key() {
    let base = base();
    let lost = SECOND.replace("転入,,,", "転入,2026-09-16,社保加入,");
    let loaded = onto(&base, shikaku(&lost));
    assert_eq!(places(&loaded), Vec::<String>::new());
    assert_eq!(loaded.register.periods.len(), base.periods.len());
    assert_eq!(loaded.register.periods[1].lost_reason.as_deref(), Some("社保加入"));
    assert!(loaded.register.persons == base.persons && loaded.register.attributes == base.attributes);

    let again = "1001,501,1,139998,見,1234890,1,1,2027-01-01,社保離脱,,,,,,\n";
    let loaded = onto(&loaded.register, shikaku(again));
    assert_eq!(places(&loaded), Vec::<String>::new());
    assert_eq!(loaded.register.periods.iter().map(|p| p.span_no).collect::<Vec<_>>(), [1, 1, 2, 1]);

    let new = vec![
        kojin("1002,見本　次郎,ミホンジロウ,,1980-04-01,1,2026-05-10\n"),
        input("zokusei.csv", format!("{ZOKUSEI}個人,1001,特定疾病,血友病:20000,2026-04-01,,\n世帯,502,減免,免除,,,\n")),
        input("setai.csv", format!("{SETAI}501,,見本　梅\n502,,見本　竹\n")),
    ];
    let loaded = onto(&base, new);
    assert_eq!(places(&loaded), Vec::<String>::new());
    assert!(loaded.register.persons[1].death_date.is_some());
    assert_eq!(
        loaded.register.attributes.iter().map(|a| a.value.as_str()).collect::<Vec<_>>(),
        ["血友病:20000", "免除"]
    );
    assert_eq!(loaded.register.households.len(), 2);
}

#[test]
fn what_would_break_is_not_taken() {
    let base = base();
    let open = SECOND.replace("転入,,,2026-05-10", "転入,2026-05-01,転出,2026-05-10");
    for (what, files, want) in [
        (
            "overlap",
            shikaku("1002,501,1,139998,見,1234567,1,1,2020-04-01,転入,,,,,,\n"),
            "shikaku.csv:2 適用開始年月日=2020-04-01",
        ),
        ("loss before the application", shikaku(&open), "shikaku.csv:2 資格喪失年月日=2026-05-01"),
        (
            "loss before the end of an older row",
            shikaku(&SECOND.replace("転入,,,2026-05-10,,,", "転入,2026-05-09,転出,2026-05-10,2026-05-10,,")),
            "shikaku.csv:2 資格喪失年月日=2026-05-09",
        ),
        (
            "the first row opened again",
            shikaku(&FIRST.replace("2026-05-10,番号変更", ",")),
            "shikaku.csv:2 適用開始年月日=2014-04-01",
        ),
        ("nobody", shikaku("1009,501,1,139998,見,1234567,1,1,2020-04-01,転入,,,,,,\n"), "shikaku.csv:2 宛名番号=1009"),
        (
            "bad by itself",
            shikaku(&SECOND.replace("2014-04-01", "2014-04-31")),
            "shikaku.csv:2 資格取得年月日=2014-04-31",
        ),
        ("born after", vec![kojin("1001,見本　太郎,ミホンタロウ,,2014-04-02,1,\n")], "kojin.csv:2 生年月日=2014-04-02"),
        (
            "dead before",
            vec![kojin("1001,見本　太郎,ミホンタロウ,,1980-04-01,1,2026-04-01\n")],
            "kojin.csv:2 死亡年月日=2026-04-01",
        ),
        (
            "attribute of nobody",
            vec![input("zokusei.csv", format!("{ZOKUSEI}世帯,509,減免,免除,,,\n"))],
            "zokusei.csv:2 番号=509",
        ),
    ] {
        let loaded = onto(&base, files);
        assert_eq!(places(&loaded), [want], "{what}");
        assert!(loaded.register == base, "{what}");
    }
}

/// Death and loss come together: neither is held against the older row of the other.
#[test]
fn death_and_loss_together() {
    let base = base();
    let mut files = shikaku(&PERIOD.replace("1001", "1002").replace("転入,,,", "転入,2026-05-11,死亡,"));
    files.push(kojin("1002,見本　次郎,ミホンジロウ,,1980-04-01,1,2026-05-10\n"));
    let loaded = onto(&base, files);
    assert_eq!(places(&loaded), Vec::<String>::new());
    // a loss that was wrong, put right with the death
    let wrong = onto(&base, shikaku(&PERIOD.replace("1001", "1002").replace("転入,,,", "転入,2026-06-01,転出,")));
    let mut files = shikaku(&PERIOD.replace("1001", "1002").replace("転入,,,", "転入,2026-05-11,死亡,"));
    files.push(kojin("1002,見本　次郎,ミホンジロウ,,1980-04-01,1,2026-05-10\n"));
    let right = onto(&wrong.register, files);
    assert_eq!(places(&right), Vec::<String>::new());
    assert!(right.register == loaded.register);
}

/// Losses of a span on two rows: one row alone cannot change it, both can.
#[test]
fn both_rows_of_a_span() {
    let lost = |row: &str, day: &str| row.replace("転入,,,", &format!("転入,{day},社保加入,"));
    let base = onto(&base(), shikaku(&[lost(FIRST, "2026-09-16"), lost(SECOND, "2026-09-16")].concat()));
    assert_eq!(places(&base), Vec::<String>::new());
    let one = onto(&base.register, shikaku(&lost(SECOND, "2026-09-20")));
    assert_eq!(places(&one), ["shikaku.csv:2 資格喪失年月日=2026-09-20"]);
    assert!(one.register == base.register);
    let both = onto(&base.register, shikaku(&[lost(FIRST, "2026-09-20"), lost(SECOND, "2026-09-20")].concat()));
    assert_eq!(places(&both), Vec::<String>::new());
    assert!(both.register != base.register);
}
