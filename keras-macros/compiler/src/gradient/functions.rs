//! The functions that can be called, as `relu(x)` or as `x.relu()`.

use super::values::{Binary, Rows};

/// What a function is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Of each element: the name of the type in `ad::unary`, and its arguments with what they are if left out.
    Unary(&'static str, &'static [(&'static str, Option<f64>)]),
    /// Of two tensors, element by element.
    Binary(Binary),
    /// To the power of a whole number.
    Powi,
    /// The sum; divided by the number of elements if so said.
    Sum {
        /// Whether it is divided.
        mean: bool,
    },
    /// Over the last dimension.
    Rows(Rows),
    /// The matrix product.
    Product,
    /// The transposed matrix.
    Transpose,
}

/// All of them, by the names under which they are called.
pub const FUNCTIONS: &[(&str, Kind)] = &[
    ("linear", Kind::Unary("Linear", &[])),
    ("relu", Kind::Unary("Relu", &[])),
    ("relu6", Kind::Unary("Relu6", &[])),
    ("leaky_relu", Kind::Unary("LeakyRelu", &[("negative_slope", Some(0.2))])),
    ("elu", Kind::Unary("Elu", &[("alpha", Some(1.0))])),
    ("celu", Kind::Unary("Celu", &[("alpha", Some(1.0))])),
    ("selu", Kind::Unary("Selu", &[])),
    ("gelu", Kind::Unary("Gelu", &[])),
    ("gelu_tanh", Kind::Unary("GeluTanh", &[])),
    ("silu", Kind::Unary("Silu", &[])),
    ("swish", Kind::Unary("Silu", &[])),
    ("hard_silu", Kind::Unary("HardSilu", &[])),
    ("hard_swish", Kind::Unary("HardSilu", &[])),
    ("sigmoid", Kind::Unary("Sigmoid", &[])),
    ("hard_sigmoid", Kind::Unary("HardSigmoid", &[])),
    ("log_sigmoid", Kind::Unary("LogSigmoid", &[])),
    ("tanh", Kind::Unary("Tanh", &[])),
    ("hard_tanh", Kind::Unary("HardTanh", &[])),
    ("tanh_shrink", Kind::Unary("TanhShrink", &[])),
    ("hard_shrink", Kind::Unary("HardShrink", &[("threshold", Some(0.5))])),
    ("soft_shrink", Kind::Unary("SoftShrink", &[("threshold", Some(0.5))])),
    ("threshold", Kind::Unary("Threshold", &[("threshold", None), ("default_value", None)])),
    ("softplus", Kind::Unary("Softplus", &[])),
    ("softsign", Kind::Unary("Softsign", &[])),
    ("squareplus", Kind::Unary("Squareplus", &[("b", Some(4.0))])),
    ("mish", Kind::Unary("Mish", &[])),
    ("sparse_plus", Kind::Unary("SparsePlus", &[])),
    ("sparse_sigmoid", Kind::Unary("SparseSigmoid", &[])),
    ("exponential", Kind::Unary("Exp", &[])),
    ("exp", Kind::Unary("Exp", &[])),
    ("ln", Kind::Unary("Ln", &[])),
    ("log", Kind::Unary("Ln", &[])),
    ("sqrt", Kind::Unary("Sqrt", &[])),
    ("abs", Kind::Unary("Abs", &[])),
    ("square", Kind::Unary("Square", &[])),
    ("sin", Kind::Unary("Sin", &[])),
    ("cos", Kind::Unary("Cos", &[])),
    ("max", Kind::Binary(Binary::Max)),
    ("min", Kind::Binary(Binary::Min)),
    ("pow", Kind::Binary(Binary::Pow)),
    ("powf", Kind::Binary(Binary::Pow)),
    ("powi", Kind::Powi),
    ("sum", Kind::Sum { mean: false }),
    ("mean", Kind::Sum { mean: true }),
    ("softmax", Kind::Rows(Rows::Softmax)),
    ("log_softmax", Kind::Rows(Rows::LogSoftmax)),
    ("sparsemax", Kind::Rows(Rows::Sparsemax)),
    ("glu", Kind::Rows(Rows::Glu)),
    ("matmul", Kind::Product),
    ("dot", Kind::Product),
    ("transpose", Kind::Transpose),
    ("t", Kind::Transpose),
];

/// The function of this name.
#[must_use]
pub fn find(name: &str) -> Option<Kind> {
    FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

/// All names.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}
