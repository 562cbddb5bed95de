//! Mean of squared errors.

use super::rows;
use super::{Formula, Predictions, Reduction};
#[cfg(feature = "cuda")]
use crate::device::Score;

/// Mean of (t − y)² over the values of each position; targets are of the output's own type, or `f32` for `[f32; 1]`.
///
/// ```
/// use keras_runtime::loss::{Loss, MeanSquaredError};
/// assert_eq!(Loss::<[f32; 1], f32>::name(&MeanSquaredError::default()), "mean_squared_error");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeanSquaredError {
    pub(super) reduction: Reduction,
}

impl Formula for MeanSquaredError {
    fn reduction(&self) -> Reduction {
        self.reduction
    }
    fn evaluate(&self, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>) {
        let Some(t) = rows::dense(p.targets, losses) else { return };
        let n = p.n as f32;
        for ((loss, y), t) in losses.iter_mut().zip(p.y.chunks_exact(p.n)).zip(t.chunks_exact(p.n)) {
            *loss = y.iter().zip(t).map(|(y, t)| (y - t) * (y - t)).sum::<f32>() / n;
        }
        let rows = grad.into_iter().flat_map(|grad| grad.chunks_exact_mut(p.n));
        for (((grad, y), t), scale) in rows.zip(p.y.chunks_exact(p.n)).zip(t.chunks_exact(p.n)).zip(scale) {
            let factor = 2.0 * scale / n;
            for ((g, y), t) in grad.iter_mut().zip(y).zip(t) {
                *g = factor * (y - t);
            }
        }
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> Score {
        Score::plain("MEAN_SQUARED_ERROR")
    }
}
