//! The mean cross-entropy of classes as probabilities.

use super::{Mean, Measure};
use crate::loss::{self, Predictions};

/// The mean of the [loss](loss::CategoricalCrossentropy) of this name.
#[derive(Clone, Debug, Default)]
pub struct CategoricalCrossentropy {
    loss: loss::CategoricalCrossentropy,
    mean: Mean,
    pub(super) name: Option<String>,
}

impl CategoricalCrossentropy {
    /// Whether the output is logits rather than probabilities.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.loss = self.loss.from_logits(from_logits);
        self
    }

    /// The share of each target that is spread evenly over all classes; 0 unless given.
    #[must_use]
    pub fn label_smoothing(mut self, label_smoothing: f32) -> Self {
        self.loss = self.loss.label_smoothing(label_smoothing);
        self
    }
}

impl Measure for CategoricalCrossentropy {
    fn mean(&self) -> &Mean {
        &self.mean
    }
    fn mean_mut(&mut self) -> &mut Mean {
        &mut self.mean
    }
    fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>) {
        self.mean.losses(p, weights, &self.loss);
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> crate::device::Score {
        crate::loss::Formula::score(&self.loss)
    }
}
