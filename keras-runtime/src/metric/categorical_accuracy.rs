//! The share of right classes, with targets as probabilities.

use super::rank::argmax;
use super::{Mean, Measure};
use crate::loss::Predictions;
use crate::target::Targets;

/// The share of positions whose largest score is where the largest target is.
#[derive(Clone, Debug, Default)]
pub struct CategoricalAccuracy {
    mean: Mean,
    pub(super) name: Option<String>,
}

impl Measure for CategoricalAccuracy {
    fn mean(&self) -> &Mean {
        &self.mean
    }
    fn mean_mut(&mut self) -> &mut Mean {
        &mut self.mean
    }
    fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>) {
        let Targets::Dense(t) = p.targets else { return };
        self.mean.positions(p, weights, |i| {
            let y = &p.y[i * p.n..][..p.n];
            f64::from(argmax(y) == argmax(&t[i * p.n..][..p.n]))
        });
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> crate::device::Score {
        crate::device::Score::plain("CATEGORICAL_ACCURACY")
    }
}
