//! What ops compute, as a model's description has it.

use keras_kernels::activation::Act;
use keras_kernels::attention::Heads;
use keras_kernels::batch_normalization::Channels;
use keras_kernels::conv::Geometry;
use keras_kernels::conv_recurrent::ConvRecurrent;
use keras_kernels::gather::Axis;
use keras_kernels::interpolate::Along;
use keras_kernels::memory::Buf;
use keras_kernels::merge::Merge;
use keras_kernels::noise::Noise;
use keras_kernels::normalization::Groups;
use keras_kernels::pool::{Pool, Windows};
use keras_kernels::recurrent::Recurrent;
use keras_kernels::round::Precision;
use keras_kernels::{einsum, prelu, shaped_dropout};

use super::graph::Graph;
use crate::layer::OnDevice;

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
    /// factor · x·T, rows of `k` to rows of `n`, where T is the signs of those weights of the kernel that are larger than the
    /// threshold. Params: the kernel, and without a threshold the same once more, for the gradient through its mean.
    Ternary {
        /// Rows for each sample.
        outer: usize,
        /// Features of the input.
        k: usize,
        /// Features of the output.
        n: usize,
        /// The threshold, with a factor of 1. Without one it is half of the mean magnitude, which is the factor.
        threshold: Option<f32>,
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
    /// Numbers rounded to those of a smaller format, and their gradient rounded likewise.
    Round {
        /// Which.
        to: Precision,
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
        /// Which stream of random numbers it draws from.
        stream: u32,
        /// What devices have to know of it; none of a cell, and none unless keras is built with the feature `cuda`.
        body: Option<&'static OnDevice>,
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
        /// Where what its rows carry begins in what the rows of this model carry.
        carried: usize,
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
    /// What the batch before has left of each row, from float `at` of what a row carries on.
    Recall {
        /// Where it begins.
        at: usize,
    },
    /// Leaves its input for the next batch. The output is not stored.
    Carry {
        /// Where it begins.
        at: usize,
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
