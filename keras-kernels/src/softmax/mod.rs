//! Softmax over rows: yⱼ = e^(xⱼ − max x) / Σ e^(x − max x).
//!
//! A row with NaN or +∞ in it becomes NaN throughout, as does one of −∞ alone.
//!
//! With ε = 2⁻²⁴, the relative error is at most (max x − xⱼ + additions + 9) ε, since x − max x is rounded before it is in
//! an exponent; the vector bodies give 0 for what is less than 1.2 · 10⁻³⁸. *Additions* is how many of them an element of a sum
//! goes through at the most: n in the scalar body, min(n, 64) + n / 64 + 6 in the others. A sum's error is so many ε of
//! the sum of the absolute values. `tests/reductions.rs` asserts these and those of the other kernels that add up.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;

/// Softmax of each row of `n` elements, in place on `y` where `x` is `None`.
///
/// ```
/// use keras_kernels::{Isa, softmax};
/// let mut y = [1.0, 1.0, 0.0, f32::NEG_INFINITY];
/// softmax::forward(Isa::best(), &mut y, None, 2);
/// assert_eq!(y, [0.5, 0.5, 1.0, 0.0]);
/// ```
///
/// # Panics
/// If `y` is not rows of `n` elements or `x` is not as long.
pub fn forward(isa: Isa, y: &mut [f32], x: Option<&[f32]>, n: usize) {
    check_forward(y.len(), x.map(<[f32]>::len), n);
    per_isa!(isa, lanes::forward(y: &mut [f32], x: Option<&[f32]>, n: usize), scalar::forward)
}

/// dx = y · (dy − Σ dy · y) in each row of `n` elements, or dx += that if `acc`; `dx` holds dy where `dy` is `None`. `y`
/// is what the forward pass wrote.
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
    check_rows("softmax", y, x, n);
}

fn check_backward(dx: usize, dy: Option<usize>, y: usize, n: usize, acc: bool) {
    check_rows_backward("softmax", dx, dy, y, n, acc);
}

/// The lengths of an op over rows of `n` elements that can work in place.
pub(crate) fn check_rows(op: &str, y: usize, x: Option<usize>, n: usize) {
    assert!(y.is_multiple_of(n), "a {op} over rows of {n} in {y} elements");
    assert!(x.is_none_or(|x| x == y), "a {op} from {x:?} to {y} elements");
}

/// The same for its backward pass, which reads `y` elements that the forward pass has left.
pub(crate) fn check_rows_backward(op: &str, dx: usize, dy: Option<usize>, y: usize, n: usize, acc: bool) {
    check_rows(op, dx, dy, n);
    assert!(y == dx, "{y} saved elements for {dx} of a {op}");
    assert!(dy.is_some() || !acc, "a gradient in place cannot also be added to");
}
