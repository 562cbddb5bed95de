//! Cross-entropy of classes as probabilities.

use keras_kernels::crossentropy;

use super::rows::{self, Scores};
use super::{Formula, Predictions, Reduction};
#[cfg(feature = "cuda")]
use crate::device::Score;
use crate::model::graph::Head;

/// −Σ t ln p over the classes of each position; targets are one-hot or any distribution, of the output's own type.
///
/// Behind a softmax it is computed from the logits and nothing is clipped. Otherwise p is divided by its sum and clipped
/// to \[1e-7, 1 − 1e-7\], as in Keras.
///
/// ```
/// use keras_runtime::loss::{CategoricalCrossentropy, Loss};
/// let loss = CategoricalCrossentropy::default().label_smoothing(0.1);
/// assert_eq!(Loss::<[f32; 10], [f32; 10]>::name(&loss), "categorical_crossentropy");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CategoricalCrossentropy {
    from_logits: bool,
    label_smoothing: f32,
    pub(super) reduction: Reduction,
}

impl CategoricalCrossentropy {
    /// Whether the output is logits rather than probabilities.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.from_logits = from_logits;
        self
    }

    /// The share of each target that is spread evenly over all classes; 0 unless given.
    #[must_use]
    pub fn label_smoothing(mut self, label_smoothing: f32) -> Self {
        self.label_smoothing = label_smoothing;
        self
    }
}

impl Formula for CategoricalCrossentropy {
    fn fuses(&self, head: Head) -> bool {
        head == Head::Softmax && !self.from_logits
    }
    fn reduction(&self) -> Reduction {
        self.reduction
    }
    fn evaluate(&self, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>) {
        let Some(t) = rows::dense(p.targets, losses) else { return };
        let (keep, spread) = (1.0 - self.label_smoothing, self.label_smoothing / p.n as f32);
        let smooth = |j: usize| t[j] * keep + spread;
        match (Scores::of(p.head, self.from_logits), grad) {
            (Scores::Fused, Some(grad)) if self.label_smoothing == 0.0 => {
                crossentropy::softmax(p.isa, grad, p.logits, p.y, t, scale, losses, p.n);
            }
            (Scores::Fused, grad) => rows::from_logits(p, true, smooth, scale, losses, grad),
            (Scores::Logits, grad) => rows::from_logits(p, false, smooth, scale, losses, grad),
            (Scores::Probabilities, grad) => rows::from_probabilities(p, smooth, scale, losses, grad),
        }
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> Score {
        Score {
            from_logits: self.from_logits,
            number: self.label_smoothing,
            ..Score::plain("CATEGORICAL_CROSSENTROPY")
        }
    }
}
