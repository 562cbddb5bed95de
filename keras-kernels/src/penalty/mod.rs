//! L1 and L2 penalties on weights and on activities: l1 · Σ|w| + l2 · Σw².

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;
use crate::memory::Out;

/// The factors of a penalty.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Penalty {
    /// Factor of the sum of absolute values.
    pub l1: f32,
    /// Factor of the sum of squares.
    pub l2: f32,
}

impl Penalty {
    /// So many times this penalty.
    #[must_use]
    pub fn times(self, factor: f32) -> Penalty {
        Penalty { l1: self.l1 * factor, l2: self.l2 * factor }
    }
}

/// l1 · Σ|w| + l2 · Σw²; the order of the sums depends on the length and the instruction set alone. The relative error is
/// at most (additions + 2) · 2⁻²⁴, with the additions of [`crate::softmax`].
#[must_use]
pub fn value(isa: Isa, w: &[f32], p: Penalty) -> f32 {
    per_isa!(isa, lanes::value(w: &[f32], p: Penalty) -> f32, scalar::value)
}

/// The gradient l1 · sign(w) + 2 · l2 · w of the weights that are `out`'s own, as one of its contributions; sign(0) is
/// 0.
pub fn backward(isa: Isa, out: Out<'_>, p: Penalty) {
    let mut out = out;
    let mut piece = [0.0; PIECE];
    let own = out.own();
    for from in own.clone().step_by(PIECE) {
        let piece = &mut piece[..PIECE.min(own.end - from)];
        weights_backward(isa, piece, &out.weights()[from - own.start..][..piece.len()], p);
        out.put(from, piece);
    }
}

fn weights_backward(isa: Isa, dw: &mut [f32], w: &[f32], p: Penalty) {
    per_isa!(isa, scalar::backward(dw: &mut [f32], w: &[f32], p: Penalty), scalar::backward)
}

/// dx += scale · (l1 · sign(x) + 2 · l2 · x): the gradient of a penalty on a layer's output.
///
/// # Panics
/// If the lengths differ.
pub fn activity_backward(isa: Isa, dx: &mut [f32], x: &[f32], p: Penalty, scale: f32) {
    per_isa!(
        isa,
        scalar::activity_backward(dx: &mut [f32], x: &[f32], p: Penalty, scale: f32),
        scalar::activity_backward
    )
}

/// How many floats are handed to `Out::put` at once.
const PIECE: usize = 256;
