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
    /// eˣ − 1, precise near 0.
    fn exp_m1(self) -> Self;
    /// ln(1 + x), precise near 0.
    fn ln_1p(self) -> Self;
}

macro_rules! number {
    ($t:ident, $sin:ident, $cos:ident, $pow:ident, $exp_m1:ident, $ln_1p:ident) => {
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
            #[inline]
            fn exp_m1(self) -> $t {
                libm::$exp_m1(self)
            }
            #[inline]
            fn ln_1p(self) -> $t {
                libm::$ln_1p(self)
            }
        }
    };
}

number!(f32, sinf, cosf, powf, expm1f, log1pf);
number!(f64, sin, cos, pow, expm1, log1p);
