//! The mean of absolute errors.

use super::{Mean, Measure};
use crate::loss::{self, Predictions};

/// The mean of |t − y| over all values.
#[derive(Clone, Debug, Default)]
pub struct MeanAbsoluteError {
    loss: loss::MeanAbsoluteError,
    mean: Mean,
    pub(super) name: Option<String>,
}

impl Measure for MeanAbsoluteError {
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
