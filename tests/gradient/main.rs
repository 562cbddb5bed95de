//! `gradient!`: gradients against central differences of the function itself, in `f64`, and against derivatives that were
//! worked out by hand.
#![forbid(unsafe_code)]

use keras::gradient;

mod elementwise;
mod flow;
mod golden;
mod linear;
mod second;
mod single;
mod sizes;

/// Checks a gradient of `f` by central differences at the numbers `p`.
fn check(name: &str, p: &[f64], gradient: &[f64], f: impl Fn(&[f64]) -> f64) {
    assert_eq!(p.len(), gradient.len());
    let mut at = p.to_vec();
    for i in 0..p.len() {
        let step = 1e-6 * p[i].abs().max(1.0);
        at[i] = p[i] + step;
        let above = f(&at);
        at[i] = p[i] - step;
        let below = f(&at);
        at[i] = p[i];
        let expected = (above - below) / (2.0 * step);
        let error = (gradient[i] - expected).abs();
        assert!(error <= 1e-7 * expected.abs().max(1.0), "{name}[{i}]: {} instead of {expected}", gradient[i]);
    }
}

/// Numbers without a pattern, between -1 and 1.
fn numbers<const N: usize>(seed: u64) -> [f64; N] {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    core::array::from_fn(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    })
}

fn matrix<const M: usize, const N: usize>(seed: u64) -> [[f64; N]; M] {
    core::array::from_fn(|m| numbers(seed * 100 + m as u64 + 1))
}

fn rows<const M: usize, const N: usize>(p: &[f64]) -> [[f64; N]; M] {
    core::array::from_fn(|m| core::array::from_fn(|n| p[m * N + n]))
}

fn row<const N: usize>(p: &[f64]) -> [f64; N] {
    core::array::from_fn(|n| p[n])
}
