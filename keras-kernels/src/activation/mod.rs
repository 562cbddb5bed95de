//! Elementwise activations.
//!
//! | | forward | backward, times `dy` | needs |
//! |---|---|---|---|
//! | [`Act::Linear`] | x | 1 | nothing |
//! | [`Act::Relu`] | max(x, 0) | y > 0 | y |
//! | [`Act::Sigmoid`] | 1 / (1 + e⁻ˣ) | y (1 − y) | y |
//! | [`Act::Tanh`] | tanh x | 1 − y² | y |
//! | [`Act::Gelu`] | x Φ(x), Φ(x) = (1 + erf(x / √2)) / 2 | Φ(x) + x φ(x), φ(x) = e^(−x²/2) / √(2π) | x |
//! | [`Act::GeluTanh`] | x (1 + tanh u) / 2, u = √(2/π) (x + 0.044715 x³) | (1 + tanh u) / 2 + x (1 − tanh² u) u′ / 2 | x |
//!
//! NaN in is NaN out. The gradient of relu at 0 and at NaN is 0.

#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;

/// An elementwise activation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
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
            Act::Linear => Saves::Nothing,
            Act::Relu | Act::Sigmoid | Act::Tanh => Saves::Output,
            Act::Gelu | Act::GeluTanh => Saves::Input,
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
/// `saved` is what [`Act::saves`] says: the output or the input of the forward pass; for [`Act::Linear`] it is not read
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
