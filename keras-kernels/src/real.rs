//! The two kinds of number that scalar bodies are written for.

use core::fmt::Debug;
use core::iter::Sum;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// `f32` or `f64`.
///
/// Scalar kernels are generic over it and nothing else: in `f32` they are the portable body, in `f64` the oracle that
/// tests compare every other body with.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialOrd
    + Send
    + Sync
    + Sum
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;

    /// The nearest value to an `f64`; how constants are written.
    fn of(x: f64) -> Self;
    /// The value as `f64`.
    fn f64(self) -> f64;
    /// e to the power of it.
    fn exp(self) -> Self;
    /// eˣ − 1, precise near 0.
    fn exp_m1(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// ln(1 + x), precise near 0.
    fn ln_1p(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The error function.
    fn erf(self) -> Self;
    /// 1 less the error function, precise where that is near 1.
    fn erfc(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// `self * a + b`.
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// The larger one; NaN if either is NaN, as in NumPy.
    fn max(self, other: Self) -> Self {
        if self > other || self.is_nan() { self } else { other }
    }
    /// The smaller one; NaN if either is NaN, as in NumPy.
    fn min(self, other: Self) -> Self {
        if self < other || self.is_nan() { self } else { other }
    }
    /// Whether it is not a number.
    fn is_nan(self) -> bool {
        #[allow(clippy::eq_op)]
        {
            self != self
        }
    }
}

macro_rules! real {
    ($t:ident, $exp:ident, $exp_m1:ident, $ln:ident, $ln_1p:ident, $tanh:ident, $erf:ident, $erfc:ident, $sqrt:ident) => {
        impl Real for $t {
            const ZERO: $t = 0.0;
            const ONE: $t = 1.0;

            #[inline]
            fn of(x: f64) -> $t {
                x as $t
            }
            #[inline]
            fn f64(self) -> f64 {
                self as f64
            }
            #[inline]
            fn exp(self) -> $t {
                libm::$exp(self)
            }
            #[inline]
            fn exp_m1(self) -> $t {
                libm::$exp_m1(self)
            }
            #[inline]
            fn ln(self) -> $t {
                libm::$ln(self)
            }
            #[inline]
            fn ln_1p(self) -> $t {
                libm::$ln_1p(self)
            }
            #[inline]
            fn tanh(self) -> $t {
                libm::$tanh(self)
            }
            #[inline]
            fn erf(self) -> $t {
                libm::$erf(self)
            }
            #[inline]
            fn erfc(self) -> $t {
                libm::$erfc(self)
            }
            #[inline]
            fn sqrt(self) -> $t {
                #[cfg(feature = "std")]
                return $t::sqrt(self);
                #[cfg(not(feature = "std"))]
                libm::$sqrt(self)
            }
            #[inline]
            fn abs(self) -> $t {
                $t::abs(self)
            }
            #[inline]
            fn mul_add(self, a: $t, b: $t) -> $t {
                self * a + b
            }
        }
    };
}

real!(f32, expf, expm1f, logf, log1pf, tanhf, erff, erfcf, sqrtf);
real!(f64, exp, expm1, log, log1p, tanh, erf, erfc, sqrt);
