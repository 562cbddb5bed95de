//! Sparsemax over rows: the probabilities nearest to x, yⱼ = max(xⱼ − τ, 0) with Σ y = 1.
//!
//! τ is found as in "Finding the exact projection onto a simplex" by Michelot (1986): the mean of those elements that
//! are above it, less their share of 1, until none falls out. So there is nothing to sort and no memory is needed.
//! After Martins and Astudillo, "From softmax to sparsemax", ICML 2016.
//!
//! A row with NaN or +∞ in it becomes NaN throughout.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;
use crate::softmax::check_rows;

/// Sparsemax of each row of `n` elements, in place on `y` where `x` is `None`.
///
/// ```
/// use keras_kernels::{Isa, sparsemax};
/// let mut y = [2.0, 1.5, -1.0];
/// sparsemax::forward(Isa::best(), &mut y, None, 3);
/// assert_eq!(y, [0.75, 0.25, 0.0]);
/// ```
///
/// # Panics
/// If `y` is not rows of `n` elements or `x` is not as long.
pub fn forward(isa: Isa, y: &mut [f32], x: Option<&[f32]>, n: usize) {
    check_rows("sparsemax", y.len(), x.map(<[f32]>::len), n);
    per_isa!(isa, lanes::forward(y: &mut [f32], x: Option<&[f32]>, n: usize), scalar::forward)
}

/// dx = dy − its mean, both over the elements of a row of `n` where y is not 0, and 0 elsewhere; or dx += that if `acc`.
/// `dx` holds dy where `dy` is `None`. `y` is what the forward pass wrote.
///
/// # Panics
/// If the lengths differ or are not rows of `n` elements, or on `acc` without `dy`.
pub fn backward(isa: Isa, dx: &mut [f32], dy: Option<&[f32]>, y: &[f32], n: usize, acc: bool) {
    per_isa!(
        isa,
        scalar::backward(dx: &mut [f32], dy: Option<&[f32]>, y: &[f32], n: usize, acc: bool),
        scalar::backward
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row whose last element falls out and is above the next threshold again, by rounding.
    #[test]
    fn an_element_that_comes_back_ends_it() {
        let u = 1.0 / 16_777_216.0;
        let row = [0.0f32, -8_388_611.0 * u, -12_582_913.0 * u];
        for isa in Isa::available() {
            // Short and long rows have loops of their own.
            for n in [3, 200] {
                let mut y = vec![-4.0; n];
                y[..3].copy_from_slice(&row);
                forward(isa, &mut y, None, n);
                let sum: f32 = y.iter().sum();
                assert!((sum - 1.0).abs() < 1e-6 && y.iter().all(|&y| y >= 0.0), "{isa:?}: {:?}", &y[..3]);
            }
        }
    }
}
