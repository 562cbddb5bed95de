//! Several tensors of one shape to one, element by element.
//!
//! | | forward | gradient of input i, times `dy` |
//! |---|---|---|
//! | [`Merge::Subtract`] | x₀ − x₁ | 1, −1 |
//! | [`Merge::Multiply`] | Π x | product of the others |
//! | [`Merge::Average`] | Σ x / n | 1 / n |
//! | [`Merge::Maximum`] | the largest | 1 where it is the largest |
//! | [`Merge::Minimum`] | the smallest | 1 where it is the smallest |
//!
//! The largest of several is found one after the other, as Keras does it; of two that are equal each has half of the
//! gradient.

pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;

/// How tensors are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// The first less the second; of two.
    Subtract,
    /// The product.
    Multiply,
    /// The mean.
    Average,
    /// The largest.
    Maximum,
    /// The smallest.
    Minimum,
}

/// `y` = all of `xs`, merged.
///
/// ```
/// use keras_kernels::{Isa, merge::{self, Merge}};
/// let mut y = [0.0; 2];
/// merge::forward(Isa::best(), &mut y, &[&[1.0, 5.0], &[4.0, 2.0]], Merge::Maximum);
/// assert_eq!(y, [4.0, 5.0]);
/// ```
///
/// # Panics
/// If the lengths differ, there is no input, or a difference is not of two.
pub fn forward(isa: Isa, y: &mut [f32], xs: &[&[f32]], merge: Merge) {
    per_isa!(isa, scalar::forward(y: &mut [f32], xs: &[&[f32]], merge: Merge), scalar::forward)
}

/// The gradient of `xs[i]`: dx = that, or dx += that if `acc`. A sum's and a mean's inputs are not read and may be
/// absent: `n` is how many there are.
///
/// # Panics
/// If the lengths differ, or inputs that are read are absent.
pub fn backward(isa: Isa, dx: &mut [f32], dy: &[f32], xs: &[&[f32]], i: usize, n: usize, merge: Merge, acc: bool) {
    per_isa!(
        isa,
        scalar::backward(
            dx: &mut [f32],
            dy: &[f32],
            xs: &[&[f32]],
            i: usize,
            n: usize,
            merge: Merge,
            acc: bool
        ),
        scalar::backward
    )
}
