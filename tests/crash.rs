//! kill -9 at random moments: the store is as before or as after, never between.

mod common;

use std::{
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use common::{Place, contents, example, small_month, tenken};

const MOMENTS: u64 = 20;

#[test]
fn killed_at_twenty_random_moments() {
    let place = Place::new();
    let sample = small_month(&place, 3_000);
    let before_file = place.file("前/RECEIPTC.UKE", &example("outpatient"));

    // how long a whole import takes, and what it gives
    let whole = Place::new();
    whole.import(&before_file, "2024-11").expect(0);
    let started = Instant::now();
    whole.import_with(&sample.claims, "2026-10", &["--piece-bytes", "100000"]).expect(3);
    let takes = started.elapsed();
    let after = contents(&whole);

    place.import(&before_file, "2024-11").expect(0);
    let before = contents(&place);
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let (mut seen_before, mut seen_after, mut cleaned) = (0, 0, 0);
    for moment in 0..MOMENTS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut child = tenken()
            .arg("import")
            .arg(&sample.claims)
            .args(["--month", "2026-10", "--piece-bytes", "100000", "--store"])
            .arg(place.store())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_micros(random % (takes.as_micros() as u64 * 12 / 10)));
        // it may have ended already; then this import is complete
        let _ = child.kill();
        child.wait().unwrap();

        place.run(&["verify"]).expect(0);
        let now = contents(&place);
        if now == after {
            seen_after += 1;
            let id =
                place.sql("SELECT import_id FROM imports WHERE status = 'visible' ORDER BY imported_at DESC LIMIT 1");
            place.run(&["withdraw", &id[0]]).expect(0);
        } else {
            assert!(now == before, "moment {moment}: a state that is neither before nor after");
            seen_before += 1;
        }
        let next = place.run(&["withdraw", "none"]).expect(1);
        cleaned += usize::from(next.stderr.contains("片付けました"));
        assert!(contents(&place) == before);
    }
    println!("{MOMENTS} moments: {seen_before} as before ({cleaned} with leftovers removed), {seen_after} as after");
    place.import(&sample.claims, "2026-10").expect(3);
    assert!(contents(&place) == after, "and the import succeeds after all");
    place.run(&["verify"]).expect(0);
    assert!(seen_before > 0, "some moment was before the end");
    assert!(cleaned > 0, "some moment left something to clean up");
}
