//! Activations in lanes.

use core::f32::consts::FRAC_1_SQRT_2;

use super::Act;
use crate::add;
use crate::lanes::{Function, Function2, larger, map, zip, zip_add};
use crate::math::{erf, exp, sigmoid, tanh};

/// As [`super::forward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: Option<&[f32]>, act: Act) {
    if let Some(x) = x {
        y.copy_from_slice(x);
    }
    match act {
        Act::Linear => {}
        // NaN is not less than 0 and stays.
        Act::Relu => y.iter_mut().for_each(|y| *y = larger(0.0, *y)),
        Act::Sigmoid => map::<Sigmoid>(y),
        Act::Tanh => map::<Tanh>(y),
        Act::Gelu => map::<Gelu>(y),
        Act::GeluTanh => map::<GeluTanh>(y),
    }
}

/// As [`super::backward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn backward(dx: &mut [f32], dy: Option<&[f32]>, saved: &[f32], act: Act, acc: bool) {
    match act {
        Act::Linear => dy.into_iter().for_each(|dy| add::scalar::backward(dx, dy, acc)),
        Act::Relu => product::<Relu>(dx, dy, saved, acc),
        Act::Sigmoid => product::<Sigmoid>(dx, dy, saved, acc),
        Act::Tanh => product::<Tanh>(dx, dy, saved, acc),
        Act::Gelu => product::<Gelu>(dx, dy, saved, acc),
        Act::GeluTanh => product::<GeluTanh>(dx, dy, saved, acc),
    }
}

/// dx (+)= f(dy, saved).
#[inline(always)]
fn product<F: Function2>(dx: &mut [f32], dy: Option<&[f32]>, saved: &[f32], acc: bool) {
    match dy {
        Some(dy) if acc => zip_add::<F>(dx, dy, saved),
        dy => {
            if let Some(dy) = dy {
                dx.copy_from_slice(dy);
            }
            zip::<F>(dx, saved);
        }
    }
}

struct Relu;

impl Function2 for Relu {
    #[inline(always)]
    fn of(dy: f32, y: f32) -> f32 {
        if y > 0.0 { dy } else { 0.0 }
    }
}

struct Sigmoid;

impl Function for Sigmoid {
    #[inline(always)]
    fn of(x: f32) -> f32 {
        sigmoid(x)
    }
}

impl Function2 for Sigmoid {
    #[inline(always)]
    fn of(dy: f32, y: f32) -> f32 {
        dy * (y * (1.0 - y))
    }
}

struct Tanh;

impl Function for Tanh {
    #[inline(always)]
    fn of(x: f32) -> f32 {
        tanh(x)
    }
}

impl Function2 for Tanh {
    #[inline(always)]
    fn of(dy: f32, y: f32) -> f32 {
        dy * (-y).mul_add(y, 1.0)
    }
}

struct Gelu;

impl Function for Gelu {
    #[inline(always)]
    fn of(x: f32) -> f32 {
        x * normal_cdf(x)
    }
}

impl Function2 for Gelu {
    #[inline(always)]
    fn of(dy: f32, x: f32) -> f32 {
        const FRAC_1_SQRT_TAU: f32 = 0.398_942_3;
        let density = FRAC_1_SQRT_TAU * exp(-0.5 * x * x);
        dy * x.mul_add(density, normal_cdf(x))
    }
}

/// The cumulative distribution function of the standard normal distribution.
#[inline(always)]
fn normal_cdf(x: f32) -> f32 {
    0.5 * (1.0 + erf(x * FRAC_1_SQRT_2))
}

struct GeluTanh;

const SQRT_2_OVER_PI: f32 = 0.797_884_6;
const CUBIC: f32 = 0.044_715;

#[inline(always)]
fn inner_tanh(x: f32) -> f32 {
    tanh(SQRT_2_OVER_PI * x * (CUBIC * x).mul_add(x, 1.0))
}

impl Function for GeluTanh {
    #[inline(always)]
    fn of(x: f32) -> f32 {
        0.5 * x * (1.0 + inner_tanh(x))
    }
}

impl Function2 for GeluTanh {
    #[inline(always)]
    fn of(dy: f32, x: f32) -> f32 {
        let t = inner_tanh(x);
        let du = SQRT_2_OVER_PI * (3.0 * CUBIC * x).mul_add(x, 1.0);
        dy * (0.5 * x * du).mul_add((-t).mul_add(t, 1.0), 0.5 * (1.0 + t))
    }
}
