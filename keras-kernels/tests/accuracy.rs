//! The stated errors of activations and their slopes, over all exponents, of every instruction set.
//!
//! What is expected comes from the standard library in `f64`; no kernel is asked.

mod common;

use common::oracle::{cumulative, density, sigmoid, ulp};
use keras_kernels::Isa;
use keras_kernels::activation::{self, Act, Saves};

/// What is said of the errors of a function.
struct Stated {
    act: Act,
    exact: fn(f64) -> f64,
    /// Errors in ulp of the scalar body and of those in lanes,
    ulp: [f64; 2],
    /// and how much more it may be at an argument.
    more: [fn(f64) -> f64; 2],
}

/// Half a unit in the last place of 1.
const HALF: f64 = 1.0 / 16_777_216.0;

/// From one float to the next that is looked at.
const STEP: usize = 4099;

/// Floats of both signs and all exponents, many of them where the functions bend.
fn arguments() -> Vec<f32> {
    let all = (0..=f32::MAX.to_bits()).step_by(STEP);
    let middle = (1.0e-4_f32.to_bits()..=110.0_f32.to_bits()).step_by(STEP / 16);
    all.chain(middle).map(f32::from_bits).flat_map(|x| [x, -x]).collect()
}

/// Measures `f`, which works in place, and tells where it is worse than stated.
fn check(kind: &str, stated: &Stated, x: &[f32], f: impl Fn(Isa, &mut [f32]), beyond: &mut Vec<String>) {
    let exact: Vec<f64> = x.iter().map(|&x| (stated.exact)(f64::from(x))).collect();
    for isa in Isa::available() {
        let mut y = x.to_vec();
        f(isa, &mut y);
        let lanes = usize::from(isa != Isa::SCALAR);
        let mut worst = (0.0, 0.0);
        for ((&x, &y), &exact) in x.iter().zip(&y).zip(&exact) {
            if f64::from(y) == f64::from(exact as f32) {
                continue;
            }
            let error = ((f64::from(y) - exact).abs() - stated.more[lanes](f64::from(x))) / ulp(exact);
            if error > worst.0 || error.is_nan() {
                worst = (error, x);
            }
        }
        let limit = stated.ulp[lanes];
        let what = format!("{isa:?} {:?}{kind}: {:.3} ulp at {:e}, stated {limit}", stated.act, worst.0, worst.1);
        println!("{what}");
        if worst.0 > limit || worst.0.is_nan() {
            beyond.push(what);
        }
    }
}

/// 0.
fn none(_: f64) -> f64 {
    0.0
}

/// What is 0 because it is subnormal, or a factor of it is.
fn flushed(x: f64) -> f64 {
    2.0_f64.powi(-126) * (1.0 + x.abs().min(100.0))
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// 2u, where (1 + tanh u) / 2 = σ(2u).
fn inner(x: f64) -> f64 {
    2.0 * (2.0 / std::f64::consts::PI).sqrt() * (x + f64::from(0.044_715_f32) * x.powi(3))
}

/// x f, which is 0 where f is.
fn times(x: f64, f: f64) -> f64 {
    if f == 0.0 { 0.0 } else { x * f }
}

fn gelu_tanh_slope(x: f64) -> f64 {
    let slope = sigmoid(inner(x)) * sigmoid(-inner(x));
    let inner_slope = 2.0 * (2.0 / std::f64::consts::PI).sqrt() * (1.0 + 3.0 * f64::from(0.044_715_f32) * x * x);
    sigmoid(inner(x)) + times(x * inner_slope, slope)
}

fn mish_slope(x: f64) -> f64 {
    let t = softplus(x).tanh();
    // 1 − t² is 1 / cosh².
    let rest = 1.0 / softplus(x).cosh();
    t + times(x, rest * rest * sigmoid(x))
}

fn gelu(x: f64) -> f64 {
    times(x, cumulative(x))
}

fn gelu_tanh(x: f64) -> f64 {
    times(x, sigmoid(inner(x)))
}

fn squareplus(x: f64) -> f64 {
    let root = (x * x + 4.0).sqrt();
    if x < 0.0 { 2.0 / (root - x) } else { 0.5 * (x + root) }
}

/// What rounding 2u to `f32` makes of e²ᵘ.
fn of_inner(x: f64) -> f64 {
    flushed(x) + 3.0 * HALF * inner(x).abs().min(200.0) * gelu_tanh(x).abs()
}

/// What rounding x/√2 to `f32` makes of erfc.
fn of_square(x: f64) -> f64 {
    flushed(x) + 3.0 * HALF * (x * x).min(200.0) * gelu(x).abs()
}

/// The difference of two numbers that are each as large as the argument.
fn of_argument(x: f64) -> f64 {
    4.0 * HALF * x.abs().min(1.0)
}

/// The rounding of what is as large as 1.
fn of_one(_: f64) -> f64 {
    4.0 * HALF
}

const ELU: Act = Act::Elu { scale: 1.0, alpha: 1.0, rate: 1.0 };

#[test]
fn activations() {
    let stated = |act, exact, ulp, more| Stated { act, exact, ulp, more };
    let all = [
        stated(Act::Relu, |x| x.max(0.0), [0.0; 2], [none; 2]),
        stated(Act::Sigmoid, sigmoid, [3.0, 2.5], [flushed; 2]),
        stated(Act::Tanh, f64::tanh, [3.0; 2], [none; 2]),
        stated(Act::Gelu, gelu, [4.0, 7.0], [of_square, flushed]),
        stated(Act::GeluTanh, gelu_tanh, [6.0; 2], [of_inner; 2]),
        stated(Act::Exponential, f64::exp, [1.0; 2], [none; 2]),
        stated(Act::Softplus, softplus, [2.0, 3.0], [flushed; 2]),
        stated(Act::LogSigmoid, |x| -softplus(-x), [2.0, 3.0], [flushed; 2]),
        stated(Act::Softsign, |x| x / (1.0 + x.abs()), [1.5; 2], [none; 2]),
        stated(Act::Silu, |x| times(x, sigmoid(x)), [4.0; 2], [flushed; 2]),
        stated(Act::Mish, |x| times(x, softplus(x).tanh()), [4.0; 2], [flushed; 2]),
        stated(Act::TanhShrink, |x| x - x.tanh(), [2.0; 2], [of_argument; 2]),
        stated(ELU, |x| if x > 0.0 { x } else { x.exp_m1() }, [1.0, 1.5], [none; 2]),
        stated(Act::Squareplus { b: 4.0 }, squareplus, [3.0; 2], [flushed; 2]),
    ];
    let x = arguments();
    let mut beyond = Vec::new();
    for stated in &all {
        check("", stated, &x, |isa, y| activation::forward(isa, y, None, stated.act), &mut beyond);
    }
    assert!(beyond.is_empty(), "{beyond:#?}");
}

#[test]
fn slopes() {
    let stated = |act, exact, ulp, more| Stated { act, exact, ulp, more };
    // They cross 0 or tend to it as sums of what is as large as 1.
    let all = [
        stated(Act::Gelu, |x| cumulative(x) + times(x, density(x)), [1.0; 2], [of_one; 2]),
        stated(Act::GeluTanh, gelu_tanh_slope, [1.0; 2], [of_one; 2]),
        stated(Act::Silu, |x| sigmoid(x) + times(x, sigmoid(x) * sigmoid(-x)), [1.0; 2], [of_one; 2]),
        stated(Act::Mish, mish_slope, [3.0, 1.0], [of_one; 2]),
        stated(Act::TanhShrink, |x| x.tanh() * x.tanh(), [6.0; 2], [flushed; 2]),
    ];
    let x = arguments();
    let mut beyond = Vec::new();
    for stated in &all {
        assert_eq!(stated.act.saves(), Saves::Input);
        let slope = |isa: Isa, y: &mut [f32]| {
            y.fill(1.0);
            activation::backward(isa, y, None, &x, stated.act, false);
        };
        check("′", stated, &x, slope, &mut beyond);
    }
    assert!(beyond.is_empty(), "{beyond:#?}");
}

/// At infinity there is the limit, and NaN comes through.
#[test]
fn limits() {
    let (inf, none) = (f32::INFINITY, f32::NEG_INFINITY);
    // Each with its values at −∞ and ∞, and the slopes there of those that save x.
    let limits = [
        (Act::Linear, [none, inf], None),
        (Act::Relu, [0.0, inf], None),
        (Act::Sigmoid, [0.0, 1.0], None),
        (Act::Tanh, [-1.0, 1.0], None),
        (Act::Gelu, [0.0, inf], Some([0.0, 1.0])),
        (Act::GeluTanh, [0.0, inf], Some([0.0, 1.0])),
        (Act::Exponential, [0.0, inf], None),
        (Act::Softplus, [0.0, inf], None),
        (Act::LogSigmoid, [none, 0.0], None),
        (Act::Softsign, [-1.0, 1.0], None),
        (Act::Squareplus { b: 4.0 }, [0.0, inf], None),
        (Act::SparsePlus, [0.0, inf], None),
        (ELU, [-1.0, inf], None),
        (Act::Silu, [0.0, inf], Some([0.0, 1.0])),
        (Act::HardSilu, [0.0, inf], Some([0.0, 1.0])),
        (Act::Mish, [0.0, inf], Some([0.0, 1.0])),
        (Act::TanhShrink, [none, inf], Some([1.0, 1.0])),
        (Act::SoftShrink { threshold: 0.5 }, [none, inf], None),
        (Act::HardShrink { threshold: 0.5 }, [none, inf], None),
    ];
    for isa in Isa::available() {
        for (act, values, slopes) in limits {
            let mut y = [none, inf, f32::NAN, -f32::NAN];
            activation::forward(isa, &mut y, None, act);
            assert!(y[..2] == values && y[2].is_nan() && y[3].is_nan(), "{isa:?} {act:?}: {y:?}");
            if let Some(slopes) = slopes {
                let mut dx = [1.0; 3];
                activation::backward(isa, &mut dx, None, &[none, inf, f32::NAN], act, false);
                assert!(dx[..2] == slopes && dx[2].is_nan(), "{isa:?} {act:?} backward: {dx:?}");
            }
        }
    }
}
