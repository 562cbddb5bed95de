//! How all of them are timed; python/clock.py does the same.

use std::time::Instant;

use serde_json::{Value, json};

/// Times works and prints them.
pub struct Clock {
    /// How many threads the work may use; the environment has already told the library.
    pub threads: usize,
    /// How long each work is repeated.
    pub seconds: f64,
}

impl Clock {
    /// The median and the least of many samples in microseconds. A sample is as many calls as take at least 50 µs; before
    /// the first one the work is repeated for a third of the time.
    pub fn time(&self, mut work: impl FnMut()) -> (f64, f64) {
        let begin = Instant::now();
        let mut calls = 0;
        while calls < 2 || begin.elapsed().as_secs_f64() < self.seconds / 3.0 {
            work();
            calls += 1;
        }
        let one = begin.elapsed().as_secs_f64() * 1e6 / f64::from(calls);
        let calls = (50.0 / one).ceil().max(1.0) as u32;
        let mut samples = Vec::new();
        let begin = Instant::now();
        while samples.len() < 3 || begin.elapsed().as_secs_f64() < self.seconds {
            let start = Instant::now();
            for _ in 0..calls {
                work();
            }
            samples.push(start.elapsed().as_secs_f64() * 1e6 / f64::from(calls));
        }
        samples.sort_by(f64::total_cmp);
        (samples[samples.len() / 2], samples[0])
    }

    /// Times a work and prints it.
    pub fn show(&self, engine: &str, work: &str, f: impl FnMut()) {
        let (median, _) = self.time(f);
        self.print(engine, work, median, json!({}));
    }

    /// Prints a time in microseconds with whatever else there is to say.
    pub fn print(&self, engine: &str, work: &str, us: f64, more: Value) {
        let mut line = json!({"engine": engine, "work": work, "threads": self.threads, "us": us});
        if let (Some(line), Value::Object(more)) = (line.as_object_mut(), more) {
            line.extend(more);
        }
        println!("{line}");
    }
}
