//! Activations in plain Rust, over `f32` or `f64`.

use super::{Act, check_backward, check_forward};
use crate::Real;

const SQRT_2_OVER_PI: f64 = 0.797_884_560_802_865_4;
const CUBIC: f64 = 0.044_715;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: Option<&[R]>, act: Act) {
    check_forward(y.len(), x.map(<[R]>::len));
    if let Some(x) = x {
        y.copy_from_slice(x);
    }
    match act {
        Act::Linear => {}
        Act::Relu => y.iter_mut().for_each(|y| *y = y.max(R::ZERO)),
        Act::Sigmoid => y.iter_mut().for_each(|y| *y = R::ONE / (R::ONE + (-*y).exp())),
        Act::Tanh => y.iter_mut().for_each(|y| *y = y.tanh()),
        Act::Gelu => y.iter_mut().for_each(|y| *y *= normal_cdf(*y)),
        Act::GeluTanh => y.iter_mut().for_each(|y| *y *= R::of(0.5) * (R::ONE + inner(*y).tanh())),
    }
}

/// As [`super::backward`].
pub fn backward<R: Real>(dx: &mut [R], dy: Option<&[R]>, saved: &[R], act: Act, acc: bool) {
    check_backward(dx.len(), dy.map(<[R]>::len), saved.len(), act, acc);
    for i in 0..dx.len() {
        let dy = dy.map_or(dx[i], |dy| dy[i]);
        let d = match act {
            Act::Linear => dy,
            Act::Relu if saved[i] > R::ZERO => dy,
            Act::Relu => R::ZERO,
            Act::Sigmoid => dy * (saved[i] * (R::ONE - saved[i])),
            Act::Tanh => dy * (R::ONE - saved[i] * saved[i]),
            Act::Gelu => dy * (normal_cdf(saved[i]) + saved[i] * normal_pdf(saved[i])),
            Act::GeluTanh => dy * gelu_tanh_slope(saved[i]),
        };
        dx[i] = if acc { dx[i] + d } else { d };
    }
}

/// The cumulative distribution function of the standard normal distribution.
fn normal_cdf<R: Real>(x: R) -> R {
    R::of(0.5) * (R::ONE + (x * R::of(core::f64::consts::FRAC_1_SQRT_2)).erf())
}

/// The density of the standard normal distribution.
fn normal_pdf<R: Real>(x: R) -> R {
    R::of(0.398_942_280_401_432_7) * (R::of(-0.5) * x * x).exp()
}

fn inner<R: Real>(x: R) -> R {
    R::of(SQRT_2_OVER_PI) * (x + R::of(CUBIC) * x * x * x)
}

fn gelu_tanh_slope<R: Real>(x: R) -> R {
    let t = inner(x).tanh();
    let du = R::of(SQRT_2_OVER_PI) * (R::ONE + R::of(3.0 * CUBIC) * x * x);
    R::of(0.5) * (R::ONE + t) + R::of(0.5) * x * (R::ONE - t * t) * du
}
