//! Rows divided by their norm: y = x / √max(Σ x², 10⁻²⁴).
//!
//! The relative error is at most (additions / 2 + 5) · 2⁻²⁴, with the additions of [`crate::softmax`].

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;
use crate::softmax::{check_rows, check_rows_backward};

/// The square of the smallest norm.
const SMALLEST: f64 = 1e-24;

/// Each row of `n` elements divided by its norm, in place on `y` where `x` is `None`.
///
/// ```
/// use keras_kernels::{Isa, unit_normalization};
/// let mut y = [3.0, 4.0, 0.0, 0.0];
/// unit_normalization::forward(Isa::best(), &mut y, None, 2);
/// assert_eq!(y, [0.6, 0.8, 0.0, 0.0]);
/// ```
///
/// # Panics
/// If `y` is not rows of `n` elements or `x` is not as long.
pub fn forward(isa: Isa, y: &mut [f32], x: Option<&[f32]>, n: usize) {
    check_forward(y.len(), x.map(<[f32]>::len), n);
    per_isa!(isa, lanes::forward(y: &mut [f32], x: Option<&[f32]>, n: usize), scalar::forward)
}

/// dx = r dy − x r³ Σ dy x in each row of `n` elements, r one by the norm of x, or dx += that if `acc`; r dy alone where
/// the norm was held at 10⁻¹². `dx` holds dy where `dy` is `None`. `x` is what the forward pass read.
///
/// # Panics
/// If the lengths differ or are not rows of `n` elements, or on `acc` without `dy`.
pub fn backward(isa: Isa, dx: &mut [f32], dy: Option<&[f32]>, x: &[f32], n: usize, acc: bool) {
    check_backward(dx.len(), dy.map(<[f32]>::len), x.len(), n, acc);
    per_isa!(
        isa,
        lanes::backward(dx: &mut [f32], dy: Option<&[f32]>, x: &[f32], n: usize, acc: bool),
        scalar::backward
    )
}

fn check_forward(y: usize, x: Option<usize>, n: usize) {
    check_rows("unit normalization", y, x, n);
}

fn check_backward(dx: usize, dy: Option<usize>, x: usize, n: usize, acc: bool) {
    check_rows_backward("unit normalization", dx, dy, x, n, acc);
}
