//! Gated linear unit over rows: y = a · σ(b), a and b the halves of a row of x.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;

/// Rows of `n` elements from rows of twice as many.
///
/// ```
/// use keras_kernels::{Isa, glu};
/// let mut y = [0.0];
/// glu::forward(Isa::best(), &mut y, &[3.0, 0.0], 1);
/// assert_eq!(y, [1.5]);
/// ```
///
/// # Panics
/// If `y` is not rows of `n` elements or `x` not twice as long.
pub fn forward(isa: Isa, y: &mut [f32], x: &[f32], n: usize) {
    check(y.len(), x.len(), x.len(), n);
    per_isa!(isa, lanes::forward(y: &mut [f32], x: &[f32], n: usize), scalar::forward)
}

/// da = dy · σ(b), db = dy · a · σ(b) (1 − σ(b)) in each row, or dx += that if `acc`. `x` is what the forward pass read.
///
/// # Panics
/// If `dy` is not rows of `n` elements, or `dx` or `x` not twice as long.
pub fn backward(isa: Isa, dx: &mut [f32], dy: &[f32], x: &[f32], n: usize, acc: bool) {
    check(dy.len(), x.len(), dx.len(), n);
    per_isa!(
        isa,
        lanes::backward(dx: &mut [f32], dy: &[f32], x: &[f32], n: usize, acc: bool),
        scalar::backward
    )
}

fn check(y: usize, x: usize, dx: usize, n: usize) {
    assert!(y.is_multiple_of(n), "gated rows of {n} in {y} elements");
    assert!(x == 2 * y && dx == x, "{y} elements gated from {x}, whose gradient has {dx}");
}
