//! Numbers rounded to those of a smaller format, in which Keras's mixed policies compute.
//!
//! | | digits of the significand | smallest normal | largest |
//! |---|---|---|---|
//! | [`Precision::Bfloat16`] | 8 | 2⁻¹²⁶ | (2 − 2⁻⁷) · 2¹²⁷ |
//! | [`Precision::Float16`] | 11 | 2⁻¹⁴ | 65504 |
//!
//! Rounding is to the nearest, to the even one of two that are equally near; beyond the largest it is to infinity, and below the
//! smallest normal to a multiple of the smallest subnormal (IEEE 754, 4.3.1). NaN stays NaN. The result is a `f32` all the same:
//! every number of these formats is one.
//!
//! The gradient goes through as if nothing had been rounded, and is rounded itself.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;

/// A format of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// That of `f32`: nothing is rounded.
    Float32,
    /// The upper half of a `f32`.
    Bfloat16,
    /// The half precision of IEEE 754.
    Float16,
}

impl Precision {
    /// What Keras calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Precision::Float32 => "float32",
            Precision::Bfloat16 => "bfloat16",
            Precision::Float16 => "float16",
        }
    }

    /// The smallest magnitude that is rounded to infinity.
    ///
    /// ```
    /// use keras_kernels::round::Precision;
    /// let limit = Precision::Float16.overflow();
    /// assert_eq!(Precision::Float16.rounded(limit), f32::INFINITY);
    /// assert_eq!(Precision::Float16.rounded(limit.next_down()), 65504.0);
    /// ```
    #[must_use]
    pub const fn overflow(self) -> f32 {
        match self {
            Precision::Float32 => f32::INFINITY,
            Precision::Bfloat16 => f32::from_bits(0x7f7f_8000),
            Precision::Float16 => 65520.0,
        }
    }

    /// A number in the nearest one of the format, for constants.
    ///
    /// ```
    /// use keras_kernels::round::Precision;
    /// const TENTH: f32 = Precision::Bfloat16.rounded(0.1);
    /// assert_eq!(TENTH, 0.100_097_656_25);
    /// ```
    #[must_use]
    pub const fn rounded(self, x: f32) -> f32 {
        scalar::rounded(x as f64, self) as f32
    }
}

/// y = x rounded, in place on `y` where `x` is `None`.
///
/// ```
/// use keras_kernels::{Isa, round::{self, Precision}};
/// let mut y = [1.0 + 1.0 / 256.0, 1.0 + 3.0 / 256.0, 0.1];
/// round::forward(Isa::best(), &mut y, None, Precision::Bfloat16);
/// assert_eq!(y, [1.0, 1.0 + 4.0 / 256.0, 0.100_097_656_25]);
/// ```
///
/// # Panics
/// If `x` is not as long as `y`.
pub fn forward(isa: Isa, y: &mut [f32], x: Option<&[f32]>, to: Precision) {
    check(y.len(), x.map(<[f32]>::len), false);
    per_isa!(isa, lanes::forward(y: &mut [f32], x: Option<&[f32]>, to: Precision), scalar::forward)
}

/// dx = dy rounded, or dx += that if `acc`; `dx` holds dy where `dy` is `None`.
///
/// # Panics
/// If `dy` is not as long as `dx`, or on `acc` without `dy`.
pub fn backward(isa: Isa, dx: &mut [f32], dy: Option<&[f32]>, to: Precision, acc: bool) {
    check(dx.len(), dy.map(<[f32]>::len), acc);
    per_isa!(isa, lanes::backward(dx: &mut [f32], dy: Option<&[f32]>, to: Precision, acc: bool), scalar::backward)
}

fn check(y: usize, x: Option<usize>, acc: bool) {
    assert!(x.is_none_or(|x| x == y), "rounding from {x:?} to {y} elements");
    assert!(x.is_some() || !acc, "a gradient in place cannot also be added to");
}
