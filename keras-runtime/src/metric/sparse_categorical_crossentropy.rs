//! The mean cross-entropy of classes as integers.

use super::{Mean, Measure};
use crate::loss::{self, Predictions};

/// The mean of the [loss](loss::SparseCategoricalCrossentropy) of this name.
#[derive(Clone, Debug, Default)]
pub struct SparseCategoricalCrossentropy {
    loss: loss::SparseCategoricalCrossentropy,
    mean: Mean,
    pub(super) name: Option<String>,
}

impl SparseCategoricalCrossentropy {
    /// Whether the output is logits rather than probabilities.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.loss = self.loss.from_logits(from_logits);
        self
    }

    /// A class whose positions count as 0.
    #[must_use]
    pub fn ignore_class(mut self, class: u32) -> Self {
        self.loss = self.loss.ignore_class(class);
        self
    }
}

impl Measure for SparseCategoricalCrossentropy {
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
