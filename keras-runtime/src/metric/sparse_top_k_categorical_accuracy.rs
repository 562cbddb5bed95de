//! The share of classes that are nearly right, with targets as class indices.

use super::rank::in_top_k;
use super::{Mean, Measure};
use crate::loss::Predictions;
use crate::target::Targets;

/// The share of positions where the right class has one of the k largest scores.
#[derive(Clone, Debug)]
pub struct SparseTopKCategoricalAccuracy {
    k: usize,
    mean: Mean,
    pub(super) name: Option<String>,
}

impl SparseTopKCategoricalAccuracy {
    /// Right are the `k` largest scores.
    #[must_use]
    pub fn new(k: usize) -> SparseTopKCategoricalAccuracy {
        SparseTopKCategoricalAccuracy { k, mean: Mean::default(), name: None }
    }
}

impl Default for SparseTopKCategoricalAccuracy {
    /// As in Keras: the five largest scores.
    fn default() -> SparseTopKCategoricalAccuracy {
        SparseTopKCategoricalAccuracy::new(5)
    }
}

impl Measure for SparseTopKCategoricalAccuracy {
    fn mean(&self) -> &Mean {
        &self.mean
    }
    fn mean_mut(&mut self) -> &mut Mean {
        &mut self.mean
    }
    fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>) {
        let Targets::Classes(t) = p.targets else { return };
        let k = self.k;
        self.mean.positions(p, weights, |i| {
            let y = &p.y[i * p.n..][..p.n];
            f64::from(in_top_k(y, t[i] as usize, k))
        });
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> crate::device::Score {
        crate::device::Score { number: self.k as f32, ..crate::device::Score::plain("TOP_K_CATEGORICAL_ACCURACY") }
    }
}
