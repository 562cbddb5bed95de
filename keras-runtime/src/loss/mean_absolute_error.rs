//! Mean of absolute errors.

use super::rows;
use super::{Formula, Predictions, Reduction};
#[cfg(feature = "cuda")]
use crate::device::Score;

/// Mean of |t − y| over the values of each position; targets are of the output's own type, or `f32` for `[f32; 1]`. The
/// gradient of an error of 0 is 0.
///
/// ```
/// use keras_runtime::loss::{Loss, MeanAbsoluteError};
/// assert_eq!(Loss::<[f32; 3], [f32; 3]>::name(&MeanAbsoluteError::default()), "mean_absolute_error");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeanAbsoluteError {
    pub(super) reduction: Reduction,
}

impl Formula for MeanAbsoluteError {
    fn reduction(&self) -> Reduction {
        self.reduction
    }
    fn evaluate(&self, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>) {
        let Some(t) = rows::dense(p.targets, losses) else { return };
        let n = p.n as f32;
        for ((loss, y), t) in losses.iter_mut().zip(p.y.chunks_exact(p.n)).zip(t.chunks_exact(p.n)) {
            *loss = y.iter().zip(t).map(|(y, t)| (y - t).abs()).sum::<f32>() / n;
        }
        let rows = grad.into_iter().flat_map(|grad| grad.chunks_exact_mut(p.n));
        for (((grad, y), t), scale) in rows.zip(p.y.chunks_exact(p.n)).zip(t.chunks_exact(p.n)).zip(scale) {
            let step = scale / n;
            for ((g, y), t) in grad.iter_mut().zip(y).zip(t) {
                let error = y - t;
                // An error of 0 or NaN is its own sign.
                *g = step * if error == 0.0 || error.is_nan() { error } else { error.signum() };
            }
        }
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> Score {
        Score::plain("MEAN_ABSOLUTE_ERROR")
    }
}
