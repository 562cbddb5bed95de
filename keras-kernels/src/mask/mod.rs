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

/// Rows of `n` elements where the mask is more than 1/2, `fill` where it is not.
///
/// # Panics
/// If `y` and `x` differ in length, or are not as many rows as `m` has elements.
pub fn forward(_: Isa, y: &mut [f32], x: &[f32], m: &[f32], n: usize, fill: f32) {
    scalar::forward(y, x, m, n, fill);
}

/// Rows of `n` elements: those of `a` where the mask is more than 1/2, those of `b` where it is not.
///
/// ```
/// use keras_kernels::{Isa, mask};
/// let mut y = [0.0; 4];
/// mask::select(Isa::best(), &mut y, &[1.0, 2.0, 3.0, 4.0], &[5.0, 6.0, 7.0, 8.0], &[0.0, 1.0], 2);
/// assert_eq!(y, [5.0, 6.0, 3.0, 4.0]);
/// ```
///
/// # Panics
/// If `y`, `a` and `b` differ in length, or are not as many rows as `m` has elements.
pub fn select(_: Isa, y: &mut [f32], a: &[f32], b: &[f32], m: &[f32], n: usize) {
    scalar::select(y, a, b, m, n);
}

/// dx = dy where the mask is more than 1/2 (if not `counts`, where it is not), and 0 elsewhere; or dx += that if `acc`.
///
/// # Panics
/// As [`forward`].
pub fn backward(_: Isa, dx: &mut [f32], dy: &[f32], m: &[f32], n: usize, counts: bool, acc: bool) {
    scalar::backward(dx, dy, m, n, counts, acc);
}

fn check(y: usize, x: usize, m: usize, n: usize) {
    assert!(y == x && x == m * n, "{m} rows of {n} elements in {x} and {y}");
}
