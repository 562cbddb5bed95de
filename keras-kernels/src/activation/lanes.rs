//! Activations in lanes.

use super::Act;
use crate::add;
use crate::lanes::{Function, Function2, larger, map, zip, zip_add};
use crate::math::{exp, exp_m1, exp_or_0, ln_1p, normal, sigmoid, sigmoid_and_slope, tanh};

/// As [`super::forward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: Option<&[f32]>, act: Act) {
    match act {
        Act::Linear => x.into_iter().for_each(|x| y.copy_from_slice(x)),
        Act::Relu => map(y, x, Relu),
        Act::Sigmoid => map(y, x, Sigmoid {}),
        Act::Tanh => map(y, x, Tanh {}),
        Act::Gelu => map(y, x, Gelu {}),
        Act::GeluTanh => map(y, x, GeluTanh {}),
        Act::Affine { scale, offset } => map(y, x, Affine { scale, offset }),
        Act::Clip { scale, offset, low, high } => map(y, x, Clip { scale, offset, low, high }),
        Act::LeakyRelu { negative_slope } => map(y, x, LeakyRelu { negative_slope }),
        Act::Elu { scale, alpha, rate } => map(y, x, Elu { scale, alpha, rate }),
        Act::Exponential => map(y, x, Exponential {}),
        Act::Softplus => map(y, x, Softplus {}),
        Act::LogSigmoid => map(y, x, LogSigmoid {}),
        Act::Softsign => map(y, x, Softsign {}),
        Act::Squareplus { b } => map(y, x, Squareplus { b }),
        Act::SparsePlus => map(y, x, SparsePlus {}),
        Act::SoftShrink { threshold } => map(y, x, SoftShrink { threshold }),
        Act::HardShrink { threshold } => map(y, x, HardShrink { threshold }),
        Act::Silu => map(y, x, Silu {}),
        Act::HardSilu => map(y, x, HardSilu {}),
        Act::Mish => map(y, x, Mish {}),
        Act::TanhShrink => map(y, x, TanhShrink {}),
        Act::Ramp { negative_slope, max_value, threshold } => map(y, x, Ramp { negative_slope, max_value, threshold }),
        Act::Threshold { threshold, value } => map(y, x, Threshold { threshold, value }),
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
        dy => zip(dx, dy, saved, f),
    }
}

/// dx (+)= scale · dy.
#[inline(always)]
fn scaled(dx: &mut [f32], dy: Option<&[f32]>, scale: f32, acc: bool) {
    match dy {
        Some(dy) if acc => dx.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx += dy * scale),
        Some(dy) => dx.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx = dy * scale),
        None => dx.iter_mut().for_each(|dx| *dx *= scale),
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Relu;

impl Function for Relu {
    #[inline(always)]
    fn of(self, x: f32) -> f32 {
        // NaN is not less than 0 and stays.
        larger(0.0, x)
    }
}

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
        pub(crate) struct $name {
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
curve!(Gelu {}, |x| no_less(x, -14.0) * normal(x).0, |x| {
    let (cdf, density) = normal(x);
    held(x, -14.0, 14.0).mul_add(density, cdf)
});
// (1 + tanh u) / 2 is σ(2u).
curve!(GeluTanh {}, |x| no_less(x, -12.0) * sigmoid(twice_inner(x)), |x| {
    let x = held(x, -12.0, 12.0);
    let (s, slope) = sigmoid_and_slope(twice_inner(x));
    let inner_slope = (x * x).mul_add(3.0 * CUBIC, LINEAR);
    (x * inner_slope).mul_add(slope, s)
});
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
curve!(Softsign {}, |x| softsign(x), |y| {
    let rest = 1.0 - y.abs();
    rest * rest
});
curve!(
    Squareplus { b },
    |x| {
        let a = x.abs();
        let root = a.mul_add(a, b).sqrt();
        let root = if a > 1e18 { a } else { root };
        let (below, above) = (0.5 * b / (root + a), x.mul_add(0.5, 0.5 * root));
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
curve!(Silu {}, |x| no_less(x, -90.0) * sigmoid(x), |x| {
    let (s, slope) = sigmoid_and_slope(x);
    held(x, -90.0, 90.0).mul_add(slope, s)
});
curve!(HardSilu {}, |x| no_less(x, -3.0) * hard_sigmoid(x), |x| {
    let h = hard_sigmoid(x);
    h + if (h > 0.0) & (h < 1.0) { x * SIXTH } else { 0.0 }
});
curve!(
    Mish {},
    |x| {
        let e = mish_exp(x);
        let n = e * (e + 2.0);
        no_less(x, -90.0) * (n / (n + 2.0))
    },
    |x| {
        // With n = e (e + 2), t = n / (n + 2), 1 − t² = 4 (e + 1)² / (n + 2)² and σ = e / (e + 1).
        let e = mish_exp(x);
        let n = e * (e + 2.0);
        let rest = 1.0 / (n + 2.0);
        let slope = 4.0 * e * (e + 1.0) * rest * rest;
        held(x, -90.0, 90.0).mul_add(slope, n * rest)
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

/// `x`, but no less than `low`; NaN stays.
///
/// With it what tends to 0 as x tends to −∞ is 0 at −∞, and not the product of 0 and −∞.
#[inline(always)]
fn no_less(x: f32, low: f32) -> f32 {
    if x < low { low } else { x }
}

/// `x`, but no less than `low` and no more than `high`; NaN stays.
#[inline(always)]
fn held(x: f32, low: f32, high: f32) -> f32 {
    let x = no_less(x, low);
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

#[inline(always)]
fn softsign(x: f32) -> f32 {
    let x = held(x, -1e30, 1e30);
    x / (1.0 + x.abs())
}

/// ln (1 + eˣ) = max(x, 0) + ln (1 + e^−|x|).
#[inline(always)]
fn softplus(x: f32) -> f32 {
    larger(0.0, x) + ln_1p(exp_or_0(-x.abs()))
}

/// e = eˣ, of which tanh ln (1 + eˣ) is n / (n + 2) with n = e (e + 2). Beyond 20 that is 1.
#[inline(always)]
fn mish_exp(x: f32) -> f32 {
    exp_or_0(if x > 20.0 { 20.0 } else { x })
}

/// 2 √(2/π), and that times 0.044715.
const LINEAR: f32 = 1.595_769;
const CUBIC: f32 = 0.071_354_82;

/// Twice the argument of tanh.
#[inline(always)]
fn twice_inner(x: f32) -> f32 {
    (x * x).mul_add(CUBIC, LINEAR) * x
}
