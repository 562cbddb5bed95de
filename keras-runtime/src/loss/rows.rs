//! What cross-entropies are made of.

use keras_kernels::softmax;

use super::Predictions;
use crate::model::graph::Head;
use crate::target::Targets;

/// Keras's `epsilon()`, what probabilities are clipped by.
pub(super) const EPSILON: f32 = 1e-7;

/// What a cross-entropy of a softmax is computed from.
#[derive(Clone, Copy)]
pub(super) enum Scores {
    /// The output is softmax of the logits.
    Fused,
    /// The output is the logits.
    Logits,
    /// The output is probabilities of unknown origin.
    Probabilities,
}

impl Scores {
    pub(super) fn of(head: Head, from_logits: bool) -> Scores {
        if from_logits {
            Scores::Logits
        } else if head == Head::Softmax {
            Scores::Fused
        } else {
            Scores::Probabilities
        }
    }
}

/// The dense targets. Types keep others away from losses that need them; a loss chosen at run time is checked before.
pub(super) fn dense<'a>(targets: Targets<'a>, losses: &mut [f32]) -> Option<&'a [f32]> {
    match targets {
        Targets::Dense(t) => Some(t),
        Targets::Classes(_) => {
            losses.fill(f32::NAN);
            None
        }
    }
}

/// ln Σ eᶻ.
pub(super) fn log_sum_exp(z: &[f32]) -> f32 {
    let max = largest(z);
    max + z.iter().map(|z| (z - max).exp()).sum::<f32>().ln()
}

/// ln Σ eᶻ, where softmax(z) is known.
pub(super) fn log_sum_exp_of(z: &[f32], softmax: &[f32]) -> f32 {
    largest(z) - largest(softmax).ln()
}

/// NaN if any is NaN.
fn largest(x: &[f32]) -> f32 {
    x.iter().fold(f32::NEG_INFINITY, |max, &x| if x > max || x.is_nan() { x } else { max })
}

/// Σⱼ tⱼ (ln Σ eᶻ − zⱼ) of each row, and its gradient with respect to the logits z. `t` gives the target of an index
/// into all values.
pub(super) fn from_logits(
    p: Predictions<'_>,
    fused: bool,
    t: impl Fn(usize) -> f32,
    scale: &[f32],
    losses: &mut [f32],
    mut grad: Option<&mut [f32]>,
) {
    let z = if fused { p.logits } else { p.y };
    if let Some(grad) = grad.as_deref_mut() {
        probabilities(p, fused, grad);
    }
    for (i, loss) in losses.iter_mut().enumerate() {
        let row = i * p.n..(i + 1) * p.n;
        let z = &z[row.clone()];
        let lse = if fused { log_sum_exp_of(z, &p.y[row.clone()]) } else { log_sum_exp(z) };
        *loss = z.iter().zip(row.clone()).map(|(z, j)| t(j) * (lse - z)).sum();
        if let Some(grad) = grad.as_deref_mut() {
            let total: f32 = row.clone().map(&t).sum();
            for (g, j) in grad[row.clone()].iter_mut().zip(row) {
                *g = scale[i] * (*g * total - t(j));
            }
        }
    }
}

/// softmax of the logits, to where their gradient will be.
pub(super) fn probabilities(p: Predictions<'_>, fused: bool, grad: &mut [f32]) {
    if fused {
        grad.copy_from_slice(p.y);
    } else {
        softmax::forward(p.isa, grad, Some(p.y), p.n);
    }
}

/// −Σⱼ tⱼ ln qⱼ of each row with q = p / Σp clipped to \[ε, 1 − ε\], and its gradient with respect to p.
pub(super) fn from_probabilities(
    p: Predictions<'_>,
    t: impl Fn(usize) -> f32,
    scale: &[f32],
    losses: &mut [f32],
    mut grad: Option<&mut [f32]>,
) {
    for (i, loss) in losses.iter_mut().enumerate() {
        let row = i * p.n..(i + 1) * p.n;
        let y = &p.y[row.clone()];
        let sum: f32 = y.iter().sum();
        *loss = -y.iter().zip(row.clone()).map(|(y, j)| t(j) * clip(y / sum, EPSILON, 1.0 - EPSILON).ln()).sum::<f32>();
        if let Some(grad) = grad.as_deref_mut() {
            // dq = −t / q where q is not clipped, and dp = (dq − Σ dq · q) / Σp.
            let slope = |j: usize, q: f32| if (EPSILON..=1.0 - EPSILON).contains(&q) { -t(j) / q } else { q * 0.0 };
            let mean: f32 = y.iter().zip(row.clone()).map(|(y, j)| slope(j, y / sum) * (y / sum)).sum();
            for ((g, y), j) in grad[row.clone()].iter_mut().zip(y).zip(row) {
                *g = scale[i] * (slope(j, y / sum) - mean) / sum;
            }
        }
    }
}

/// NaN stays NaN.
pub(super) fn clip(x: f32, min: f32, max: f32) -> f32 {
    if x < min {
        min
    } else if x > max {
        max
    } else {
        x
    }
}
