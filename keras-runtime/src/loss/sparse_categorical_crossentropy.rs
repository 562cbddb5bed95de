//! Cross-entropy of classes as integers.

use keras_kernels::crossentropy;

use super::rows::{self, EPSILON, Scores};
use super::{Formula, Predictions, Reduction};
#[cfg(feature = "cuda")]
use crate::device::Score;
use crate::model::graph::Head;
use crate::target::Targets;

/// −ln p of the right class of each position; targets are class indices, one for each position.
///
/// Behind a softmax it is computed from the logits and nothing is clipped. Otherwise p is divided by its sum and clipped
/// to \[1e-7, 1 − 1e-7\], as in Keras.
///
/// ```
/// use keras_runtime::loss::{Loss, SparseCategoricalCrossentropy};
/// let loss = SparseCategoricalCrossentropy::default().from_logits(true);
/// assert_eq!(Loss::<[[f32; 50]; 12], [u16; 12]>::name(&loss), "sparse_categorical_crossentropy");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SparseCategoricalCrossentropy {
    from_logits: bool,
    ignore_class: Option<u32>,
    pub(super) reduction: Reduction,
}

impl SparseCategoricalCrossentropy {
    /// Whether the output is logits rather than probabilities.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.from_logits = from_logits;
        self
    }

    /// A class, such as that of padding, whose positions do not count: their loss is 0, and the mean is over the others.
    /// It must be one of the output's classes.
    #[must_use]
    pub fn ignore_class(mut self, class: u32) -> Self {
        self.ignore_class = Some(class);
        self
    }
}

impl Formula for SparseCategoricalCrossentropy {
    fn fuses(&self, head: Head) -> bool {
        head == Head::Softmax && !self.from_logits
    }
    fn reduction(&self) -> Reduction {
        self.reduction
    }
    fn ignored_class(&self) -> Option<u32> {
        self.ignore_class
    }
    fn evaluate(&self, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], mut grad: Option<&mut [f32]>) {
        let Targets::Classes(t) = p.targets else {
            losses.fill(f32::NAN);
            return;
        };
        match (Scores::of(p.head, self.from_logits), grad.as_deref_mut()) {
            (Scores::Fused, Some(grad)) => {
                crossentropy::sparse(p.isa, grad, p.logits, p.y, t, scale, losses, p.n);
            }
            (Scores::Fused, None) => each(p, losses, t, |row, class| {
                let z = &p.logits[row.clone()];
                rows::log_sum_exp_of(z, &p.y[row]) - z[class]
            }),
            (Scores::Logits, grad) => {
                each(p, losses, t, |row, class| rows::log_sum_exp(&p.y[row.clone()]) - p.y[row][class]);
                if let Some(grad) = grad {
                    rows::probabilities(p, false, grad);
                    for (i, grad) in grad.chunks_exact_mut(p.n).enumerate() {
                        grad[t[i] as usize] -= 1.0;
                        grad.iter_mut().for_each(|g| *g *= scale[i]);
                    }
                }
            }
            (Scores::Probabilities, grad) => {
                let share = |y: &[f32], class: usize| y[class] / y.iter().sum::<f32>();
                each(p, losses, t, |row, class| -rows::clip(share(&p.y[row], class), EPSILON, 1.0 - EPSILON).ln());
                for (i, grad) in grad.into_iter().flat_map(|grad| grad.chunks_exact_mut(p.n)).enumerate() {
                    let (y, class) = (&p.y[i * p.n..][..p.n], t[i] as usize);
                    // −ln(p / Σp): 1 / Σp everywhere, and −1 / p of the class in addition.
                    let inside = (EPSILON..=1.0 - EPSILON).contains(&share(y, class));
                    grad.fill(if inside { scale[i] / y.iter().sum::<f32>() } else { 0.0 });
                    grad[class] -= if inside { scale[i] / y[class] } else { 0.0 * y[class] };
                }
            }
        }
        if let Some(ignored) = self.ignore_class {
            for (i, _) in t.iter().enumerate().filter(|(_, class)| **class == ignored) {
                losses[i] = 0.0;
                if let Some(grad) = grad.as_deref_mut() {
                    grad[i * p.n..][..p.n].fill(0.0);
                }
            }
        }
    }
    #[cfg(feature = "cuda")]
    fn score(&self) -> Score {
        Score {
            from_logits: self.from_logits,
            ignored: self.ignore_class,
            ..Score::plain("SPARSE_CATEGORICAL_CROSSENTROPY")
        }
    }
}

/// The loss of each position, by the range of its values and its class.
fn each(p: Predictions<'_>, losses: &mut [f32], t: &[u32], loss: impl Fn(core::ops::Range<usize>, usize) -> f32) {
    for (i, (to, &class)) in losses.iter_mut().zip(t).enumerate() {
        *to = loss(i * p.n..(i + 1) * p.n, class as usize);
    }
}
