//! Cross-entropy of yes and no.

use keras_kernels::activation::{self, Act};

use super::rows::{self, EPSILON};
use super::{Formula, Predictions, Reduction};
#[cfg(feature = "cuda")]
use crate::device::Score;
use crate::model::graph::Head;
use crate::target::Targets;

/// Mean of −t ln p − (1 − t) ln(1 − p) over the values of each position; targets are 0, 1 or probabilities, of the
/// output's own type, or integers 0 and 1 for outputs `[f32; 1]`.
///
/// Behind a sigmoid it is computed from the logits and nothing is clipped. Otherwise p is clipped to \[1e-7, 1 − 1e-7\],
/// as in Keras.
///
/// ```
/// use keras_runtime::loss::{BinaryCrossentropy, Loss};
/// let loss = BinaryCrossentropy::default();
/// assert_eq!(Loss::<[f32; 1], u8>::name(&loss), "binary_crossentropy");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BinaryCrossentropy {
    from_logits: bool,
    label_smoothing: f32,
    pub(super) reduction: Reduction,
}

impl BinaryCrossentropy {
    /// Whether the output is logits rather than probabilities.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.from_logits = from_logits;
        self
    }

    /// How far targets are moved towards ½; 0 unless given, at 1 all are ½.
    #[must_use]
    pub fn label_smoothing(mut self, label_smoothing: f32) -> Self {
        self.label_smoothing = label_smoothing;
        self
    }

    fn with_targets(
        &self,
        p: Predictions<'_>,
        t: impl Fn(usize) -> f32,
        scale: &[f32],
        losses: &mut [f32],
        grad: Option<&mut [f32]>,
    ) {
        let n = p.n as f32;
        let fused = Formula::fuses(self, p.head);
        let mean = |losses: &mut [f32], loss: &dyn Fn(usize) -> f32| {
            for (i, to) in losses.iter_mut().enumerate() {
                *to = (i * p.n..(i + 1) * p.n).map(loss).sum::<f32>() / n;
            }
        };
        if !fused && !self.from_logits {
            mean(losses, &|j| {
                let y = rows::clip(p.y[j], EPSILON, 1.0 - EPSILON);
                -(t(j) * y.ln() + (1.0 - t(j)) * (1.0 - y).ln())
            });
            for (j, g) in grad.into_iter().flatten().enumerate() {
                let y = p.y[j];
                let inside = (EPSILON..=1.0 - EPSILON).contains(&y);
                *g = if inside { scale[j / p.n] / n * (y - t(j)) / (y * (1.0 - y)) } else { 0.0 * y };
            }
            return;
        }
        let z = if fused { p.logits } else { p.y };
        // ln(1 + eᶻ) − t z, by the side of 0 where e⁻|ᶻ| does not overflow.
        mean(losses, &|j| z[j].max(0.0) - z[j] * t(j) + (-z[j].abs()).exp().ln_1p());
        if let Some(grad) = grad {
            if fused {
                grad.copy_from_slice(p.y);
            } else {
                activation::forward(p.isa, grad, Some(z), Act::Sigmoid);
            }
            for (j, g) in grad.iter_mut().enumerate() {
                *g = scale[j / p.n] / n * (*g - t(j));
            }
        }
    }
}

impl Formula for BinaryCrossentropy {
    fn fuses(&self, head: Head) -> bool {
        head == Head::Sigmoid && !self.from_logits
    }
    fn reduction(&self) -> Reduction {
        self.reduction
    }
    fn evaluate(&self, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>) {
        let (keep, half) = (1.0 - self.label_smoothing, 0.5 * self.label_smoothing);
        match p.targets {
            Targets::Dense(t) => self.with_targets(p, |j| t[j] * keep + half, scale, losses, grad),
            Targets::Classes(t) => self.with_targets(p, |j| t[j / p.n] as f32 * keep + half, scale, losses, grad),
        }
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> Score {
        Score { from_logits: self.from_logits, number: self.label_smoothing, ..Score::plain("BINARY_CROSSENTROPY") }
    }
}
