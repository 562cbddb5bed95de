//! The numbers that functions of `gradient!` are about.

use crate::Real;

/// A [`Real`] with the functions that only `gradient!` offers.
pub trait Number: Real {
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
