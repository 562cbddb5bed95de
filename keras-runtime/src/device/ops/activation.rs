//! Elementwise activations.

use keras_kernels::activation::{Act, Saves};

use crate::device::builder::Site;
use crate::device::elementwise::{Chain, Step};
use crate::device::launch::Launch;
use crate::device::memory::Span;
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

/// The arguments of a kernel that has an activation: its numbers.
pub(super) fn arguments(launch: Launch, act: Act) -> Launch {
    numbers(act).into_iter().fold(launch, Launch::float)
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Activation { act } = site.kind() else { return };
    let (x, y) = (site.x(0), site.y());
    site.launch(Chain::giving(y, false, |chain| {
        let x = chain.read(x);
        chain.step(Step::Activate(act, x))
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Activation { act } = site.kind() else { return };
    let (x, y, dy) = (site.x(0), site.y(), site.dy());
    let Some((dx, acc)) = site.dx(0) else { return };
    let saved = if act.saves() == Saves::Input { x } else { y };
    site.launch(slope(act, dx, [dy, saved], acc));
}

/// Makes the gradient of what an activation that is part of the op gives that of what it takes, in its place.
pub(super) fn before_activation(site: &mut Site<'_, '_>, act: Act) {
    if act != Act::Linear {
        let (y, dy) = (site.y(), site.dy());
        site.launch(slope(act, dy, [dy, y], false));
    }
}

/// dx = dy times the slope, or dx += that.
fn slope(act: Act, dx: Span, [dy, saved]: [Span; 2], acc: bool) -> Launch {
    Chain::giving(dx, acc, |chain| {
        let of = [chain.read(dy), chain.read(saved)];
        chain.step(Step::ActivateBackward(act, of))
    })
}
