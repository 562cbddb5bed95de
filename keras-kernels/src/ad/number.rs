//! The numbers that functions of `gradient!` are about.

use super::{Fit, Tensor, Unary};
use crate::Real;

/// A [`Real`] with the functions that only `gradient!` offers. It is a tensor of one element as well.
pub trait Number: Real + Tensor<Number = Self> + Fit<Self> {
    /// What its constants are written in: `f32` or `f64`.
    type Base: Copy;

    /// The number that a constant is.
    fn lift(x: Self::Base) -> Self;
    /// The function of it. A derivative goes on by the function's own slope, which is right at the points where the
    /// formula of the value has kinks that cancel.
    fn apply(self, f: impl Unary) -> Self;
    /// Whether it is 0 and its derivative too, if it carries one.
    fn is_zero(self) -> bool;
    /// Sine.
    fn sin(self) -> Self;
    /// Cosine.
    fn cos(self) -> Self;
    /// It to the power of `p`.
    fn pow(self, p: Self) -> Self;
}

macro_rules! number {
    ($t:ident, $sin:ident, $cos:ident, $pow:ident) => {
        impl Number for $t {
            type Base = $t;

            #[inline]
            fn lift(x: $t) -> $t {
                x
            }
            #[inline]
            fn apply(self, f: impl Unary) -> $t {
                f.of(self)
            }
            #[inline]
            fn is_zero(self) -> bool {
                self == 0.0
            }
            #[inline]
            fn sin(self) -> $t {
                libm::$sin(self)
            }
            #[inline]
            fn cos(self) -> $t {
                libm::$cos(self)
            }
            #[inline]
            fn pow(self, p: $t) -> $t {
                libm::$pow(self, p)
            }
        }
    };
}

number!(f32, sinf, cosf, powf);
number!(f64, sin, cos, pow);
