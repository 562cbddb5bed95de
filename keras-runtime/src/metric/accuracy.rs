//! The share of right answers, whatever kind of answers they are.

use super::rank::argmax;
use super::{Mean, Measure};
use crate::loss::Predictions;
use crate::target::Targets;

/// Keras's `"accuracy"`: [`BinaryAccuracy`](super::BinaryAccuracy) where the output's last dimension is 1, else
/// [`SparseCategoricalAccuracy`](super::SparseCategoricalAccuracy) for class indices and
/// [`CategoricalAccuracy`](super::CategoricalAccuracy) for targets of the output's own type.
#[derive(Clone, Debug, Default)]
pub struct Accuracy {
    mean: Mean,
    pub(super) name: Option<String>,
}

impl Measure for Accuracy {
    fn mean(&self) -> &Mean {
        &self.mean
    }
    fn mean_mut(&mut self) -> &mut Mean {
        &mut self.mean
    }
    fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>) {
        let row = |x: &'_ [f32], i: usize| argmax(&x[i * p.n..][..p.n]);
        self.mean.positions(p, weights, |i| {
            let right = match p.targets {
                Targets::Dense(t) if p.n == 1 => t[i] == f32::from(p.y[i] > 0.5),
                Targets::Classes(t) if p.n == 1 => t[i] == u32::from(p.y[i] > 0.5),
                Targets::Dense(t) => row(t, i) == row(p.y, i),
                Targets::Classes(t) => t[i] as usize == row(p.y, i),
            };
            f64::from(right)
        });
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> crate::device::Score {
        crate::device::Score::plain("ACCURACY")
    }
}
