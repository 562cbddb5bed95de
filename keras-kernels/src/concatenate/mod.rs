//! Rows put side by side.
//!
//! An axis other than the last is the same with other widths: what follows the axis counts as part of it, what comes
//! before it as rows.

pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;

/// Each row of `y` is the rows of `xs` one behind the other; `xs[i]` has rows of `widths[i]` elements.
///
/// ```
/// use keras_kernels::{Isa, concatenate};
/// let mut y = [0.0; 6];
/// concatenate::forward(Isa::best(), &mut y, &[&[1.0, 2.0], &[3.0, 4.0, 5.0, 6.0]], &[1, 2]);
/// assert_eq!(y, [1.0, 3.0, 4.0, 2.0, 5.0, 6.0]);
/// ```
///
/// # Panics
/// If there are not as many widths as inputs, or the lengths do not fit them.
pub fn forward(isa: Isa, y: &mut [f32], xs: &[&[f32]], widths: &[usize]) {
    // Copies alone, which are the same on every instruction set.
    let _ = isa;
    scalar::forward(y, xs, widths);
}

/// The gradient of the input that fills the columns `at..at + width` of rows of `total`: dx = that part of dy, or
/// dx += it if `acc`.
///
/// # Panics
/// If the lengths do not fit.
pub fn backward(isa: Isa, dx: &mut [f32], dy: &[f32], at: usize, width: usize, total: usize, acc: bool) {
    per_isa!(
        isa,
        scalar::backward(dx: &mut [f32], dy: &[f32], at: usize, width: usize, total: usize, acc: bool),
        scalar::backward
    )
}
