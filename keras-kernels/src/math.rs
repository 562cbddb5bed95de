//! Functions of one `f32` without branches, for loops in lanes.
//!
//! The polynomials are minimax approximations by Remez's algorithm, their coefficients rounded to `f32`. The errors that
//! are stated are the largest found, in units in the last place of the result, and asserted by the tests.

use core::f32::consts::{LOG2_E, TAU};

/// eˣ, to 1 unit; 0 below −103.98, ∞ above 88.72.
///
/// x = n ln 2 + r with whole n and |r| ≤ ln 2 / 2; eʳ by a polynomial, then two multiplications by powers of two, as one
/// alone would not reach the subnormal results.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Added to a number of moderate size, this leaves the nearest whole number in the low bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 as a number of few bits and the rest.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    // NaN passes both.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let rounded = x.mul_add(LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = n.mul_add(-LN_2_LOW, n.mul_add(-LN_2_HIGH, x));
    let q = 1.381_459_5e-3_f32.mul_add(r, 8.368_717e-3);
    let q = q.mul_add(r, 4.166_839e-2).mul_add(r, 1.666_652_1e-1).mul_add(r, 4.999_999_4e-1);
    let e = (r * r).mul_add(q, r) + 1.0;
    let n = rounded.to_bits().wrapping_sub(ROUND.to_bits()) as i32;
    let half = n >> 1;
    e * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// eˣ − 1 for x ≤ 0, to 2 units; −1 below −20.
///
/// x = n ln 2 + r as in [`exp`]; with p = eʳ − 1 it is 2ⁿ p + (2ⁿ − 1), which is p alone next to 0.
#[inline(always)]
pub(crate) fn exp_m1(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = if x < -20.0 { -20.0 } else { x };
    let rounded = x.mul_add(LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = n.mul_add(-LN_2_LOW, n.mul_add(-LN_2_HIGH, x));
    let q = 1.381_459_5e-3_f32.mul_add(r, 8.368_717e-3);
    let q = q.mul_add(r, 4.166_839e-2).mul_add(r, 1.666_652_1e-1).mul_add(r, 4.999_999_4e-1);
    let p = (r * r).mul_add(q, r);
    let power = power_of_two(rounded.to_bits().wrapping_sub(ROUND.to_bits()) as i32);
    // Behind −20 it is −1 to the last bit.
    power.mul_add(p, power - 1.0)
}

/// ln (1 + x) for 0 ≤ x ≤ 1, to 2 units.
///
/// It is 2 artanh s with s = x / (2 + x) ≤ 1/3, and artanh s = s + s³/3 + s⁵/5 + …
#[inline(always)]
pub(crate) fn ln_1p(x: f32) -> f32 {
    let s = x / (2.0 + x);
    let u = s * s;
    let p = (1.0_f32 / 15.0).mul_add(u, 1.0 / 13.0).mul_add(u, 1.0 / 11.0).mul_add(u, 1.0 / 9.0);
    let p = p.mul_add(u, 1.0 / 7.0).mul_add(u, 1.0 / 5.0).mul_add(u, 1.0 / 3.0);
    let twice = s + s;
    (twice * u).mul_add(p, twice)
}

/// ln x for normal x, to 2 units.
///
/// x = 2ⁿ m with m between √½ and √2, and ln m = 2 artanh s with s = (m − 1) / (m + 1), |s| ≤ 0.172.
#[inline(always)]
pub(crate) fn ln(x: f32) -> f32 {
    // The exponent changes where the bits are those of √½.
    const ROOT_HALF: i32 = 0x3F35_04F3;
    let bits = x.to_bits() as i32;
    let n = (bits - ROOT_HALF) >> 23;
    let m = f32::from_bits((bits - (n << 23)) as u32);
    let s = (m - 1.0) / (m + 1.0);
    let u = s * s;
    let p = (1.0_f32 / 9.0).mul_add(u, 1.0 / 7.0).mul_add(u, 1.0 / 5.0).mul_add(u, 1.0 / 3.0);
    let twice = s + s;
    let log = (twice * u).mul_add(p, twice);
    // ln 2 as a number of few bits and the rest.
    let n = n as f32;
    n.mul_add(0.693_359_4, n.mul_add(-2.121_944_4e-4, log))
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

/// tanh x, to 2 units.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let u = x * x;
    let p = (-6.274_241e-3_f32).mul_add(u, 2.107_168e-2).mul_add(u, -5.385_231e-2);
    let p = p.mul_add(u, 1.333_258_6e-1).mul_add(u, -3.333_331_6e-1);
    let small = (x * u).mul_add(p, x);
    let a = x.abs();
    // Beyond 10 it is 1.
    let clamped = if a > 10.0 { 10.0 } else { a };
    let large = 1.0 - 2.0 / (exp(2.0 * clamped) + 1.0);
    // The sum above makes +0 of −0.
    (if a < 0.55 { small } else { large }).copysign(x)
}

/// 1 / (1 + e⁻ˣ), to 3 units; 0 below −88.72.
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The error function, to 2 units.
///
/// Below 0.9 x plus x times a polynomial of x²; beyond, 1 − eᵖ with a polynomial p for the logarithm of 1 − erf.
#[inline(always)]
pub(crate) fn erf(x: f32) -> f32 {
    let u = x * x;
    let p = 8.513_105e-5_f32.mul_add(u, -8.175_64e-4).mul_add(u, 5.203_859_4e-3).mul_add(u, -2.686_051e-2);
    let p = p.mul_add(u, 1.128_371_5e-1).mul_add(u, -3.761_263_5e-1).mul_add(u, 1.283_791_7e-1);
    let small = x.mul_add(p, x);
    let a = x.abs();
    // Beyond 3.95 it is 1.
    let c = if a > 3.95 { 3.95 } else { a };
    let p = 1.982_194_5e-4_f32.mul_add(c, -3.065_488_3e-3).mul_add(c, 2.231_520_6e-2).mul_add(c, -1.041_136_7e-1);
    let p = p.mul_add(c, -6.369_761e-1).mul_add(c, -1.127_797_2).mul_add(c, -1.664_495_2e-4);
    let large = 1.0 - exp(p);
    (if a < 0.9 { small } else { large }).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest error over the floats from `from` to `to` and their negatives, in units in the last place of the true
    /// value rounded to `f32`.
    fn worst(f: fn(f32) -> f32, exact: fn(f64) -> f64, from: f32, to: f32) -> f64 {
        let mut worst: f64 = 0.0;
        for bits in (from.to_bits()..=to.to_bits()).step_by(997) {
            for x in [f32::from_bits(bits), -f32::from_bits(bits)] {
                let y = exact(f64::from(x));
                let rounded = (y as f32).abs();
                if rounded.is_infinite() {
                    assert_eq!(f64::from(f(x)), f64::from(y as f32), "{x:e}");
                    continue;
                }
                let unit = f64::from(f32::from_bits(rounded.to_bits() + 1)) - f64::from(rounded);
                let error = (f64::from(f(x)) - y).abs() / if unit.is_finite() { unit } else { 2.0_f64.powi(104) };
                assert!(error < 10.0, "f({x:e}) = {:e}, not {y:e}", f(x));
                worst = worst.max(error);
            }
        }
        worst
    }

    #[test]
    fn errors_over_all_floats() {
        let exponential = worst(exp, libm::exp, 0.0, f32::MAX);
        let tangent = worst(tanh, libm::tanh, 0.0, f32::MAX);
        let error = worst(erf, libm::erf, 0.0, f32::MAX);
        // Only the numbers for which they are made; each body takes the sign that it wants.
        let less = worst(|x| exp_m1(-x.abs()), |x| libm::expm1(-x.abs()), 0.0, f32::MAX);
        let more = worst(|x| ln_1p(x.abs()), |x| libm::log1p(x.abs()), 0.0, 1.0);
        // Where e⁻ˣ is infinite in f32 the true value is less than 3e-39.
        let logistic = worst(sigmoid, |x| 1.0 / (1.0 + libm::exp(-x)), 0.0, 87.0);
        println!("exp {exponential:.3}, tanh {tangent:.3}, erf {error:.3}, sigmoid {logistic:.3}");
        assert!(exponential <= 1.0, "exp: {exponential}");
        assert!(tangent <= 2.0, "tanh: {tangent}");
        assert!(error <= 2.0, "erf: {error}");
        assert!(logistic <= 3.0, "sigmoid: {logistic}");
        assert!(less <= 2.0, "exp_m1: {less}");
        assert!(more <= 2.0, "ln_1p: {more}");
        let log = worst(|x| ln(x.abs()), |x| libm::log(x.abs()), f32::MIN_POSITIVE, f32::MAX);
        assert!(log <= 2.0, "ln: {log}");
        for i in 0..1 << 20 {
            let turns = i as f32 / (1 << 20) as f32;
            let angle = f64::from(turns) * core::f64::consts::TAU;
            let (sine, cosine) = turn(turns);
            assert!((f64::from(sine) - libm::sin(angle)).abs() < 4e-7, "sine of {turns} turns");
            assert!((f64::from(cosine) - libm::cos(angle)).abs() < 4e-7, "cosine of {turns} turns");
        }
    }

    #[test]
    fn special_values() {
        for f in [exp, exp_m1, ln_1p, tanh, erf, sigmoid] {
            assert!(f(f32::NAN).is_nan());
        }
        assert_eq!([exp_m1(f32::NEG_INFINITY), exp_m1(0.0), ln_1p(0.0)], [-1.0, 0.0, 0.0]);
        let (inf, none) = (f32::INFINITY, f32::NEG_INFINITY);
        assert_eq!([exp(inf), exp(none), exp(0.0), exp(-0.0)], [inf, 0.0, 1.0, 1.0]);
        assert_eq!([tanh(inf), tanh(none), erf(inf), erf(none)], [1.0, -1.0, 1.0, -1.0]);
        assert_eq!([sigmoid(inf), sigmoid(none), sigmoid(0.0)], [1.0, 0.0, 0.5]);
        for f in [tanh, erf] {
            assert!(f(-0.0).is_sign_negative() && f(-0.0) == 0.0);
        }
    }
}
