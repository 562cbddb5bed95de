//! The static description of a model.
//!
//! The macro emits one [`Graph`] beside the code of each model. What is not the CPU's hot path is derived from it at run
//! time: `summary()`, initial weights, files, the programs of other devices, and the interpreter that tests compare
//! generated code with. Layers, params, values and ops refer to each other by index.

use core::ops::Range;

pub use super::objects::{Constraint, Distribution, Fan, Init};
pub use super::op_kind::OpKind;
use keras_kernels::memory::{Buf, Layout};
pub use keras_kernels::penalty::Penalty;
pub use keras_kernels::round::Precision;

/// A model without its weights.
#[derive(Debug)]
pub struct Graph {
    /// The model's name, in Keras's snake case.
    pub name: &'static str,
    /// Whether each layer has one input, the layer before it.
    pub sequential: bool,
    /// What the model takes. Value `i` is input `i`.
    pub inputs: &'static [Input],
    /// In the order in which they were first called.
    pub layers: &'static [Layer],
    /// In the order in which they lie in the parameter block.
    pub params: &'static [Param],
    /// Results of ops, and the inputs.
    pub values: &'static [Value],
    /// In the order of the forward pass.
    pub ops: &'static [Op],
    /// The data gradients of the backward pass, in order.
    pub backward: &'static [Gradient],
    /// What the model gives.
    pub outputs: &'static [Output],
    /// Penalties on activations, added to the loss: value and factor; each is divided by the batch's rows.
    pub activity: &'static [(usize, Penalty)],
    /// Floats that each row of a batch leaves for the same row of the next one: the states of stateful layers.
    pub carried: usize,
    /// Memory of training.
    pub train: Plan,
    /// Memory of inference.
    pub infer: Plan,
}

impl Graph {
    /// A graph of nothing: what a model whose macro found mistakes is given.
    pub const EMPTY: Graph = {
        const NOWHERE: Layout = Layout { kept: 0, temp: 0, scratch: 0 };
        const PLAN: Plan = Plan { layout: NOWHERE, layout_with_inputs: NOWHERE, values: &[], grads: &[] };
        Graph {
            name: "",
            sequential: true,
            inputs: &[],
            layers: &[],
            params: &[],
            values: &[],
            ops: &[],
            backward: &[],
            outputs: &[],
            activity: &[],
            carried: 0,
            train: PLAN,
            infer: PLAN,
        }
    };
}

/// One input of a model.
#[derive(Debug)]
pub struct Input {
    /// Its name.
    pub name: &'static str,
    /// Its dimensions, without the batch.
    pub shape: &'static [usize],
    /// Its numbers, as Keras names them: `float32`, `uint32`.
    pub dtype: &'static str,
}

impl Graph {
    /// The value whose numbers a value is, through all aliases.
    #[must_use]
    pub fn root(&self, mut value: usize) -> usize {
        while let Some(alias) = self.values[value].alias {
            value = alias;
        }
        value
    }

    /// The buffer of a value in one of a plan's lists, or of the value whose numbers it is, if it is stored.
    #[must_use]
    pub fn find_buffer(&self, of: &[Option<Buf>], mut value: usize) -> Option<Buf> {
        while of[value].is_none() {
            value = self.values[value].alias?;
        }
        of[value]
    }

    /// The buffer of a value that generated code always stores.
    ///
    /// # Panics
    /// If it has none.
    #[must_use]
    pub fn buffer(&self, of: &[Option<Buf>], value: usize) -> Buf {
        match self.find_buffer(of, value) {
            Some(buf) => buf,
            None => panic!("value {value} of model `{}` is not in its memory plan", self.name),
        }
    }

    /// Whether a layer, or one of a model that is a layer, computes in numbers of this format.
    #[must_use]
    pub fn computes_in(&self, precision: Precision) -> bool {
        self.ops.iter().any(|op| match op.kind {
            OpKind::Round { to } => to == precision,
            OpKind::Nested { graph, .. } => graph.computes_in(precision),
            _ => false,
        })
    }

    /// The name of a layer with those of the layers that it is part of: `backbone/dense`.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn path(&self, layer: usize) -> String {
        let Layer { name, parent, .. } = self.layers[layer];
        parent.map_or_else(|| name.to_string(), |parent| format!("{}/{name}", self.path(parent)))
    }

    /// Whether a layer and all that it is part of are trained, unless the run time says otherwise.
    #[must_use]
    pub fn is_trainable(&self, layer: usize) -> bool {
        let Layer { trainable, parent, .. } = self.layers[layer];
        trainable && parent.is_none_or(|parent| self.is_trainable(parent))
    }

    /// The parameters of a layer of the user's: those of its layer from the first on. Of one that has none, the parameter there is
    /// another layer's.
    #[must_use]
    pub fn own(&self, op: &Op) -> Range<usize> {
        let OpKind::Own { first, .. } = op.kind else { return 0..0 };
        let of = self.params.iter().skip(first).take_while(|param| param.layer == op.layer);
        first..first + of.count()
    }

    /// Whether a layer is another one or part of it.
    #[must_use]
    pub fn is_within(&self, layer: usize, other: usize) -> bool {
        layer == other || self.layers[layer].parent.is_some_and(|parent| self.is_within(parent, other))
    }
}

/// A layer as the user wrote it.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// The layer that it is part of: a block of layers, or a model that is a layer.
    pub parent: Option<usize>,
    /// Its name, unique in the model or in its parent: `dense_1`.
    pub name: &'static str,
    /// What it is: `Dense`.
    pub class: &'static str,
    /// Each call of it, in order; a shared layer has several.
    pub calls: &'static [Call],
    /// Whether it is trained unless the run time says otherwise.
    pub trainable: bool,
}

/// A call of a layer.
#[derive(Debug)]
pub struct Call {
    /// Values that it takes.
    pub inputs: &'static [usize],
    /// Values that it gives.
    pub outputs: &'static [usize],
}

/// One array of weights.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name within the layer: `kernel`.
    pub name: &'static str,
    /// Whose it is.
    pub layer: usize,
    /// The index of its first float in the parameter block.
    pub at: usize,
    /// Its dimensions.
    pub shape: &'static [usize],
    /// Whether it is a weight; otherwise it is state, such as a moving average.
    pub trainable: bool,
    /// What it begins as.
    pub init: Init,
    /// What it adds to the loss.
    pub regularizer: Option<Penalty>,
    /// What it is projected on after each update.
    pub constraint: Option<Constraint>,
    /// What its numbers are rounded to where a pass reads them: see [`Graph::weigh`].
    pub precision: Precision,
}

/// The result of an op, or an input.
#[derive(Debug)]
pub struct Value {
    /// Its dimensions, without the batch.
    pub shape: &'static [usize],
    /// The value whose numbers it is under another shape.
    pub alias: Option<usize>,
}

/// An op: one kernel forward, one or several backward.
#[derive(Debug)]
pub struct Op {
    /// What it computes.
    pub kind: OpKind,
    /// The layer that it comes from.
    pub layer: usize,
    /// Values that it takes.
    pub inputs: &'static [usize],
    /// The value that it gives.
    pub output: usize,
    /// Params that it uses.
    pub params: &'static [usize],
}

/// One step of the backward pass: the gradient of one input of an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gradient {
    /// The op.
    pub op: usize,
    /// Which of its inputs.
    pub input: usize,
    /// Whether it is added to what other ops have written.
    pub accumulate: bool,
    /// Whether only the gradient of the model's inputs needs it.
    pub only_for_inputs: bool,
}

/// One output of a model.
#[derive(Debug)]
pub struct Output {
    /// Its name: that of the layer that gives it.
    pub name: &'static str,
    /// The value.
    pub value: usize,
    /// The value before the head; the output itself if there is none.
    pub logits: usize,
    /// What makes the output from the logits.
    pub head: Head,
    /// The value that holds 1 for rows that count and 0 for others, one for each element of the loss.
    pub mask: Option<usize>,
}

/// The last op before an output, if a loss can be fused with it. Its backward pass works in place, so that logits and
/// output have one gradient buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// Anything else.
    Linear,
    /// Softmax over the last dimension.
    Softmax,
    /// Sigmoid.
    Sigmoid,
}

/// Where the values and their gradients lie, by index of the value; nothing for those that are never stored.
#[derive(Debug)]
pub struct Plan {
    /// The memory it needs.
    pub layout: Layout,
    /// The memory it needs when the gradients of the inputs are wanted too.
    pub layout_with_inputs: Layout,
    /// Buffers of values. Those of the model's inputs are the caller's.
    pub values: &'static [Option<Buf>],
    /// Buffers of gradients.
    pub grads: &'static [Option<Buf>],
}
