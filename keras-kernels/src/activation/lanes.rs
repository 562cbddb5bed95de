//! Activations in lanes.

use core::f32::consts::FRAC_1_SQRT_2;

use super::Act;
use crate::add;
use crate::lanes::{Function, Function2, larger, map, zip, zip_add};
use crate::math::{erf, exp, exp_m1, ln_1p, sigmoid, tanh};

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
        Act::Sigmoid => map(y, Sigmoid {}),
        Act::Tanh => map(y, Tanh {}),
        Act::Gelu => map(y, Gelu {}),
        Act::GeluTanh => map(y, GeluTanh {}),
        Act::Affine { scale, offset } => map(y, Affine { scale, offset }),
        Act::Clip { scale, offset, low, high } => map(y, Clip { scale, offset, low, high }),
        Act::LeakyRelu { negative_slope } => map(y, LeakyRelu { negative_slope }),
        Act::Elu { scale, alpha, rate } => map(y, Elu { scale, alpha, rate }),
        Act::Exponential => map(y, Exponential {}),
        Act::Softplus => map(y, Softplus {}),
        Act::LogSigmoid => map(y, LogSigmoid {}),
        Act::Softsign => map(y, Softsign {}),
        Act::Squareplus { b } => map(y, Squareplus { b }),
        Act::SparsePlus => map(y, SparsePlus {}),
        Act::SoftShrink { threshold } => map(y, SoftShrink { threshold }),
        Act::HardShrink { threshold } => map(y, HardShrink { threshold }),
        Act::Silu => map(y, Silu {}),
        Act::HardSilu => map(y, HardSilu {}),
        Act::Mish => map(y, Mish {}),
        Act::TanhShrink => map(y, TanhShrink {}),
        Act::Ramp { negative_slope, max_value, threshold } => map(y, Ramp { negative_slope, max_value, threshold }),
        Act::Threshold { threshold, value } => map(y, Threshold { threshold, value }),
    }
}

/// As [`super::backward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn backward(dx: &mut [f32], dy: Option<&[f32]>, saved: &[f32], act: Act, acc: bool) {
    match act {
        Act::Linear => dy.into_iter().for_each(|dy| add::scalar::backward(dx, dy, acc)),
        Act::Affine { scale, .. } => scaled(dx, dy, scale, acc),
        Act::Relu => product(dx, dy, saved, acc, Relu),
        Act::Sigmoid => product(dx, dy, saved, acc, Sigmoid {}),
        Act::Tanh => product(dx, dy, saved, acc, Tanh {}),
        Act::Gelu => product(dx, dy, saved, acc, Gelu {}),
        Act::GeluTanh => product(dx, dy, saved, acc, GeluTanh {}),
        Act::Clip { scale, offset, low, high } => product(dx, dy, saved, acc, Clip { scale, offset, low, high }),
        Act::LeakyRelu { negative_slope } => product(dx, dy, saved, acc, LeakyRelu { negative_slope }),
        Act::Elu { scale, alpha, rate } => product(dx, dy, saved, acc, Elu { scale, alpha, rate }),
        Act::Exponential => product(dx, dy, saved, acc, Exponential {}),
        Act::Softplus => product(dx, dy, saved, acc, Softplus {}),
        Act::LogSigmoid => product(dx, dy, saved, acc, LogSigmoid {}),
        Act::Softsign => product(dx, dy, saved, acc, Softsign {}),
        Act::Squareplus { b } => product(dx, dy, saved, acc, Squareplus { b }),
        Act::SparsePlus => product(dx, dy, saved, acc, SparsePlus {}),
        // Both are 0 where they pass nothing.
        Act::SoftShrink { threshold } | Act::HardShrink { threshold } => {
            product(dx, dy, saved, acc, SoftShrink { threshold });
        }
        Act::Silu => product(dx, dy, saved, acc, Silu {}),
        Act::HardSilu => product(dx, dy, saved, acc, HardSilu {}),
        Act::Mish => product(dx, dy, saved, acc, Mish {}),
        Act::TanhShrink => product(dx, dy, saved, acc, TanhShrink {}),
        Act::Ramp { negative_slope, max_value, threshold } => {
            product(dx, dy, saved, acc, Ramp { negative_slope, max_value, threshold });
        }
        Act::Threshold { threshold, value } => product(dx, dy, saved, acc, Threshold { threshold, value }),
    }
}

/// dx (+)= f(dy, saved).
#[inline(always)]
fn product<F: Function2>(dx: &mut [f32], dy: Option<&[f32]>, saved: &[f32], acc: bool, f: F) {
    match dy {
        Some(dy) if acc => zip_add(dx, dy, saved, f),
        dy => {
            if let Some(dy) = dy {
                dx.copy_from_slice(dy);
            }
            zip(dx, saved, f);
        }
    }
}

/// dx (+)= scale · dy.
#[inline(always)]
fn scaled(dx: &mut [f32], dy: Option<&[f32]>, scale: f32, acc: bool) {
    match dy {
        Some(dy) if acc => dx.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx += dy * scale),
        dy => {
            if let Some(dy) = dy {
                dx.copy_from_slice(dy);
            }
            dx.iter_mut().for_each(|dx| *dx *= scale);
        }
    }
}

#[derive(Clone, Copy)]
struct Relu;

impl Function2 for Relu {
    #[inline(always)]
    fn of(self, dy: f32, y: f32) -> f32 {
        if y > 0.0 { dy } else { 0.0 }
    }
}

/// An activation: its constants, its value, and its slope from what it saves.
macro_rules! curve {
    ($name:ident { $($field:ident),* }, |$x:ident| $value:expr, |$s:ident| $slope:expr) => {
        #[derive(Clone, Copy)]
        struct $name {
            $($field: f32),*
        }

        impl Function for $name {
            #[inline(always)]
            fn of(self, $x: f32) -> f32 {
                #[allow(unused_variables)]
                let $name { $($field),* } = self;
                $value
            }
        }

        impl Function2 for $name {
            #[inline(always)]
            fn of(self, dy: f32, $s: f32) -> f32 {
                #[allow(unused_variables)]
                let $name { $($field),* } = self;
                dy * $slope
            }
        }
    };
}

curve!(Sigmoid {}, |x| sigmoid(x), |y| (y * (1.0 - y)));
curve!(Tanh {}, |x| tanh(x), |y| (-y).mul_add(y, 1.0));
curve!(Gelu {}, |x| x * normal_cdf(x), |x| x.mul_add(normal_pdf(x), normal_cdf(x)));
curve!(GeluTanh {}, |x| 0.5 * x * (1.0 + inner_tanh(x)), |x| gelu_tanh_slope(x));
curve!(Affine { scale, offset }, |x| x * scale + offset, |_s| scale);
curve!(Clip { scale, offset, low, high }, |x| held(x * scale + offset, low, high), |y| {
    if (y > low) & (y < high) { scale } else { 0.0 }
});
curve!(LeakyRelu { negative_slope }, |x| if x >= 0.0 { x } else { x * negative_slope }, |y| {
    if y >= 0.0 { 1.0 } else { negative_slope }
});
curve!(
    Elu { scale, alpha, rate },
    |x| {
        let below = alpha * exp_m1(x * rate);
        if x > 0.0 { x * scale } else { below }
    },
    |y| if y > 0.0 { scale } else { rate * (y + alpha) }
);
curve!(Exponential {}, |x| exp(x), |y| y);
curve!(Softplus {}, |x| softplus(x), |y| -exp_m1(-y));
curve!(LogSigmoid {}, |x| -softplus(-x), |y| -exp_m1(y));
curve!(Softsign {}, |x| x / (1.0 + x.abs()), |y| {
    let rest = 1.0 - y.abs();
    rest * rest
});
curve!(
    Squareplus { b },
    |x| {
        let a = x.abs();
        let root = a.mul_add(a, b).sqrt();
        let root = if a > 1e18 { a } else { root };
        let (below, above) = (0.5 * b / (root + a), 0.5 * (x + root));
        if x < 0.0 { below } else { above }
    },
    |y| y / (y + 0.25 * b / y)
);
curve!(
    SparsePlus {},
    |x| {
        let middle = 0.25 * (x + 1.0) * (x + 1.0);
        let y = if x >= 1.0 { x } else { middle };
        if x <= -1.0 { 0.0 } else { y }
    },
    |y| {
        let root = y.sqrt();
        if y >= 1.0 { 1.0 } else { root }
    }
);
curve!(
    SoftShrink { threshold },
    |x| {
        let below = if x < -threshold { x + threshold } else { kept_nan(x) };
        if x > threshold { x - threshold } else { below }
    },
    |y| if y == 0.0 { 0.0 } else { 1.0 }
);
curve!(HardShrink { threshold }, |x| if x.abs() > threshold { x } else { kept_nan(x) }, |y| {
    if y == 0.0 { 0.0 } else { 1.0 }
});
curve!(Silu {}, |x| x * sigmoid(x), |x| {
    let s = sigmoid(x);
    s * x.mul_add(1.0 - s, 1.0)
});
curve!(HardSilu {}, |x| x * hard_sigmoid(x), |x| {
    let h = hard_sigmoid(x);
    h + if (h > 0.0) & (h < 1.0) { x * SIXTH } else { 0.0 }
});
curve!(
    Mish {},
    |x| {
        let n = mish_ratio(x);
        x * (n / (n + 2.0))
    },
    |x| {
        let n = mish_ratio(x);
        // 1 − t² with t = n / (n + 2), without the difference.
        let rest = 1.0 / (n + 2.0);
        let (t, square) = (n * rest, 4.0 * (n + 1.0) * rest * rest);
        (x * square).mul_add(sigmoid(x), t)
    }
);
curve!(TanhShrink {}, |x| x - tanh(x), |x| {
    let t = tanh(x);
    t * t
});
curve!(
    Ramp { negative_slope, max_value, threshold },
    |x| {
        let above = if x > max_value { max_value } else { x };
        if x > threshold { above } else { (x - threshold) * negative_slope }
    },
    |x| {
        let above = if x < max_value { 1.0 } else { 0.0 };
        if x > threshold { above } else { negative_slope }
    }
);
curve!(Threshold { threshold, value }, |x| if x > threshold { x } else { value + kept_nan(x) }, |x| {
    if x > threshold { 1.0 } else { 0.0 }
});

const SIXTH: f32 = 1.0 / 6.0;

/// `x`, but no less than `low` and no more than `high`; NaN stays.
#[inline(always)]
fn held(x: f32, low: f32, high: f32) -> f32 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// 0, but NaN for NaN.
#[inline(always)]
fn kept_nan(x: f32) -> f32 {
    if x.is_nan() { x } else { 0.0 }
}

#[inline(always)]
fn hard_sigmoid(x: f32) -> f32 {
    held(x * SIXTH + 0.5, 0.0, 1.0)
}

/// ln (1 + eˣ) = max(x, 0) + ln (1 + e^−|x|).
#[inline(always)]
fn softplus(x: f32) -> f32 {
    larger(0.0, x) + ln_1p(exp(-x.abs()))
}

/// n = eˣ (eˣ + 2), of which tanh ln (1 + eˣ) is n / (n + 2). Beyond 20 that is 1.
#[inline(always)]
fn mish_ratio(x: f32) -> f32 {
    let e = exp(if x > 20.0 { 20.0 } else { x });
    e * (e + 2.0)
}

/// The cumulative distribution function of the standard normal distribution.
#[inline(always)]
fn normal_cdf(x: f32) -> f32 {
    0.5 * (1.0 + erf(x * FRAC_1_SQRT_2))
}

/// The density of the standard normal distribution.
#[inline(always)]
fn normal_pdf(x: f32) -> f32 {
    const FRAC_1_SQRT_TAU: f32 = 0.398_942_3;
    FRAC_1_SQRT_TAU * exp(-0.5 * x * x)
}

const SQRT_2_OVER_PI: f32 = 0.797_884_6;
const CUBIC: f32 = 0.044_715;

#[inline(always)]
fn inner_tanh(x: f32) -> f32 {
    tanh(SQRT_2_OVER_PI * x * (CUBIC * x).mul_add(x, 1.0))
}

#[inline(always)]
fn gelu_tanh_slope(x: f32) -> f32 {
    let t = inner_tanh(x);
    let du = SQRT_2_OVER_PI * (3.0 * CUBIC * x).mul_add(x, 1.0);
    (0.5 * x * du).mul_add((-t).mul_add(t, 1.0), 0.5 * (1.0 + t))
}
