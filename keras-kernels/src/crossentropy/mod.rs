//! Cross-entropy of a softmax, loss and gradient in one pass.
//!
//! From the logits z and p = softmax(z), the loss of a row is Σⱼ tⱼ (lse − zⱼ) with lse = ln Σ eᶻ = max z − ln max p, which
//! neither overflows nor takes the logarithm of a small number; nothing is clipped. The gradient of the logits is
//! scale · (p Σt − t).
//!
//! With ε = 2⁻²⁴, the error of a loss is at most (additions · loss + Σ tⱼ (4 |lse| + |zⱼ| + 4)) ε, with the additions of
//! [`crate::softmax`]: for targets and losses of a moderate size, as many units in the last place of the logits.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;

/// Targets as probabilities: `losses[r]` = Σⱼ tⱼ (lse − zⱼ), not scaled, and dz = `scale[r]` · (p Σt − t), in rows of `n`.
///
/// `scale` is what the row's loss counts in the total: one over the batch, times the sample's weight.
///
/// # Panics
/// If the lengths do not fit.
pub fn softmax(isa: Isa, dz: &mut [f32], z: &[f32], p: &[f32], t: &[f32], scale: &[f32], losses: &mut [f32], n: usize) {
    check(dz.len(), z.len(), p.len(), t.len(), n, scale.len(), losses.len(), n);
    per_isa!(
        isa,
        lanes::softmax(
            dz: &mut [f32],
            z: &[f32],
            p: &[f32],
            t: &[f32],
            scale: &[f32],
            losses: &mut [f32],
            n: usize,
        ),
        scalar::softmax
    )
}

/// Targets as class numbers: `losses[r]` = lse − z of the class, not scaled, and dz = `scale[r]` · (p − 1 at the class),
/// in rows of `n`.
///
/// A label that is no class (`n` or more) makes its row's loss and gradient NaN.
///
/// ```
/// use keras_kernels::{Isa, crossentropy};
/// let (mut dz, mut losses) = ([0.0; 2], [0.0]);
/// crossentropy::sparse(Isa::best(), &mut dz, &[0.0, 0.0], &[0.5, 0.5], &[1], &[1.0], &mut losses, 2);
/// assert_eq!((dz, losses), ([0.5, -0.5], [core::f32::consts::LN_2]));
/// ```
///
/// # Panics
/// If the lengths do not fit.
pub fn sparse(
    isa: Isa,
    dz: &mut [f32],
    z: &[f32],
    p: &[f32],
    labels: &[u32],
    scale: &[f32],
    losses: &mut [f32],
    n: usize,
) {
    check(dz.len(), z.len(), p.len(), labels.len(), 1, scale.len(), losses.len(), n);
    per_isa!(
        isa,
        lanes::sparse(
            dz: &mut [f32],
            z: &[f32],
            p: &[f32],
            labels: &[u32],
            scale: &[f32],
            losses: &mut [f32],
            n: usize,
        ),
        scalar::sparse
    )
}

fn check(dz: usize, z: usize, p: usize, t: usize, per_target: usize, scale: usize, losses: usize, n: usize) {
    let rows = losses;
    assert!(
        dz == rows * n && z == dz && p == dz && t == rows * per_target && scale == rows && (n > 0 || rows == 0),
        "{dz} gradients of {z} logits, {p} probabilities, {t} targets, {scale} scales and {losses} losses in rows of {n}"
    );
}
