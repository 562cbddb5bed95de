//! Ops: one file each. An op is the unit that has a kernel and a gradient rule.
//!
//! An op writes its kernel calls with the names that a [`Site`] gives it. What it asks the site for in a backward call is
//! what the forward pass has to keep: no second declaration says so.

mod activation;
mod add;
mod attention;
mod batch_normalization;
mod carried;
mod cast;
mod concatenate;
mod conv;
mod dense;
mod dot;
mod dropout;
mod einsum;
mod embedding;
mod gather;
mod interpolate;
mod mask;
mod merge;
mod nested;
mod noise;
mod normalization;
mod own;
mod own_cell;
mod penalty;
mod pool;
mod prelu;
mod recurrent;
mod round;
mod rows;
mod shaped_dropout;
mod softmax;
mod spectral;
mod ternary;
mod windows;

pub use activation::{Act, Activation, Saves};
pub use add::Add;
pub use attention::{Attention, AttentionMix, AttentionWeights, Scoring};
pub use batch_normalization::BatchNormalization;
pub use carried::{Carry, Recall};
pub use cast::Cast;
pub use concatenate::Concatenate;
pub use conv::Conv;
pub use dense::Dense;
pub use dot::Dot;
pub use dropout::Dropout;
pub use einsum::{Bias, Einsum};
pub use embedding::Embedding;
pub use gather::{Axis, Gather};
pub use interpolate::Interpolate;
pub use mask::{Mask, NotEqual, Select};
pub use merge::{Merge, Merged};
pub use nested::Nested;
pub use noise::Noise;
pub use normalization::Normalization;
pub use own::Own;
pub use own_cell::OwnCell;
pub use penalty::ActivityPenalty;
pub use pool::Pool;
pub use prelu::PRelu;
pub use recurrent::{Cell, Output, Recurrent};
pub use round::Round;
pub use rows::{Glu, LogSoftmax, Sparsemax, UnitNormalization};
pub use shaped_dropout::ShapedDropout;
pub use softmax::Softmax;
pub use spectral::Spectral;
pub use ternary::{Ternary, Threshold};
pub use windows::{Geometry, Windows};

use std::rc::Rc;

use proc_macro2::{Ident, TokenStream};

use super::code::Call;
use super::{Node, Num, Operand, Site};

/// What stands between a value and the loss, if a loss can be fused with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// Softmax over the last dimension.
    Softmax,
    /// Sigmoid.
    Sigmoid,
}

/// What an op computes, and how.
pub trait Op {
    /// Its `OpKind` in `const GRAPH`, without the path; nothing for an op that only the gradient pass sees. For a layer that
    /// the compiler does not know, `FIRST` is the index of its first param there.
    fn kind(&self) -> Option<TokenStream>;

    /// Whether it is in `const GRAPH`: whether it has a [`Op::kind`].
    fn is_described(&self) -> bool {
        true
    }

    /// The call of the forward kernel; nothing if the forward pass has nothing to do.
    fn forward(&self, site: &mut Site<'_>) -> Option<Call>;

    /// A call that changes the gradient of the output in place before anything else uses it: that of a fused
    /// activation.
    fn prepare(&self, site: &mut Site<'_>) -> Option<Call> {
        let _ = site;
        None
    }

    /// The call that computes the gradient of input `i`.
    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call;

    /// The call that computes the gradient of param `i`, to `out`.
    fn backward_param(&self, i: usize, site: &mut Site<'_>) -> Call {
        let _ = (i, site);
        Call::default()
    }

    /// Whether param `i` is state that a step of training computes anew: [`Op::backward_param`] has the call.
    fn is_state(&self, i: usize) -> bool {
        let _ = i;
        false
    }

    /// What computes the output of one sample in the pass of a tiny network (`keras_kernels::tiny`), from an array of the
    /// name `x`; nothing if this op has no place in one.
    fn tiny(&self, x: &Ident, site: &Site<'_>) -> Option<TokenStream> {
        let _ = (x, site);
        None
    }

    /// Whether the gradient of the input can take the place of that of the output, and in inference the output that of
    /// the input.
    fn in_place(&self) -> bool {
        false
    }

    /// Where the gradient of input `i` is when nothing has been added to it, if [`Op::backward_data`] would only copy it and
    /// nobody reads it there after that call.
    fn passes_on(&self, i: usize, node: &Node) -> Option<Operand> {
        let _ = (i, node);
        None
    }

    /// Whether the output counts as a constant: no gradient goes through.
    fn is_constant(&self) -> bool {
        false
    }

    /// Whether its output is made of numbers of its inputs, of 0 and of 1: then it is rounded if they are, and its gradient is where
    /// they come from.
    fn is_exact(&self) -> bool {
        false
    }

    /// Whether it is there for what it leaves behind the step, and not for its output.
    fn is_kept(&self) -> bool {
        false
    }

    /// Whether inference changes nothing, so that output and input can be one value. The forward kernel copies then.
    fn identity_in_inference(&self) -> bool {
        false
    }

    /// This op with an activation after it as part of it, if it can have one.
    fn with_activation(&self, act: Act) -> Option<Rc<dyn Op>> {
        let _ = act;
        None
    }

    /// The activation that this op is and nothing else.
    fn activation(&self) -> Option<Act> {
        None
    }

    /// The windows of a maximum pool, if this is one.
    fn maxima(&self) -> Option<&Windows> {
        None
    }

    /// This op with a maximum pool after it as part of it, if it can have one in inference.
    fn with_maxima(&self, pool: &Windows) -> Option<Rc<dyn Op>> {
        let _ = pool;
        None
    }

    /// What it is to a loss behind it.
    fn head(&self) -> Option<Head> {
        None
    }

    /// The kept workspace of a model that is a layer; `kind` calls its place `KEPT`.
    fn region(&self) -> Option<Operand> {
        None
    }

    /// Scratch that it needs for each thread: a call of keras-shapes, and its result if the sizes are known.
    fn scratch(&self) -> Option<Scratch> {
        None
    }
}

/// How much scratch an op needs.
pub struct Scratch {
    /// The name of the function in `keras_shapes::plan`.
    pub function: &'static str,
    /// Its arguments.
    pub args: Vec<Num>,
    /// Its result, if the arguments are known.
    pub known: Option<usize>,
}
