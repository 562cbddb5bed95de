//! Elementwise activations.
//!
//! | | forward | backward, times `dy` | needs |
//! |---|---|---|---|
//! | [`Act::Linear`] | x | 1 | nothing |
//! | [`Act::Affine`] | scale · x + offset | scale | nothing |
//! | [`Act::Relu`] | max(x, 0) | y > 0 | y |
//! | [`Act::LeakyRelu`] | x, or slope · x below 0 | 1 or slope | y |
//! | [`Act::Clip`] | scale · x + offset, held between low and high | scale where low < y < high | y |
//! | [`Act::Sigmoid`] | 1 / (1 + e⁻ˣ) | y (1 − y) | y |
//! | [`Act::Tanh`] | tanh x | 1 − y² | y |
//! | [`Act::Elu`] | scale · x, or alpha (e^(rate · x) − 1) below 0 | scale, or rate (y + alpha) | y |
//! | [`Act::Exponential`] | eˣ | y | y |
//! | [`Act::Softplus`] | ln (1 + eˣ) | 1 − e⁻ʸ | y |
//! | [`Act::LogSigmoid`] | −ln (1 + e⁻ˣ) | 1 − eʸ | y |
//! | [`Act::Softsign`] | x / (1 + \|x\|) | (1 − \|y\|)² | y |
//! | [`Act::Squareplus`] | (x + √(x² + b)) / 2 | y / (y + b / 4y) | y |
//! | [`Act::SparsePlus`] | 0, (x + 1)² / 4 from −1, x from 1 | min(√y, 1) | y |
//! | [`Act::SoftShrink`] | x moved by t towards 0, 0 within t | y ≠ 0 | y |
//! | [`Act::HardShrink`] | x, 0 within t | y ≠ 0 | y |
//! | [`Act::Gelu`] | x Φ(x), Φ(x) = (1 + erf(x / √2)) / 2 | Φ(x) + x φ(x), φ(x) = e^(−x²/2) / √(2π) | x |
//! | [`Act::GeluTanh`] | x (1 + tanh u) / 2, u = √(2/π) (x + 0.044715 x³) | (1 + tanh u) / 2 + x (1 − tanh² u) u′ / 2 | x |
//! | [`Act::Silu`] | x σ(x), σ(x) = 1 / (1 + e⁻ˣ) | σ (1 + x (1 − σ)) | x |
//! | [`Act::HardSilu`] | x h(x), h(x) = x / 6 + 1/2 between 0 and 1 | h + x h′ | x |
//! | [`Act::Mish`] | x t(x), t(x) = tanh ln (1 + eˣ) | t + x (1 − t²) σ | x |
//! | [`Act::TanhShrink`] | x − tanh x | tanh² x | x |
//! | [`Act::Ramp`] | x up to max above a threshold, slope · (x − threshold) up to it | 1, 0 or slope | x |
//! | [`Act::Threshold`] | x above a threshold, a value up to it | 1 or 0 | x |
//!
//! NaN in is NaN out, and infinity in is the limit out. The gradient of relu at 0 and at NaN is 0.
//!
//! # Errors
//!
//! The largest over all exponents, in units in the last place of the true value (ulp); those that are not here are a few
//! additions and multiplications, each rounded once. `tests/accuracy.rs` measures and asserts them.
//!
//! | | scalar | vectors | and more |
//! |---|---|---|---|
//! | [`Act::Sigmoid`] | 3 | 2.5 | below −87.3 up to 1.2 · 10⁻³⁸ absolute |
//! | [`Act::Tanh`] | 3 | 3 | |
//! | [`Act::Exponential`] | 1 | 1 | |
//! | [`Act::Elu`] | 1 | 1.5 | |
//! | [`Act::Softplus`], [`Act::LogSigmoid`] | 2 | 3 | in the tail up to 1.2 · 10⁻³⁸ absolute |
//! | [`Act::Softsign`] | 1.5 | 1.5 | |
//! | [`Act::Squareplus`] | 3 | 3 | |
//! | [`Act::Silu`], [`Act::Mish`] | 4 | 4 | in the tail up to 1.2 · 10⁻³⁶ absolute |
//! | [`Act::Gelu`] | 4 | 7 | the scalar body also 1.5 x² ulp, as it rounds x / √2 |
//! | [`Act::GeluTanh`] | 6 | 6 | and 1.5 · 2u ulp, as u is rounded: e²ᵘ below 0 is as precise as its exponent |
//! | [`Act::TanhShrink`] | 2 | 2 | and 2 ulp of x, as it is a difference |
//! | slopes of gelu, silu, mish | 3 | 1 | and 2.4 · 10⁻⁷ absolute, as they cross 0 or end near 1 |
//! | slope of tanh_shrink | 6 | 6 | |

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;

/// An elementwise activation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Act {
    /// The identity.
    #[default]
    Linear,
    /// Rectified linear unit.
    Relu,
    /// Logistic function.
    Sigmoid,
    /// Hyperbolic tangent.
    Tanh,
    /// Gaussian error linear unit, by the error function.
    Gelu,
    /// Gaussian error linear unit, by its approximation with tanh.
    GeluTanh,
    /// A line.
    Affine {
        /// Its slope.
        scale: f32,
        /// Its value at 0.
        offset: f32,
    },
    /// A line held between two values: relu6, and the hard forms of sigmoid and tanh.
    Clip {
        /// The line's slope, more than 0.
        scale: f32,
        /// The line's value at 0.
        offset: f32,
        /// The smallest value.
        low: f32,
        /// The largest value.
        high: f32,
    },
    /// Rectified linear unit that leaks.
    LeakyRelu {
        /// The slope below 0, itself more than 0.
        negative_slope: f32,
    },
    /// Exponential linear unit: elu, celu and selu.
    Elu {
        /// The slope above 0.
        scale: f32,
        /// Where it tends to below 0, without the sign; more than 0.
        alpha: f32,
        /// The factor of x in the exponent.
        rate: f32,
    },
    /// The exponential function.
    Exponential,
    /// Smooth rectified linear unit.
    Softplus,
    /// The logarithm of the logistic function.
    LogSigmoid,
    /// A sigmoid without exponential function.
    Softsign,
    /// A softplus without exponential function.
    Squareplus {
        /// How smooth it is; more than 0.
        b: f32,
    },
    /// Softplus that is 0 below −1.
    SparsePlus,
    /// Shrinks towards 0.
    SoftShrink {
        /// By how much.
        threshold: f32,
    },
    /// 0 next to 0.
    HardShrink {
        /// How far.
        threshold: f32,
    },
    /// Sigmoid linear unit.
    Silu,
    /// Sigmoid linear unit, made of lines.
    HardSilu,
    /// x tanh(softplus x).
    Mish,
    /// x − tanh x.
    TanhShrink,
    /// Rectified linear unit with all that Keras gives it.
    Ramp {
        /// The slope up to the threshold.
        negative_slope: f32,
        /// The largest value.
        max_value: f32,
        /// Where it begins.
        threshold: f32,
    },
    /// A constant up to a threshold.
    Threshold {
        /// The threshold.
        threshold: f32,
        /// The constant.
        value: f32,
    },
}

/// What the backward pass of an activation reads besides the output's gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Saves {
    /// Neither of the two.
    Nothing,
    /// What the forward pass wrote.
    Output,
    /// What the forward pass read.
    Input,
}

impl Act {
    /// What [`backward`] wants as `saved`.
    #[must_use]
    pub const fn saves(self) -> Saves {
        match self {
            Act::Linear | Act::Affine { .. } => Saves::Nothing,
            Act::Relu
            | Act::Sigmoid
            | Act::Tanh
            | Act::Clip { .. }
            | Act::LeakyRelu { .. }
            | Act::Elu { .. }
            | Act::Exponential
            | Act::Softplus
            | Act::LogSigmoid
            | Act::Softsign
            | Act::Squareplus { .. }
            | Act::SparsePlus
            | Act::SoftShrink { .. }
            | Act::HardShrink { .. } => Saves::Output,
            Act::Gelu
            | Act::GeluTanh
            | Act::Silu
            | Act::HardSilu
            | Act::Mish
            | Act::TanhShrink
            | Act::Ramp { .. }
            | Act::Threshold { .. } => Saves::Input,
        }
    }
}

/// y = act(x), in place on `y` where `x` is `None`.
///
/// ```
/// use keras_kernels::{Isa, activation::{self, Act}};
/// let mut y = [-1.0, 0.0, 2.0];
/// activation::forward(Isa::best(), &mut y, None, Act::Relu);
/// assert_eq!(y, [0.0, 0.0, 2.0]);
/// ```
///
/// # Panics
/// If `x` is not as long as `y`.
pub fn forward(isa: Isa, y: &mut [f32], x: Option<&[f32]>, act: Act) {
    check_forward(y.len(), x.map(<[f32]>::len));
    per_isa!(isa, lanes::forward(y: &mut [f32], x: Option<&[f32]>, act: Act), scalar::forward)
}

/// dx = dy · act′, or dx += that if `acc`; `dx` holds dy where `dy` is `None`.
///
/// `saved` is what [`Act::saves`] says: the output or the input of the forward pass; where it says neither it is not read
/// and may be empty.
///
/// # Panics
/// If the lengths differ, or on `acc` without `dy`.
pub fn backward(isa: Isa, dx: &mut [f32], dy: Option<&[f32]>, saved: &[f32], act: Act, acc: bool) {
    check_backward(dx.len(), dy.map(<[f32]>::len), saved.len(), act, acc);
    per_isa!(
        isa,
        lanes::backward(dx: &mut [f32], dy: Option<&[f32]>, saved: &[f32], act: Act, acc: bool),
        scalar::backward
    )
}

fn check_forward(y: usize, x: Option<usize>) {
    assert!(x.is_none_or(|x| x == y), "an activation from {x:?} to {y} elements");
}

fn check_backward(dx: usize, dy: Option<usize>, saved: usize, act: Act, acc: bool) {
    assert!(dy.is_none_or(|dy| dy == dx), "an activation's gradient from {dy:?} to {dx} elements");
    assert!(act.saves() == Saves::Nothing || saved == dx, "{saved} saved elements for {dx} of an activation");
    assert!(dy.is_some() || !acc, "a gradient in place cannot also be added to");
}
