//! Masks: 1 for each step of a sequence that counts, 0 for each that does not.

pub mod scalar;

use crate::Isa;

/// 1 for each row of `n` elements of which one differs from `value`, 0 for each in which all are equal to it.
///
/// ```
/// use keras_kernels::{Isa, mask};
/// let mut m = [0.0; 2];
/// mask::not_equal(Isa::best(), &mut m, &[0.0, 0.0, 0.0, 3.0], 2, 0.0);
/// assert_eq!(m, [0.0, 1.0]);
/// ```
///
/// # Panics
/// If `x` is not as many rows as `m` has elements.
pub fn not_equal(_: Isa, m: &mut [f32], x: &[f32], n: usize, value: f32) {
    scalar::not_equal(m, x, n, value);
}

/// Rows of `n` elements where the mask is not 0, zeros where it is.
///
/// # Panics
/// If `y` and `x` differ in length, or are not as many rows as `m` has elements.
pub fn forward(_: Isa, y: &mut [f32], x: &[f32], m: &[f32], n: usize) {
    scalar::forward(y, x, m, n);
}

/// dx = dy where the mask is not 0 and 0 where it is, or dx += that if `acc`.
///
/// # Panics
/// As [`forward`].
pub fn backward(_: Isa, dx: &mut [f32], dy: &[f32], m: &[f32], n: usize, acc: bool) {
    scalar::backward(dx, dy, m, n, acc);
}

fn check(y: usize, x: usize, m: usize, n: usize) {
    assert!(y == x && x == m * n, "{m} rows of {n} elements in {x} and {y}");
}
