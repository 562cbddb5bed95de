//! The weights of a layer of one's own.

use keras_kernels::memory::Block;

use crate::model::graph::Param;

/// Weights of a layer: a struct whose fields are arrays of `f32`.
///
/// It is derived. Each field begins with Keras's default initializer for weights, `GlorotUniform`, unless it says
/// otherwise, in the words of a model's arguments:
///
/// | attribute | what |
/// |---|---|
/// | `#[weight(initializer = Ones)]` | what the weight begins as |
/// | `#[weight(regularizer = L2(1e-4))]` | what it adds to the loss |
/// | `#[weight(constraint = NonNeg())]` | what it is projected on after each update |
/// | `#[weight(trainable = false)]` | it is state, which the layer itself sets in `update_state` |
///
/// The struct is `#[repr(C)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a struct of weights",
    label = "not weights",
    note = "weights are a struct with `#[derive(keras::Weights)]` and `#[repr(C)]`, or `()` for none"
)]
pub trait Weights: Block {
    /// Its arrays, in order; `at` counts from the beginning of the struct, and `layer` is 0.
    const PARAMS: &'static [Param];
}

impl Weights for () {
    const PARAMS: &'static [Param] = &[];
}
