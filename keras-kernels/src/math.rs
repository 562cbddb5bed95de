//! Functions of one `f32` without branches, for loops in lanes.
//!
//! The polynomials are minimax approximations by Remez's algorithm, their coefficients rounded to `f32`. The errors that
//! are stated are against the true value, in units in the last place of that value rounded to `f32` (ulp); the tests
//! measure them over all exponents and assert them. NaN gives NaN.

use core::f32::consts::{LOG2_E, TAU};

/// What x = n ln 2 + r splits into: r with |r| ≤ ln 2 / 2, and 2ⁿ for n from −126 to 127; nonsense for other n.
#[inline(always)]
fn reduced(x: f32) -> (f32, f32) {
    // Added to a number of moderate size, 1.5 · 2²³ leaves the nearest whole number in the low bits; the other 127 make
    // them an exponent.
    const ROUND: f32 = 12_582_912.0 + 127.0;
    // ln 2 as a number of few bits and the rest.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let rounded = x.mul_add(LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = n.mul_add(-LN_2_LOW, n.mul_add(-LN_2_HIGH, x));
    (r, f32::from_bits(rounded.to_bits() << 23))
}

/// (eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2.
#[inline(always)]
fn exp_tail(r: f32) -> f32 {
    let q = 1.381_459_5e-3_f32.mul_add(r, 8.368_717e-3);
    q.mul_add(r, 4.166_839e-2).mul_add(r, 1.666_652_1e-1).mul_add(r, 4.999_999_4e-1)
}

/// eˣ, to 1 ulp, results that are subnormal included; 0 below −103.98, ∞ above 88.72.
///
/// x = n ln 2 + r; eʳ by a polynomial, then two multiplications by powers of two, as one alone would reach neither the
/// subnormal results nor the largest.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // As in `reduced`, but with exponents for halves of n.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    // NaN passes both.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let rounded = x.mul_add(LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = n.mul_add(-LN_2_LOW, n.mul_add(-LN_2_HIGH, x));
    let e = exp_tail(r).mul_add(r, 1.0).mul_add(r, 1.0);
    let n = rounded.to_bits().wrapping_sub(ROUND.to_bits()) as i32;
    let half = n >> 1;
    e * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// eˣ for x ≤ 88, to 1 ulp; 0 below −87.33, where eˣ is subnormal.
///
/// What is subnormal means nothing in a sum with 1, and CPUs take a hundred cycles for it.
#[inline(always)]
pub(crate) fn exp_or_0(x: f32) -> f32 {
    exp_sum_or_0(x, 0.0)
}

/// As [`exp_or_0`] of x + `rest`, the rest being less than a unit of x.
#[inline(always)]
fn exp_sum_or_0(x: f32, rest: f32) -> f32 {
    let (r, power) = reduced(x);
    let r = r + rest;
    let e = exp_tail(r).mul_add(r, 1.0).mul_add(r, 1.0) * power;
    if x < LOWEST { 0.0 } else { e }
}

/// The logarithm of the smallest normal number.
const LOWEST: f32 = -87.336_54;

/// eˣ − 1 for x ≤ 0, to 1.5 ulp; −1 below −20.
///
/// With x = n ln 2 + r and p = eʳ − 1 it is 2ⁿ p + (2ⁿ − 1), which is p alone next to 0.
#[inline(always)]
pub(crate) fn exp_m1(x: f32) -> f32 {
    // Behind −20 it is −1 to the last bit. NaN passes.
    let x = if x < -20.0 { -20.0 } else { x };
    let (r, power) = reduced(x);
    let p = (r * r).mul_add(exp_tail(r), r);
    power.mul_add(p, power - 1.0)
}

/// ln (1 + x) for 0 ≤ x ≤ 1, to 2 ulp.
///
/// It is 2 artanh s with s = x / (2 + x) ≤ 1/3, and artanh s = s + s³ p(s²).
#[inline(always)]
pub(crate) fn ln_1p(x: f32) -> f32 {
    let s = x / (2.0 + x);
    let u = s * s;
    let p = 0.140_122_3_f32.mul_add(u, 0.139_995_71).mul_add(u, 0.200_108_5).mul_add(u, 0.333_332_06);
    let twice = s + s;
    (twice * u).mul_add(p, twice)
}

/// ln x for normal x, to 2 ulp; NaN for NaN, ∞, 0 and what is less.
///
/// x = 2ⁿ m with m between √½ and √2, and ln m = 2 artanh s with s = (m − 1) / (m + 1), |s| ≤ 0.172.
#[inline(always)]
pub(crate) fn ln(x: f32) -> f32 {
    // The exponent changes where the bits are those of √½.
    const ROOT_HALF: i32 = 0x3F35_04F3;
    let bits = x.to_bits() as i32;
    let n = bits.wrapping_sub(ROOT_HALF) >> 23;
    let m = f32::from_bits(bits.wrapping_sub(n << 23) as u32);
    let s = (m - 1.0) / (m + 1.0);
    let u = s * s;
    let p = 0.149_365_37_f32.mul_add(u, 0.199_887_48).mul_add(u, 0.333_333_88);
    let twice = s + s;
    let log = (twice * u).mul_add(p, twice);
    // ln 2 as a number of few bits and the rest.
    let n = n as f32;
    let log = n.mul_add(0.693_359_4, n.mul_add(-2.121_944_4e-4, log));
    if (x > 0.0) & (x <= f32::MAX) { log } else { f32::NAN }
}

/// Sine and cosine of `turns` of the full circle, 0 ≤ `turns` < 1, to 4 · 10⁻⁷.
///
/// Taylor's series on an eighth of the circle to both sides of the nearest quarter, which is exact.
#[inline(always)]
pub(crate) fn turn(turns: f32) -> (f32, f32) {
    let quarter = (turns * 4.0 + 0.5) as i32;
    let x = (turns - quarter as f32 * 0.25) * TAU;
    let u = x * x;
    let s = (1.0_f32 / 362_880.0).mul_add(u, -1.0 / 5040.0).mul_add(u, 1.0 / 120.0).mul_add(u, -1.0 / 6.0);
    let s = (x * u).mul_add(s, x);
    let c = (1.0_f32 / 40_320.0).mul_add(u, -1.0 / 720.0).mul_add(u, 1.0 / 24.0).mul_add(u, -0.5);
    let c = c.mul_add(u, 1.0);
    let (sine, cosine) = if quarter & 1 == 0 { (s, c) } else { (c, -s) };
    if quarter & 2 == 0 { (sine, cosine) } else { (-sine, -cosine) }
}

/// 2ⁿ for n from −126 to 127; nonsense for others.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) << 23) as u32)
}

/// tanh x, to 3 ulp.
///
/// With t = e^(−2|x|) − 1 it is −t / (t + 2), which loses nothing next to 0.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let t = exp_m1(-2.0 * x.abs());
    (t / (t + 2.0)).copysign(x)
}

/// σ(x) = 1 / (1 + e⁻ˣ), to 2.5 ulp; 0 below −87.33, where it is subnormal.
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    let e = exp_or_0(-x.abs());
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// σ(x), to 4 ulp, and its slope σ(x) σ(−x), to 5.
#[inline(always)]
pub(crate) fn sigmoid_and_slope(x: f32) -> (f32, f32) {
    let e = exp_or_0(-x.abs());
    let large = 1.0 / (1.0 + e);
    let small = e * large;
    (if x < 0.0 { small } else { large }, large * small)
}

/// The standard normal distribution's cumulative distribution function Φ(x) = (1 + erf (x / √2)) / 2, to 7 ulp (4 ulp
/// where x ≥ 0), and its density φ(x) = e^(−x²/2) / √(2π), to 3 ulp; both 0 where e^(−x²/2) is subnormal, from |x| = 13.22
/// on.
///
/// Φ(−a) = e^(−a²/2) t p(t) with t = 1 / (1 + 11a/32): what is left beside the exponential function falls slowly from 1/2.
/// So the small values are not differences, and both functions share what takes long.
#[inline(always)]
pub(crate) fn normal(x: f32) -> (f32, f32) {
    const FRAC_1_SQRT_TAU: f32 = 0.398_942_3;
    let a = x.abs();
    let a = if a > 14.0 { 14.0 } else { a };
    // The square is as long as two numbers; half a unit of 80 would be 32 ulp of the result.
    let square = a * a;
    let rest = a.mul_add(a, -square);
    let e = exp_sum_or_0(-0.5 * square, -0.5 * rest);
    let t = 1.0 / a.mul_add(0.343_75, 1.0);
    let z = t - 0.625;
    let p = (-0.028_098_378_f32).mul_add(z, 0.004_685_856).mul_add(z, 0.053_527_98).mul_add(z, -0.028_174_134);
    let p = p.mul_add(z, -0.102_613_86).mul_add(z, 0.053_164_493).mul_add(z, 0.321_736_9);
    let p = p.mul_add(z, 0.419_018_9).mul_add(z, 0.296_915_47);
    let tail = e * (t * p);
    (if x < 0.0 { tail } else { 1.0 - tail }, FRAC_1_SQRT_TAU * e)
}

#[cfg(test)]
mod tests;
