//! The share of right classes, with targets as class indices.

use super::rank::argmax;
use super::{Mean, Measure};
use crate::loss::Predictions;
use crate::target::Targets;

/// The share of positions whose largest score is that of the right class.
#[derive(Clone, Debug, Default)]
pub struct SparseCategoricalAccuracy {
    mean: Mean,
    pub(super) name: Option<String>,
}

impl Measure for SparseCategoricalAccuracy {
    fn mean(&self) -> &Mean {
        &self.mean
    }
    fn mean_mut(&mut self) -> &mut Mean {
        &mut self.mean
    }
    fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>) {
        let Targets::Classes(t) = p.targets else { return };
        self.mean.positions(p, weights, |i| {
            let y = &p.y[i * p.n..][..p.n];
            f64::from(argmax(y) == t[i] as usize)
        });
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> crate::device::Score {
        crate::device::Score::plain("CATEGORICAL_ACCURACY")
    }
}
