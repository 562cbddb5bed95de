//! Functions in `f64` that share no code with the kernels: the standard library's, and series.
#![allow(dead_code)] // No test file uses all of it.

/// The unit in the last place of an `f32` of the size of `y`.
pub(crate) fn ulp(y: f64) -> f64 {
    let exponent = (y.to_bits() >> 52 & 0x7FF) as i32 - 1023;
    2.0_f64.powi(exponent.clamp(-126, 127) - 23)
}

/// Φ in `f64`, by its series next to 0 and a continued fraction for the rest.
pub(crate) fn cumulative(x: f64) -> f64 {
    let a = x.abs();
    if a > 40.0 {
        return if x < 0.0 { 0.0 } else { 1.0 };
    }
    let density = density(x);
    if a < 3.0 {
        // Φ(a) = 1/2 + φ(a) (a + a³ / 3 + a⁵ / 15 + …).
        let (mut term, mut sum, mut n) = (a, 0.0, 1.0);
        while term > sum * 1e-18 {
            sum += term;
            n += 2.0;
            term *= a * a / n;
        }
        return 0.5 + (density * sum).copysign(x);
    }
    // Φ(−a) = φ(a) / (a + 1 / (a + 2 / (a + 3 / …))).
    let fraction = (1..120).rev().fold(a, |rest, n| a + f64::from(n) / rest);
    let tail = density / fraction;
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// φ.
pub(crate) fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt()
}

/// σ.
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
