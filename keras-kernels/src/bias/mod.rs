//! A bias that is added to rows: y = x + b.

pub mod scalar;

use crate::Isa;

/// Each row of `x` and the bias, which is as long as a row.
///
/// ```
/// use keras_kernels::{Isa, bias};
/// let mut y = [0.0; 4];
/// bias::forward(Isa::best(), &mut y, &[1.0, 2.0, 3.0, 4.0], &[10.0, 20.0]);
/// assert_eq!(y, [11.0, 22.0, 13.0, 24.0]);
/// ```
///
/// # Panics
/// If the lengths differ, or are not rows as long as the bias.
pub fn forward(_: Isa, y: &mut [f32], x: &[f32], b: &[f32]) {
    // One addition for each element, which every instruction set rounds alike.
    scalar::forward(y, x, b);
}
