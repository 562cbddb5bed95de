//! The share of classes that are nearly right, with targets as probabilities.

use super::rank::{argmax, in_top_k};
use super::{Mean, Measure};
use crate::loss::Predictions;
use crate::target::Targets;

/// The share of positions where the class of the largest target has one of the k largest scores.
#[derive(Clone, Debug)]
pub struct TopKCategoricalAccuracy {
    k: usize,
    mean: Mean,
    pub(super) name: Option<String>,
}

impl TopKCategoricalAccuracy {
    /// Right are the `k` largest scores.
    #[must_use]
    pub fn new(k: usize) -> TopKCategoricalAccuracy {
        TopKCategoricalAccuracy { k, mean: Mean::default(), name: None }
    }
}

impl Default for TopKCategoricalAccuracy {
    /// As in Keras: the five largest scores.
    fn default() -> TopKCategoricalAccuracy {
        TopKCategoricalAccuracy::new(5)
    }
}

impl Measure for TopKCategoricalAccuracy {
    fn mean(&self) -> &Mean {
        &self.mean
    }
    fn mean_mut(&mut self) -> &mut Mean {
        &mut self.mean
    }
    fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>) {
        let Targets::Dense(t) = p.targets else { return };
        let k = self.k;
        self.mean.positions(p, weights, |i| {
            let y = &p.y[i * p.n..][..p.n];
            f64::from(in_top_k(y, argmax(&t[i * p.n..][..p.n]), k))
        });
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> crate::device::Score {
        crate::device::Score { number: self.k as f32, ..crate::device::Score::plain("TOP_K_CATEGORICAL_ACCURACY") }
    }
}
