//! Kullback and Leibler's divergence.

use super::rows::{self, EPSILON};
use super::{Formula, Predictions, Reduction};
#[cfg(feature = "cuda")]
use crate::device::Score;
use crate::model::graph::Head;

/// Σ t ln(t / p) over the values of each position; targets are distributions of the output's own type.
///
/// Targets are clipped to \[1e-7, 1\], as in Keras. So is p, but behind a softmax: there it is computed from the logits.
///
/// ```
/// use keras_runtime::loss::{KLDivergence, Loss};
/// assert_eq!(Loss::<[f32; 4], [f32; 4]>::name(&KLDivergence::default()), "kl_divergence");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KLDivergence {
    pub(super) reduction: Reduction,
}

impl Formula for KLDivergence {
    fn fuses(&self, head: Head) -> bool {
        head == Head::Softmax
    }
    fn reduction(&self) -> Reduction {
        self.reduction
    }
    fn evaluate(&self, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>) {
        let Some(t) = rows::dense(p.targets, losses) else { return };
        let t = |j: usize| rows::clip(t[j], EPSILON, 1.0);
        if Formula::fuses(self, p.head) {
            rows::from_logits(p, true, t, scale, losses, grad);
            for (i, loss) in losses.iter_mut().enumerate() {
                *loss += (i * p.n..(i + 1) * p.n).map(|j| t(j) * t(j).ln()).sum::<f32>();
            }
            return;
        }
        for (i, loss) in losses.iter_mut().enumerate() {
            let row = i * p.n..(i + 1) * p.n;
            *loss = row.map(|j| t(j) * (t(j) / rows::clip(p.y[j], EPSILON, 1.0)).ln()).sum();
        }
        for (j, g) in grad.into_iter().flatten().enumerate() {
            let y = p.y[j];
            *g = if (EPSILON..=1.0).contains(&y) { -scale[j / p.n] * t(j) / y } else { 0.0 * y };
        }
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> Score {
        Score::plain("KL_DIVERGENCE")
    }
}
