//! Activations in plain Rust, over `f32` or `f64`.

use super::{Act, Saves, check_backward, check_forward};
use crate::Real;

const SQRT_2_OVER_PI: f64 = 0.797_884_560_802_865_4;
const CUBIC: f64 = 0.044_715;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: Option<&[R]>, act: Act) {
    check_forward(y.len(), x.map(<[R]>::len));
    if let Some(x) = x {
        y.copy_from_slice(x);
    }
    if act != Act::Linear {
        y.iter_mut().for_each(|y| *y = value(act, *y));
    }
}

/// As [`super::backward`].
pub fn backward<R: Real>(dx: &mut [R], dy: Option<&[R]>, saved: &[R], act: Act, acc: bool) {
    check_backward(dx.len(), dy.map(<[R]>::len), saved.len(), act, acc);
    for i in 0..dx.len() {
        let dy = dy.map_or(dx[i], |dy| dy[i]);
        let d = match act {
            Act::Linear => dy,
            // Also where dy is infinite.
            Act::Relu => select(saved[i] > R::ZERO, dy, R::ZERO),
            _ if act.saves() == Saves::Nothing => dy * slope(act, R::ZERO),
            _ => dy * slope(act, saved[i]),
        };
        dx[i] = if acc { dx[i] + d } else { d };
    }
}

fn select<R: Real>(yes: bool, a: R, b: R) -> R {
    if yes { a } else { b }
}

/// `x`, but no less than `low` and no more than `high`; NaN stays.
fn held<R: Real>(x: R, low: R, high: R) -> R {
    let x = select(x < low, low, x);
    select(x > high, high, x)
}

fn of<R: Real>(x: f32) -> R {
    R::of(f64::from(x))
}

/// act(x).
pub(crate) fn value<R: Real>(act: Act, x: R) -> R {
    let (zero, one) = (R::ZERO, R::ONE);
    match act {
        Act::Linear => x,
        Act::Relu => x.max(zero),
        Act::Sigmoid => sigmoid(x),
        Act::Tanh => x.tanh(),
        Act::Gelu => finite(x) * normal_cdf(x),
        Act::GeluTanh => finite(x) * sigmoid(R::of(2.0) * inner(x)),
        Act::Affine { scale, offset } => x * of(scale) + of(offset),
        Act::Clip { scale, offset, low, high } => held(x * of(scale) + of(offset), of(low), of(high)),
        Act::LeakyRelu { negative_slope } => select(x >= zero, x, x * of(negative_slope)),
        Act::Elu { scale, alpha, rate } => select(x > zero, x * of(scale), of::<R>(alpha) * (x * of(rate)).exp_m1()),
        Act::Exponential => x.exp(),
        Act::Softplus => softplus(x),
        Act::LogSigmoid => -softplus(-x),
        Act::Softsign => {
            let x = held(x, R::of(-1e30), R::of(1e30));
            x / (one + x.abs())
        }
        Act::Squareplus { b } => squareplus(x, of(b)),
        Act::SparsePlus => {
            let middle = (x + one) * (x + one) * R::of(0.25);
            select(x <= -one, zero, select(x >= one, x, middle))
        }
        Act::SoftShrink { threshold: t } => {
            let t = of(t);
            select(x > t, x - t, select(x < -t, x + t, kept_nan(x)))
        }
        Act::HardShrink { threshold } => select(x.abs() > of(threshold), x, kept_nan(x)),
        Act::Silu => finite(x) * sigmoid(x),
        Act::HardSilu => finite(x) * hard_sigmoid(x),
        Act::Mish => finite(x) * softplus(x).tanh(),
        Act::TanhShrink => x - x.tanh(),
        Act::Ramp { negative_slope, max_value, threshold } => {
            let (top, t) = (of(max_value), of(threshold));
            select(x > t, select(x > top, top, x), (x - t) * of(negative_slope))
        }
        Act::Threshold { threshold, value } => select(x > of(threshold), x, of::<R>(value) + kept_nan(x)),
    }
}

/// act′ from what the activation saves.
pub(crate) fn slope<R: Real>(act: Act, s: R) -> R {
    let (zero, one) = (R::ZERO, R::ONE);
    match act {
        Act::Linear => one,
        Act::Relu => select(s > zero, one, zero),
        Act::Sigmoid => s * (one - s),
        Act::Tanh => one - s * s,
        Act::Gelu => normal_cdf(s) + bounded(s) * normal_pdf(s),
        Act::GeluTanh => gelu_tanh_slope(s),
        Act::Affine { scale, .. } => of(scale),
        Act::Clip { scale, low, high, .. } => select(s > of(low) && s < of(high), of(scale), zero),
        Act::LeakyRelu { negative_slope } => select(s >= zero, one, of(negative_slope)),
        Act::Elu { scale, alpha, rate } => select(s > zero, of(scale), of::<R>(rate) * (s + of(alpha))),
        Act::Exponential => s,
        Act::Softplus => -(-s).exp_m1(),
        Act::LogSigmoid => -s.exp_m1(),
        Act::Softsign => (one - s.abs()) * (one - s.abs()),
        Act::Squareplus { b } => s / (s + R::of(0.25) * of(b) / s),
        Act::SparsePlus => select(s >= one, one, s.sqrt()),
        Act::SoftShrink { .. } | Act::HardShrink { .. } => select(s == zero, zero, one),
        Act::Silu => sigmoid(s) * (one + bounded(s) * sigmoid(-s)),
        Act::HardSilu => {
            let h = hard_sigmoid(s);
            h + select(h > zero && h < one, s * R::of(1.0 / 6.0), zero)
        }
        Act::Mish => {
            let t = softplus(s).tanh();
            t + bounded(s) * (one - t * t) * sigmoid(s)
        }
        Act::TanhShrink => s.tanh() * s.tanh(),
        Act::Ramp { negative_slope, max_value, threshold } => {
            select(s > of(threshold), select(s < of(max_value), one, zero), of(negative_slope))
        }
        Act::Threshold { threshold, .. } => select(s > of(threshold), one, zero),
    }
}

/// What tends to 0 as x tends to −∞ is this times what is 0 there, and not the product of 0 and −∞.
fn finite<R: Real>(x: R) -> R {
    select(x < R::of(-1e3), R::of(-1e3), x)
}

/// The same at both ends.
fn bounded<R: Real>(x: R) -> R {
    held(x, R::of(-1e3), R::of(1e3))
}

/// 0, but NaN for NaN.
fn kept_nan<R: Real>(x: R) -> R {
    select(x.is_nan(), x, R::ZERO)
}

fn sigmoid<R: Real>(x: R) -> R {
    R::ONE / (R::ONE + (-x).exp())
}

fn hard_sigmoid<R: Real>(x: R) -> R {
    held(x * R::of(1.0 / 6.0) + R::of(0.5), R::ZERO, R::ONE)
}

/// ln (1 + eˣ) = max(x, 0) + ln (1 + e^−|x|).
fn softplus<R: Real>(x: R) -> R {
    x.max(R::ZERO) + (-x.abs()).exp().ln_1p()
}

/// (x + √(x² + b)) / 2, below 0 as (b / 2) / (√(x² + b) − x), which loses no digits.
fn squareplus<R: Real>(x: R, b: R) -> R {
    let a = x.abs();
    // Beyond, the square might be infinite and b is nothing to it.
    let root = select(a > R::of(1e18), a, (a * a + b).sqrt());
    let half = R::of(0.5);
    select(x < R::ZERO, half * b / (root + a), half * x + half * root)
}

/// The cumulative distribution function of the standard normal distribution.
fn normal_cdf<R: Real>(x: R) -> R {
    R::of(0.5) * (x * R::of(-core::f64::consts::FRAC_1_SQRT_2)).erfc()
}

/// The density of the standard normal distribution.
fn normal_pdf<R: Real>(x: R) -> R {
    R::of(0.398_942_280_401_432_7) * (R::of(-0.5) * x * x).exp()
}

fn inner<R: Real>(x: R) -> R {
    R::of(SQRT_2_OVER_PI) * (x + R::of(CUBIC) * x * x * x)
}

fn gelu_tanh_slope<R: Real>(x: R) -> R {
    let x = bounded(x);
    let twice = R::of(2.0) * inner(x);
    // (1 + tanh u) / 2 is σ(2u).
    let (s, rest) = (sigmoid(twice), sigmoid(-twice));
    let du = R::of(SQRT_2_OVER_PI) * (R::ONE + R::of(3.0 * CUBIC) * x * x);
    s + R::of(2.0) * x * s * rest * du
}
