//! The share of right answers yes and no.

use super::{Mean, Measure};
use crate::loss::Predictions;
use crate::target::Targets;

/// The share of values above a threshold where the target is 1, and not above it where it is 0.
#[derive(Clone, Debug)]
pub struct BinaryAccuracy {
    threshold: f32,
    mean: Mean,
    pub(super) name: Option<String>,
}

impl BinaryAccuracy {
    /// Values above `threshold` are a yes.
    #[must_use]
    pub fn new(threshold: f32) -> BinaryAccuracy {
        BinaryAccuracy { threshold, mean: Mean::default(), name: None }
    }
}

impl Default for BinaryAccuracy {
    /// As in Keras: a threshold of ½.
    fn default() -> BinaryAccuracy {
        BinaryAccuracy::new(0.5)
    }
}

impl Measure for BinaryAccuracy {
    fn mean(&self) -> &Mean {
        &self.mean
    }
    fn mean_mut(&mut self) -> &mut Mean {
        &mut self.mean
    }
    fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>) {
        let threshold = self.threshold;
        self.mean.positions(p, weights, |i| {
            let target = |j: usize| match p.targets {
                Targets::Dense(t) => t[j],
                Targets::Classes(t) => t[i] as f32,
            };
            let right = (i * p.n..(i + 1) * p.n).filter(|&j| target(j) == f32::from(p.y[j] > threshold)).count();
            right as f64 / p.n as f64
        });
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> crate::device::Score {
        crate::device::Score { number: self.threshold, ..crate::device::Score::plain("BINARY_ACCURACY") }
    }
}
