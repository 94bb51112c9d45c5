//! How often somebody may ask.

use std::{collections::HashMap, sync::Mutex, time::Instant};

/// Buckets that fill up again: `burst` at once, `per_second` in the long run.
pub struct Rate {
    burst: f64,
    per_second: f64,
    buckets: Mutex<HashMap<String, (f64, Instant)>>,
}

/// Keys that are remembered before those that are full again are forgotten.
const KEYS_MOST: usize = 10_000;

impl Rate {
    pub fn new(burst: u32, per_second: f64) -> Self {
        Self { burst: f64::from(burst), per_second, buckets: Mutex::default() }
    }

    /// Whether one more is allowed now.
    pub fn takes(&self, key: &str) -> bool {
        self.takes_at(key, Instant::now())
    }

    fn takes_at(&self, key: &str, now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let filled = |(left, at): (f64, Instant)| {
            (left + now.saturating_duration_since(at).as_secs_f64() * self.per_second).min(self.burst)
        };
        if buckets.len() >= KEYS_MOST {
            buckets.retain(|_, bucket| filled(*bucket) < self.burst);
        }
        let left = buckets.get(key).map_or(self.burst, |b| filled(*b));
        let takes = left >= 1.0;
        buckets.insert(key.to_owned(), (if takes { left - 1.0 } else { left }, now));
        takes
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_empties_and_fills() {
        let rate = Rate::new(3, 1.0);
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let taken: Vec<bool> = [0, 0, 0, 0, 500, 1_100].map(|ms| rate.takes_at("a", at(ms))).into();
        assert_eq!(taken, [true, true, true, false, false, true]);
        assert!(rate.takes_at("b", at(0)));
    }
}
