//! The mean of Kullback and Leibler's divergence.

use super::{Mean, Measure};
use crate::loss::{self, Predictions};

/// The mean of the [loss](loss::KLDivergence) of this name.
#[derive(Clone, Debug, Default)]
pub struct KLDivergence {
    loss: loss::KLDivergence,
    mean: Mean,
    pub(super) name: Option<String>,
}

impl Measure for KLDivergence {
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
