//! Elementwise activations.

use keras_kernels::activation::{self, Act, Saves};

use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::model::graph::OpKind;

/// What kernels call an activation, and its numbers, in the order of its fields.
#[doc(hidden)]
#[must_use]
pub fn activation(act: Act) -> (&'static str, [f32; 4]) {
    (code(act), numbers(act))
}

/// The activation's name in `activation.cuh`.
pub(super) fn code(act: Act) -> &'static str {
    match act {
        Act::Linear => "LINEAR",
        Act::Relu => "RELU",
        Act::Sigmoid => "SIGMOID",
        Act::Tanh => "TANH",
        Act::Gelu => "GELU",
        Act::GeluTanh => "GELU_TANH",
        Act::Affine { .. } => "AFFINE",
        Act::Clip { .. } => "CLIP",
        Act::LeakyRelu { .. } => "LEAKY_RELU",
        Act::Elu { .. } => "ELU",
        Act::Exponential => "EXPONENTIAL",
        Act::Softplus => "SOFTPLUS",
        Act::LogSigmoid => "LOG_SIGMOID",
        Act::Softsign => "SOFTSIGN",
        Act::Squareplus { .. } => "SQUAREPLUS",
        Act::SparsePlus => "SPARSE_PLUS",
        Act::SoftShrink { .. } => "SOFT_SHRINK",
        Act::HardShrink { .. } => "HARD_SHRINK",
        Act::Silu => "SILU",
        Act::HardSilu => "HARD_SILU",
        Act::Mish => "MISH",
        Act::TanhShrink => "TANH_SHRINK",
        Act::Ramp { .. } => "RAMP",
        Act::Threshold { .. } => "THRESHOLD",
    }
}

/// The activation's numbers, in the order of its fields.
fn numbers(act: Act) -> [f32; 4] {
    match act {
        Act::Affine { scale, offset } => [scale, offset, 0.0, 0.0],
        Act::Clip { scale, offset, low, high } => [scale, offset, low, high],
        Act::LeakyRelu { negative_slope } => [negative_slope, 0.0, 0.0, 0.0],
        Act::Elu { scale, alpha, rate } => [scale, alpha, rate, 0.0],
        Act::Squareplus { b } => [b, 0.0, 0.0, 0.0],
        Act::SoftShrink { threshold } | Act::HardShrink { threshold } => [threshold, 0.0, 0.0, 0.0],
        Act::Ramp { negative_slope, max_value, threshold } => [negative_slope, max_value, threshold, 0.0],
        Act::Threshold { threshold, value } => [threshold, value, 0.0, 0.0],
        _ => [0.0; 4],
    }
}

/// Whether what it gives, forward and backward, is what it takes, or 0.
fn moves(act: Act) -> bool {
    matches!(act, Act::Linear | Act::Relu)
}

/// The arguments of a kernel that has an activation: its numbers.
pub(super) fn arguments(launch: Launch, act: Act) -> Launch {
    numbers(act).into_iter().fold(launch, Launch::float)
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Activation { act } = site.kind() else { return };
    let (x, y) = (site.x(0), site.y());
    let launch = Launch::new("activation", "activation_forward").over(y.len).of([code(act)]);
    let launch = if moves(act) { launch.moves(&[x], false) } else { launch };
    site.launch(arguments(launch.out(y).reads(x).int(y.len), act).means(move |memory| {
        let x = memory.f32(x);
        activation::scalar::forward(memory.f32_mut(y), Some(&x), act);
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Activation { act } = site.kind() else { return };
    let (x, y, dy) = (site.x(0), site.y(), site.dy());
    let Some((dx, acc)) = site.dx(0) else { return };
    let saved = if act.saves() == Saves::Input { x } else { y };
    let launch = Launch::new("activation", "activation_backward").over(dx.len).of([code(act)]).of([acc]);
    let launch = if moves(act) { launch.moves(&[dy], acc) } else { launch };
    let launch = launch.out(dx).reads(dy).reads(saved).int(dx.len);
    site.launch(arguments(launch, act).means(move |memory| {
        let (dy, saved) = (memory.f32(dy), memory.f32(saved));
        activation::scalar::backward(memory.f32_mut(dx), Some(&dy), &saved, act, acc);
    }));
}

/// Makes the gradient of what an activation that is part of the op gives that of what it takes, in its place.
pub(super) fn before_activation(site: &mut Site<'_, '_>, act: Act) {
    if act == Act::Linear {
        return;
    }
    let (y, dy) = (site.y(), site.dy());
    let launch = Launch::new("activation", "activation_backward").over(dy.len).of([code(act)]).of([false]);
    let launch = if moves(act) { launch.moves(&[dy], false) } else { launch };
    let launch = launch.out(dy).reads(dy).reads(y).int(dy.len);
    site.launch(arguments(launch, act).means(move |memory| {
        let y = memory.f32(y);
        activation::scalar::backward(memory.f32_mut(dy), None, &y, act, false);
    }));
}
