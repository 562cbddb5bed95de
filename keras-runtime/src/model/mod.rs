//! What generated code and the training loop know of each other.
//!
//! A model compiled by `sequential!` or `model!` is its own parameter block and implements [`Model`]. The training loop,
//! the losses, the files and the devices know models through this trait alone: a new layer never changes them, and a new
//! optimizer never changes the compiler.
//!
//! One step of training goes through the phases in this order:
//!
//! 1. [`Model::forward`], by rows: the activations of the whole chain for some rows of the batch.
//! 2. The loss writes the gradient of each output.
//! 3. [`Model::backward_data`], by rows: the gradients of activations.
//! 4. [`Model::backward_params`], over the whole batch: the gradients of weights, each to its [`Sink`], and the state that
//!    the step computed anew.
//!
//! Rows do not depend on each other in the phases by rows, so threads can share them out.
//!
//! [`Sink`]: keras_kernels::memory::Sink

mod context;
mod embed;
pub mod graph;
mod infer;
mod objects;
mod op_kind;
pub mod parts;
mod samples;
#[cfg(feature = "std")]
pub mod shares;
mod weighed;

pub use context::Context;
pub use embed::embed;
pub use graph::Graph;
pub use infer::Infer;
pub use samples::{Outputs, Samples, Uneven};
#[cfg(feature = "std")]
pub use weighed::Weighed;

use keras_kernels::Isa;
use keras_kernels::memory::{Block, Rows, Sink, Whole};

/// A compiled model: its weights, its phases, and its description.
///
/// Where layers have a mixed policy, the phases by rows are given a block of rounded weights ([`Graph::weigh`]) in the place of the
/// model's own.
///
/// Implemented by `sequential!` and `model!`. The methods here are what the runtime calls; what a user calls is in the
/// traits `Predict` and `Compile`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a compiled model",
    note = "models are made by `sequential!` and `model!`"
)]
pub trait Model: Block {
    /// One input sample: `[f32; 784]`, or a tuple for several inputs.
    type Input: Samples;
    /// One output sample: `[f32; 10]`, or a tuple for several outputs.
    type Output: Outputs;
    /// Layers, ops, shapes, weights and buffers, for everything that is not the CPU's hot path.
    const GRAPH: &'static Graph;

    /// The forward pass of inference, in the memory of `GRAPH.infer`. `x` holds the rows of `ws` and no others.
    fn infer(&self, cx: &Context, x: <Self::Input as Samples>::Batch<'_>, ws: &mut Rows<'_>);

    /// The same for one sample of a network so small that a call of a kernel takes longer than what it computes; nothing
    /// for others. The bits are those of [`Model::infer`].
    #[inline]
    fn infer_tiny(&self, isa: Isa, x: &Self::Input) -> Option<Self::Output> {
        let _ = (isa, x);
        None
    }

    /// The forward pass that a backward pass can follow, in the memory of `GRAPH.train`. Whether layers behave as in
    /// training is `cx.training`.
    fn forward(&self, cx: &Context, x: <Self::Input as Samples>::Batch<'_>, ws: &mut Rows<'_>);

    /// The gradients of activations, from the gradients of the outputs that lie in `GRAPH.train.grads`; those of the
    /// inputs too if `cx.input_gradients`.
    fn backward_data(&self, cx: &Context, x: <Self::Input as Samples>::Batch<'_>, ws: &mut Rows<'_>);

    /// The gradients of weights, over the whole batch, each to `sink`; and the state computed in this step. It reads no
    /// weights but those whose gradient it computes, since the sink may update them at once.
    fn backward_params(cx: &Context, x: <Self::Input as Samples>::Batch<'_>, ws: &mut Whole<'_>, sink: &mut Sink<'_>);
}
