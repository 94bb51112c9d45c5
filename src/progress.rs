//! Progress with rate and remaining time: a bar on a terminal, a plain line now and then otherwise.

use std::{
    io::IsTerminal,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use crate::lang::{Lang, say};
use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Bytes done of bytes to do. Shared between threads.
pub struct Progress {
    bar: Option<ProgressBar>,
    label: String,
    total: u64,
    done: AtomicU64,
    started: Instant,
    next_line: std::sync::Mutex<Instant>,
}

impl Progress {
    pub fn new(label: &str, total: u64) -> Self {
        let started = Instant::now();
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template(Lang::current().t(
                "{prefix} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} 残り {eta}",
                "{prefix} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
            )) {
                bar.set_style(style);
            }
            bar.set_prefix(label.to_owned());
            bar
        });
        Self {
            bar,
            label: label.to_owned(),
            total,
            done: AtomicU64::new(0),
            started,
            next_line: std::sync::Mutex::new(started + LINE_EVERY),
        }
    }

    pub fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            return;
        }
        let Ok(mut next) = self.next_line.try_lock() else { return };
        let now = Instant::now();
        if now < *next {
            return;
        }
        *next = now + LINE_EVERY;
        let rate = done as f64 / self.started.elapsed().as_secs_f64();
        let left = (self.total.saturating_sub(done)) as f64 / rate.max(1.0);
        let (label, rate) = (&self.label, HumanBytes(rate as u64));
        let (done, total) = (HumanBytes(done), HumanBytes(self.total));
        eprintln!(
            "{}",
            say!(
                "{label} {done}/{total} ({rate}/s) 残り {left:.0} 秒",
                "{label} {done}/{total} ({rate}/s) {left:.0} s left"
            )
        );
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
