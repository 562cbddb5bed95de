//! Rounding in plain Rust, over `f32` or `f64`: what is rounded is the multiple of a power of two.

use super::{Precision, check};
use crate::Real;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: Option<&[R]>, to: Precision) {
    backward(y, x, to, false);
}

/// As [`super::backward`].
pub fn backward<R: Real>(dx: &mut [R], dy: Option<&[R]>, to: Precision, acc: bool) {
    check(dx.len(), dy.map(<[R]>::len), acc);
    for i in 0..dx.len() {
        let d = R::of(rounded(dy.map_or(dx[i], |dy| dy[i]).f64(), to));
        dx[i] = if acc { dx[i] + d } else { d };
    }
}

/// A number in the nearest one of a format.
///
/// ```
/// use keras_kernels::round::{Precision, scalar::rounded};
/// assert_eq!(rounded(65519.9, Precision::Float16), 65504.0);
/// assert_eq!(rounded(65520.0, Precision::Float16), f64::INFINITY);
/// ```
#[must_use]
pub const fn rounded(x: f64, to: Precision) -> f64 {
    // Digits behind the first, the exponent of the smallest normal number, and the largest number.
    let (digits, smallest, largest) = match to {
        Precision::Float32 => return x,
        Precision::Bfloat16 => (7, -126, f32::from_bits(0x7f7f_0000) as f64),
        Precision::Float16 => (10, -14, 65504.0),
    };
    if !x.is_finite() {
        return x;
    }
    let exponent = ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023;
    let quantum = power(if exponent > smallest { exponent } else { smallest } - digits);
    // At this distance from 0 the numbers of `f64` are the whole ones, of which the sum is the nearest.
    let whole = 1.5 / f64::EPSILON;
    let nearest = (x.abs() / quantum + whole) - whole;
    let rounded = nearest * quantum;
    (if rounded > largest { f64::INFINITY } else { rounded }).copysign(x)
}

/// 2ⁿ of a normal number.
const fn power(n: i32) -> f64 {
    f64::from_bits(((n + 1023) as u64) << 52)
}
