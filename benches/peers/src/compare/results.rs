//! Times, by engine, work and number of threads.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ENGINES, OURS};
use crate::works::{
    FIT, PREDICT, PREDICT_CNN, PREDICT_LSTM, PREDICT_TINY, PRODUCTS, STEP_32, STEP_128, STEP_CNN, STEP_ENCODER,
    STEP_LSTM, STEP_WIDE,
};

/// The works in the order in which they are shown, in words.
pub fn works() -> Vec<(&'static str, &'static str)> {
    let products = ["product, 256³", "product, 512³", "product, 1024³", "product, 2048³"];
    [
        (STEP_32, "train step, 784-64-10, batch 32, SGD Nesterov"),
        (STEP_128, "train step, 784-64-10, batch 128, SGD Nesterov"),
        (STEP_WIDE, "train step, 784-512-512-10, batch 128, Adam"),
        (STEP_CNN, "train step, CNN 32-64, 28×28, batch 64, Adam"),
        (STEP_LSTM, "train step, LSTM 128 over 28×28, batch 64, Adam"),
        (STEP_ENCODER, "train step, encoder block 64 wide, 4 heads, 28 steps, batch 64, Adam"),
        (PREDICT, "one prediction, 784-64-10"),
        (PREDICT_CNN, "one prediction, the CNN"),
        (PREDICT_LSTM, "one prediction, the LSTM"),
        (PREDICT_TINY, "one prediction, 4-16-16-1"),
    ]
    .into_iter()
    .chain(PRODUCTS.map(|(_, work)| work).into_iter().zip(products))
    .chain([(FIT, "fit, 784-64-10, MNIST, 5 epochs, batch 32")])
    .collect()
}

/// What was said in all rounds.
#[derive(Default)]
pub struct Results {
    samples: BTreeMap<(String, String, u64), Vec<Sample>>,
    /// Libraries and their versions, as those in Python say.
    pub versions: BTreeMap<String, String>,
}

#[derive(Clone, Copy)]
struct Sample {
    us: f64,
    limit: Option<f64>,
    accuracy: Option<f64>,
}

/// Of a few numbers.
#[derive(Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Spread {
    fn of(mut numbers: Vec<f64>) -> Option<Spread> {
        numbers.sort_by(f64::total_cmp);
        let middle = |i: usize| numbers.get(i).copied();
        let median = (middle(numbers.len() / 2)? + middle((numbers.len() - 1) / 2)?) / 2.0;
        Some(Spread { median, least: numbers[0], most: numbers[numbers.len() - 1] })
    }
}

impl Results {
    /// Takes the lines that an engine has printed.
    pub fn read(&mut self, lines: &str) {
        for line in lines.lines() {
            let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
            for (name, version) in line["versions"].as_object().into_iter().flatten() {
                self.versions.insert(name.clone(), version.as_str().unwrap_or_default().into());
            }
            let (Some(engine), Some(work), Some(us)) =
                (line["engine"].as_str(), line["work"].as_str(), line["us"].as_f64())
            else {
                continue;
            };
            let sample = Sample { us, limit: line["limit"].as_f64(), accuracy: line["accuracy"].as_f64() };
            let key = (engine.to_owned(), work.to_owned(), line["threads"].as_u64().unwrap_or(1));
            self.samples.entry(key).or_default().push(sample);
        }
    }

    fn of(&self, engine: &str, work: &str, threads: u64) -> &[Sample] {
        self.samples.get(&(engine.to_owned(), work.to_owned(), threads)).map_or(&[], |samples| samples)
    }

    /// Microseconds.
    pub fn time(&self, engine: &str, work: &str, threads: u64) -> Option<Spread> {
        Spread::of(self.of(engine, work, threads).iter().map(|sample| sample.us).collect())
    }

    /// The least microseconds that so many cores can take.
    pub fn limit(&self, work: &str, threads: u64) -> Option<Spread> {
        Spread::of(self.of(OURS, work, threads).iter().filter_map(|sample| sample.limit).collect())
    }

    /// Our times over the limits that were measured beside them.
    pub fn over_limit(&self, work: &str, threads: u64) -> Option<Spread> {
        let samples = self.of(OURS, work, threads).iter();
        Spread::of(samples.filter_map(|sample| Some(sample.us / sample.limit?)).collect())
    }

    /// Test accuracy.
    pub fn accuracy(&self, engine: &str, work: &str, threads: u64) -> Option<Spread> {
        Spread::of(self.of(engine, work, threads).iter().filter_map(|sample| sample.accuracy).collect())
    }

    /// All that did a work, by engine, with the number of threads and times.
    pub fn all(&self, work: &str) -> Vec<(&'static str, u64, Spread)> {
        let on = |engine| (1..=2).filter_map(move |threads| Some((engine, threads, self.time(engine, work, threads)?)));
        ENGINES.iter().flat_map(|(engine, _)| on(engine)).collect()
    }

    /// Each engine that did a work, with the number of threads that served it best; the fastest engine first.
    pub fn best(&self, work: &str) -> Vec<(&'static str, u64, Spread)> {
        let mut best = self.all(work);
        best.sort_by(|a, b| a.2.median.total_cmp(&b.2.median));
        let mut seen = Vec::new();
        best.retain(|(engine, ..)| {
            !seen.contains(engine) && {
                seen.push(*engine);
                true
            }
        });
        best
    }

    /// The fastest of the others.
    pub fn best_peer(&self, work: &str) -> Option<(&'static str, u64, Spread)> {
        self.best(work).into_iter().find(|(engine, ..)| *engine != OURS)
    }
}
