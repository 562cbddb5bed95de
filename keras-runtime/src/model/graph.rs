//! The static description of a model.
//!
//! The macro emits one [`Graph`] beside the code of each model. What is not the CPU's hot path is derived from it at run
//! time: `summary()`, initial weights, files, the programs of other devices, and the interpreter that tests compare
//! generated code with. Layers, params, values and ops refer to each other by index.

use keras_kernels::activation::Act;
use keras_kernels::attention::Heads;
use keras_kernels::batch_normalization::Channels;
use keras_kernels::conv::Geometry;
use keras_kernels::conv_recurrent::ConvRecurrent;
use keras_kernels::gather::Axis;
use keras_kernels::interpolate::Along;
use keras_kernels::memory::{Buf, Layout};
use keras_kernels::merge::Merge;
use keras_kernels::noise::Noise;
use keras_kernels::normalization::Groups;
pub use keras_kernels::penalty::Penalty;
use keras_kernels::pool::{Pool, Windows};
use keras_kernels::recurrent::Recurrent;

pub use super::objects::{Constraint, Distribution, Fan, Init};
use keras_kernels::{einsum, prelu, shaped_dropout};

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

/// What an op computes; sizes are per sample.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum OpKind {
    /// act(x·kernel + bias), rows of `k` to rows of `n`, `outer` rows for each sample. Params: kernel, and bias if it has
    /// one.
    Dense {
        /// Rows for each sample.
        outer: usize,
        /// Features of the input.
        k: usize,
        /// Features of the output.
        n: usize,
        /// Activation that is part of it.
        act: Act,
    },
    /// Rows of groups, each with a kernel of its own. Param: the kernels.
    Einsum {
        /// Rows for each sample.
        outer: usize,
        /// Sizes of a row, and where the elements of kernels lie.
        groups: einsum::Groups,
    },
    /// x over the largest singular value of a kernel while it is trained, x otherwise. Params: the kernel, and the vector by
    /// which the value is found, which is state.
    Spectral {
        /// Steps of the power iteration.
        iterations: usize,
    },
    /// x + bias, in rows. Param: bias.
    Bias {
        /// Rows for each sample.
        outer: usize,
        /// Length of a row.
        n: usize,
    },
    /// act(x ∗ kernel + bias). Params: kernel, and bias if it has one.
    Conv {
        /// Its sizes.
        geometry: Geometry,
        /// Activation that is part of it.
        act: Act,
    },
    /// act(x, transposed convolution, + bias). Params: kernel, and bias if it has one.
    ConvTranspose {
        /// The sizes of the convolution whose transpose it is.
        geometry: Geometry,
        /// Activation that is part of it.
        act: Act,
    },
    /// An elementwise activation.
    Activation {
        /// Which.
        act: Act,
    },
    /// Softmax over rows of `n`.
    Softmax {
        /// Length of a row.
        n: usize,
    },
    /// The logarithm of softmax over rows of `n`.
    LogSoftmax {
        /// Length of a row.
        n: usize,
    },
    /// The probabilities nearest to rows of `n`.
    Sparsemax {
        /// Length of a row.
        n: usize,
    },
    /// Rows of `n` from rows of twice as many: the first half, gated by the second.
    Glu {
        /// Length of a row of the output.
        n: usize,
    },
    /// Rows of `n` divided by their norm.
    UnitNormalization {
        /// Length of a row.
        n: usize,
    },
    /// Inverted dropout while training.
    Dropout {
        /// The share that is dropped.
        rate: f32,
        /// Which stream of random numbers it draws from.
        stream: u32,
        /// Own seed; without one, the step's.
        seed: Option<u64>,
    },
    /// A layer of the user's, or the steps of a cell.
    Own {
        /// Its first param; its weights are the params from there on of its layer.
        first: usize,
        /// How often a row goes through it.
        times: usize,
    },
    /// A model that is a layer.
    Nested {
        /// Its description.
        graph: &'static Graph,
        /// The index of its first param in this graph; they come in its own order.
        first: usize,
        /// Which stream its seed is made with.
        stream: u32,
        /// Its kept area, within this model's.
        kept: Buf,
    },
    /// Normal noise while training.
    Noise {
        /// What is done with it.
        noise: Noise,
        /// Which stream of random numbers it draws from.
        stream: u32,
        /// Own seed; without one, the step's.
        seed: Option<u64>,
    },
    /// Dropout while training, by a mask that has some of the dimensions.
    ShapedDropout {
        /// The share that is dropped.
        rate: f32,
        /// Whether it is alpha dropout, and not inverted dropout.
        alpha: bool,
        /// Whether each sample has a mask of its own.
        by_sample: bool,
        /// The dimensions of a sample.
        dims: &'static [shaped_dropout::Dim],
        /// Which stream of random numbers it draws from.
        stream: u32,
        /// Own seed; without one, the step's.
        seed: Option<u64>,
    },
    /// Attention: inputs are query, key and value, and masks of queries, of keys, and of both if there are any. Params: factors
    /// of the scores, and one within them, if they are learnt.
    Attention {
        /// Sizes, and what may be attended to.
        heads: Heads,
        /// Whether there are masks of queries, of keys, and of both.
        masks: [bool; 3],
        /// Whether factors of the scores, and one within them, are learnt.
        factors: [bool; 2],
        /// The share of weights that is dropped while training.
        rate: f32,
        /// Which stream of random numbers it draws from.
        stream: u32,
        /// Own seed; without one, the step's.
        seed: Option<u64>,
    },
    /// The weights of attention: inputs are query and key, and masks as those of attention. Params: as those of attention.
    AttentionWeights {
        /// Sizes, and what may be attended to.
        heads: Heads,
        /// Whether there are masks of queries, of keys, and of both.
        masks: [bool; 3],
        /// Whether factors of the scores, and one within them, are learnt.
        factors: [bool; 2],
    },
    /// The mean of the values by weights of attention: inputs are weights and values.
    AttentionMix {
        /// Sizes.
        heads: Heads,
    },
    /// Normalization of channels over the batch. Params: gamma and beta, if it has them, moving mean and moving variance.
    BatchNormalization {
        /// What there is of each sample, and the constants.
        of: Channels,
        /// Whether it has factors.
        gamma: bool,
        /// Whether it has offsets.
        beta: bool,
    },
    /// Normalization of groups of features. Params: gamma and beta, if it has them.
    Normalization {
        /// What is normalized together.
        groups: Groups,
        /// Whether it has factors.
        gamma: bool,
        /// Whether it has offsets.
        beta: bool,
    },
    /// x above 0, alpha·x below. Param: alpha.
    PRelu {
        /// The dimensions of a sample.
        dims: &'static [prelu::Dim],
    },
    /// A cell that goes through time. Inputs: x, and those that are `given`. Params: kernel, recurrent kernel, and bias if
    /// it has one.
    Recurrent {
        /// The cell and its sizes.
        layer: Recurrent,
        /// Whether the initial h, the initial c, and a mask are given.
        given: [bool; 3],
        /// The share of h that is dropped while training.
        rate: f32,
        /// Which stream of random numbers its dropout draws from.
        stream: u32,
        /// Own seed; without one, the step's.
        seed: Option<u64>,
    },
    /// An LSTM that goes through time, whose products are convolutions. Inputs and params as those of `Recurrent`.
    ConvRecurrent {
        /// The cell, its sizes and its convolutions.
        layer: &'static ConvRecurrent,
        /// Whether the initial h, the initial c, and a mask are given.
        given: [bool; 3],
        /// The share of h that is dropped while training.
        rate: f32,
        /// Which stream of random numbers its dropout draws from.
        stream: u32,
        /// Own seed; without one, the step's.
        seed: Option<u64>,
    },
    /// The largest or the mean of what each window sees.
    Pool {
        /// Which.
        pool: Pool,
        /// Features of a position.
        n: usize,
        /// The windows.
        windows: Windows,
    },
    /// The sum of all inputs.
    Add,
    /// Rows of the inputs one behind the other, `outer` times for each sample; input `i` has rows of `widths[i]`.
    Concatenate {
        /// Rows for each sample.
        outer: usize,
        /// Length of each input's row.
        widths: &'static [usize],
    },
    /// All inputs, element by element.
    Merge {
        /// How.
        merge: Merge,
    },
    /// An input of integers as floats.
    Cast,
    /// 1 for each row of `n` elements of which one is not `value`, 0 for others.
    NotEqual {
        /// Length of a row.
        n: usize,
        /// What all elements of a row that does not count are equal to.
        value: f32,
    },
    /// Rows of `n` elements where the second input, a mask, is more than 1/2, `fill` where it is not.
    Mask {
        /// Length of a row.
        n: usize,
        /// What stands elsewhere.
        fill: f32,
    },
    /// Rows of `n` elements, of the first input where the third one, a mask, is more than 1/2, of the second elsewhere.
    Select {
        /// Length of a row.
        n: usize,
    },
    /// A row of a table for each number. Param: the table.
    Embedding {
        /// Rows of the table.
        rows: usize,
        /// Length of a row.
        n: usize,
    },
    /// The product of two matrices in each sample: A · Bᵀ.
    Dot {
        /// Rows of the first input.
        m: usize,
        /// Rows of the second input.
        n: usize,
        /// Length of the rows.
        k: usize,
    },
    /// Elements of samples of `len`, moved.
    Gather {
        /// Elements of an input sample.
        len: usize,
        /// For each dimension of the output, where its elements come from.
        axes: &'static [Axis],
    },
    /// More positions along one dimension, by interpolation.
    Interpolate {
        /// Which dimension, and how.
        of: Along,
    },
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
