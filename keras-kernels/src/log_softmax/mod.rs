//! The logarithm of softmax over rows: yⱼ = xⱼ − max x − ln Σ e^(x − max x).
//!
//! A row with NaN or +∞ in it becomes NaN throughout, as does one of −∞ alone.
//!
//! With ε = 2⁻²⁴, the error is at most (2 (max x − xⱼ) + 5 |yⱼ| + additions + 9) ε, absolute, with the additions of
//! [`crate::softmax`].

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;
use crate::softmax::{check_rows, check_rows_backward};

/// Log-softmax of each row of `n` elements, in place on `y` where `x` is `None`.
///
/// ```
/// use keras_kernels::{Isa, log_softmax};
/// let mut y = [3.0, 3.0];
/// log_softmax::forward(Isa::best(), &mut y, None, 2);
/// assert!(y.iter().all(|y| (y + 2.0_f32.ln()).abs() < 1e-6));
/// ```
///
/// # Panics
/// If `y` is not rows of `n` elements or `x` is not as long.
pub fn forward(isa: Isa, y: &mut [f32], x: Option<&[f32]>, n: usize) {
    check_forward(y.len(), x.map(<[f32]>::len), n);
    per_isa!(isa, lanes::forward(y: &mut [f32], x: Option<&[f32]>, n: usize), scalar::forward)
}

/// dx = dy − eʸ Σ dy in each row of `n` elements, or dx += that if `acc`; `dx` holds dy where `dy` is `None`. `y` is what
/// the forward pass wrote.
///
/// # Panics
/// If the lengths differ or are not rows of `n` elements, or on `acc` without `dy`.
pub fn backward(isa: Isa, dx: &mut [f32], dy: Option<&[f32]>, y: &[f32], n: usize, acc: bool) {
    check_backward(dx.len(), dy.map(<[f32]>::len), y.len(), n, acc);
    per_isa!(
        isa,
        lanes::backward(dx: &mut [f32], dy: Option<&[f32]>, y: &[f32], n: usize, acc: bool),
        scalar::backward
    )
}

fn check_forward(y: usize, x: Option<usize>, n: usize) {
    check_rows("log-softmax", y, x, n);
}

fn check_backward(dx: usize, dy: Option<usize>, y: usize, n: usize, acc: bool) {
    check_rows_backward("log-softmax", dx, dy, y, n, acc);
}
