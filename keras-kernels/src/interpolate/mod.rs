//! More positions along one dimension, by interpolation between those that there are.
//!
//! Positions are taken as the middles of intervals: position i · size + p of the output lies at i + (p + 1/2) / size − 1/2
//! of the input. What it becomes is a weighted sum of the positions within a radius, by the weights of [`Weights`]. Near an
//! end, where some of them are missing, the others are scaled so that their weights add up to 1. This is what Keras does on
//! JAX, where `jax.image.resize` does it.

pub mod scalar;
mod weights;

pub use weights::{TAPS, Weights};

use crate::Isa;
use crate::dispatch::per_isa;

/// How numbers between two positions are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// 1 − |d| within a radius of 1.
    Bilinear,
    /// Keys's cubic polynomials with a = −1/2 within a radius of 2: R. Keys, Cubic convolution interpolation for digital
    /// image processing, 1981, equation 15.
    Bicubic,
    /// Lanczos's sinc(d) sinc(d / 3) within a radius of 3.
    Lanczos3,
    /// Lanczos's sinc(d) sinc(d / 5) within a radius of 5.
    Lanczos5,
}

impl Method {
    /// How far away positions can be that count.
    #[must_use]
    pub const fn radius(self) -> usize {
        match self {
            Method::Bilinear => 1,
            Method::Bicubic => 2,
            Method::Lanczos3 => 3,
            Method::Lanczos5 => 5,
        }
    }
}

/// The dimension whose positions become more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Along {
    /// Its positions in the input.
    pub n: usize,
    /// How many there are in the output for each of them.
    pub size: usize,
    /// Elements of a position.
    pub inner: usize,
    /// How they are found.
    pub method: Method,
    /// The weights of this method, for each of the positions that become of one.
    pub weights: &'static [[f32; TAPS]],
}

impl Along {
    /// Elements of the input and of the output, and how often they come in so many.
    fn lens(&self, y: usize, x: usize) -> [usize; 2] {
        let len = self.n * self.inner;
        let outer = x.checked_div(len).unwrap_or(0);
        assert!(x == outer * len && y == x * self.size, "{x} elements in rows of {len} to {y}, {} for each", self.size);
        assert!(self.weights.len() == self.size, "weights for {} positions, not {}", self.weights.len(), self.size);
        [len, len * self.size]
    }

    /// How many positions count.
    fn taps(&self) -> usize {
        2 * self.method.radius()
    }

    /// How far before position i the first one lies that counts for its `p`th.
    fn back(&self, p: usize) -> usize {
        // The point itself lies before position i if it is one of the first half.
        self.method.radius() - 1 + usize::from(2 * p + 1 < self.size)
    }

    /// The positions i for whose `p`th all that count are there: from the first to before the second.
    fn inside(&self, p: usize) -> (usize, usize) {
        let back = self.back(p);
        let to = (self.n + back + 1).saturating_sub(self.taps()).min(self.n);
        (back.min(to), to)
    }
}

/// y = x with `size` times as many positions: `x` is any number of times `n` positions of `inner` elements.
///
/// ```
/// use keras_kernels::{Isa, interpolate::{self, Along, Method, Weights}};
/// let of = Along { n: 2, size: 2, inner: 1, method: Method::Bilinear, weights: Weights::<2>::BILINEAR };
/// let mut y = [0.0; 4];
/// interpolate::forward(Isa::best(), &mut y, &[0.0, 4.0], &of);
/// assert_eq!(y, [0.0, 1.0, 3.0, 4.0]);
/// ```
///
/// # Panics
/// If the slices are not of these sizes.
pub fn forward(isa: Isa, y: &mut [f32], x: &[f32], of: &Along) {
    per_isa!(isa, scalar::forward(y: &mut [f32], x: &[f32], of: &Along), scalar::forward)
}

/// dx = the sum of what of dy came from each element, by the same weights, or dx += that if `acc`.
///
/// # Panics
/// If the slices are not of these sizes.
pub fn backward(isa: Isa, dx: &mut [f32], dy: &[f32], of: &Along, acc: bool) {
    per_isa!(isa, scalar::backward(dx: &mut [f32], dy: &[f32], of: &Along, acc: bool), scalar::backward)
}
