//! The weights of interpolations, worked out by the compiler.

use core::f64::consts::PI;

use super::Method;

/// The most positions that count.
pub const TAPS: usize = 10;

/// The weights of each method where a position becomes `SIZE` of them: for each of these, those of the positions that
/// count, the first 2 · radius.
pub struct Weights<const SIZE: usize>;

impl<const SIZE: usize> Weights<SIZE> {
    /// Those of [`Method::Bilinear`].
    pub const BILINEAR: &'static [[f32; TAPS]] = &table::<SIZE>(Method::Bilinear);
    /// Those of [`Method::Bicubic`].
    pub const BICUBIC: &'static [[f32; TAPS]] = &table::<SIZE>(Method::Bicubic);
    /// Those of [`Method::Lanczos3`].
    pub const LANCZOS3: &'static [[f32; TAPS]] = &table::<SIZE>(Method::Lanczos3);
    /// Those of [`Method::Lanczos5`].
    pub const LANCZOS5: &'static [[f32; TAPS]] = &table::<SIZE>(Method::Lanczos5);
}

const fn table<const SIZE: usize>(method: Method) -> [[f32; TAPS]; SIZE] {
    let (radius, mut all) = (method.radius(), [[0.0; TAPS]; SIZE]);
    let mut p = 0;
    while p < SIZE {
        // How far behind the position before it the point lies.
        let mut behind = (p as f64 + 0.5) / SIZE as f64 - 0.5;
        if behind < 0.0 {
            behind += 1.0;
        }
        let (mut raw, mut sum, mut k) = ([0.0; TAPS], 0.0, 0);
        while k < 2 * radius {
            let d = behind + radius as f64 - 1.0 - k as f64;
            raw[k] = weight(method, if d < 0.0 { -d } else { d });
            sum += raw[k];
            k += 1;
        }
        k = 0;
        while k < 2 * radius {
            all[p][k] = (raw[k] / sum) as f32;
            k += 1;
        }
        p += 1;
    }
    all
}

/// The weight at a distance.
const fn weight(method: Method, d: f64) -> f64 {
    match method {
        Method::Bilinear if d < 1.0 => 1.0 - d,
        Method::Bicubic if d < 1.0 => (1.5 * d - 2.5) * d * d + 1.0,
        Method::Bicubic if d < 2.0 => ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0,
        Method::Lanczos3 if d <= 3.0 => lanczos(3.0, d),
        Method::Lanczos5 if d <= 5.0 => lanczos(5.0, d),
        _ => 0.0,
    }
}

/// sinc(d) sinc(d / radius), which JAX takes as 1 up to a thousandth.
const fn lanczos(radius: f64, d: f64) -> f64 {
    if d <= 1e-3 { 1.0 } else { radius * sin_pi(d) * sin_pi(d / radius) / (PI * PI * d * d) }
}

/// sin(π x) of an x of 0 or more.
const fn sin_pi(x: f64) -> f64 {
    let whole = x as u64;
    let (part, sign) = (x - whole as f64, if whole.is_multiple_of(2) { 1.0 } else { -1.0 });
    let x = PI * if part > 0.5 { 1.0 - part } else { part };
    // Taylor's series; at π / 2 the first term that is left out is below 1e-20.
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while n < 25.0 {
        term = -term * x * x / ((n + 1.0) * (n + 2.0));
        sum += term;
        n += 2.0;
    }
    sign * sum
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    #[test]
    fn sines() {
        for i in 0..=500 {
            let x = f64::from(i) / 100.0;
            assert!((sin_pi(x) - (PI * x).sin()).abs() < 1e-14, "sin(π {x})");
        }
    }

    /// The weights of sizes 2 and 3 in closed form.
    #[test]
    fn known_weights() {
        assert_eq!(Weights::<2>::BILINEAR[0][..2], [0.25, 0.75]);
        assert_eq!(Weights::<2>::BILINEAR[1][..2], [0.75, 0.25]);
        assert_eq!(Weights::<3>::BILINEAR[1][..2], [1.0, 0.0]);
        assert_eq!(Weights::<2>::BICUBIC[1][..4], [-0.070_312_5, 0.867_187_5, 0.226_562_5, -0.023_437_5]);
        for (taps, all) in [(6, Weights::<4>::LANCZOS3), (10, Weights::<4>::LANCZOS5)] {
            for weights in all {
                assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
                assert!(weights[taps..].iter().all(|&weight| weight == 0.0));
            }
        }
    }

    #[test]
    fn one_position_of_one_is_itself() {
        for (at, weights) in
            [Weights::<1>::BILINEAR, Weights::<1>::BICUBIC, Weights::<1>::LANCZOS3, Weights::<1>::LANCZOS5]
                .into_iter()
                .zip([0, 1, 2, 4])
                .map(|(weights, at)| (at, weights[0]))
        {
            for (k, weight) in weights.iter().enumerate() {
                assert!((weight - f32::from(k == at)).abs() < 1e-7, "weight {k}: {weight}");
            }
        }
    }
}
