//! The sum of several tensors of one shape.

pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;

/// `y = xs[0] + xs[1] + …`, added in this order; 0 where there are none.
///
/// # Panics
/// If the lengths differ.
pub fn forward(isa: Isa, y: &mut [f32], xs: &[&[f32]]) {
    per_isa!(isa, scalar::forward(y: &mut [f32], xs: &[&[f32]]), scalar::forward)
}

/// dx = dy, or dx += dy if `acc`: the gradient of each of the terms.
///
/// # Panics
/// If the lengths differ.
pub fn backward(isa: Isa, dx: &mut [f32], dy: &[f32], acc: bool) {
    per_isa!(isa, scalar::backward(dx: &mut [f32], dy: &[f32], acc: bool), scalar::backward)
}
