//! Activations to test.

use keras_kernels::activation::Act;

/// Every activation, with constants that take every way through it.
pub(crate) const ACTS: [Act; 29] = [
    Act::Linear,
    Act::Relu,
    Act::Sigmoid,
    Act::Tanh,
    Act::Gelu,
    Act::GeluTanh,
    Act::Affine { scale: 0.3, offset: -0.7 },
    Act::Clip { scale: 1.0, offset: 0.0, low: 0.0, high: 6.0 },
    Act::Clip { scale: 1.0 / 6.0, offset: 0.5, low: 0.0, high: 1.0 },
    Act::LeakyRelu { negative_slope: 0.2 },
    Act::Elu { scale: 1.0, alpha: 0.5, rate: 1.0 },
    Act::Elu { scale: 1.050_701, alpha: 1.758_099_3, rate: 1.0 },
    Act::Elu { scale: 1.0, alpha: 1.5, rate: 1.0 / 1.5 },
    Act::Exponential,
    Act::Softplus,
    Act::LogSigmoid,
    Act::Softsign,
    Act::Squareplus { b: 4.0 },
    Act::SparsePlus,
    Act::SoftShrink { threshold: 0.5 },
    Act::HardShrink { threshold: 0.5 },
    Act::Silu,
    Act::HardSilu,
    Act::Mish,
    Act::TanhShrink,
    Act::Ramp { negative_slope: 0.1, max_value: 3.0, threshold: 0.25 },
    Act::Ramp { negative_slope: -0.1, max_value: f32::INFINITY, threshold: 0.0 },
    Act::Threshold { threshold: 0.25, value: -2.0 },
    Act::Threshold { threshold: -1.0, value: 0.5 },
];
