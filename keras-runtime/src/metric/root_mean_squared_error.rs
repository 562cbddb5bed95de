//! The root of the mean of squared errors.

use super::{Mean, Measure};
use crate::loss::{self, Predictions};

/// √ of the mean of (t − y)² over all values.
#[derive(Clone, Debug, Default)]
pub struct RootMeanSquaredError {
    loss: loss::MeanSquaredError,
    mean: Mean,
    pub(super) name: Option<String>,
}

impl Measure for RootMeanSquaredError {
    fn mean(&self) -> &Mean {
        &self.mean
    }
    fn mean_mut(&mut self) -> &mut Mean {
        &mut self.mean
    }
    fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>) {
        self.mean.losses(p, weights, &self.loss);
    }
    fn result(&self) -> f64 {
        self.mean.result().sqrt()
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> crate::device::Score {
        crate::loss::Formula::score(&self.loss)
    }
}
