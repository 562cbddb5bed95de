//! Keras's layers: one file each (or one for those that differ in their number of dimensions), with its arguments, its checks, and the ops it becomes.
//!
//! A new layer is a file here and a line in the registry below.

mod activate;
pub mod activations;
mod along;
pub mod args;
mod attending;
mod attention_axes;
pub mod bound;
pub(crate) mod build;
mod calling;
mod cells;
mod equation;
mod fields;
mod given;
mod inputs;
pub mod kinds;
mod lists;
mod lora;
pub mod lower;
mod merging;
pub mod names;
mod noise_shape;
mod normalized;
pub mod objects;
mod own_cell;
mod parts;
pub(crate) mod policy;
mod recurrent;
mod spatial;
mod stateful;
mod steps;
pub mod values;
mod windowed;
pub mod words;
mod wrapped;

pub use args::Args;
pub(crate) use fields::class_of as class;
pub use kinds::{Kind, Spec};
pub use lower::{Lower, lower};
pub use names::{suggested, unknown};
pub use recurrent::Recurrent;

use crate::graph::ValueId;
use crate::graph::ops::Cell;

/// A built-in layer.
pub trait Layer: Sync {
    /// Its name and arguments.
    fn spec(&self) -> &'static Spec;

    /// Whether it can follow a layer of which only rustc knows how many dimensions its output has.
    fn any_rank(&self) -> bool {
        false
    }

    /// Whether it can be given values by keyword of which only rustc knows how many dimensions they have.
    fn any_rank_given(&self) -> bool {
        self.any_rank()
    }

    /// Whether it takes inputs of integers, which it is given as floats.
    fn integers(&self) -> bool {
        false
    }

    /// Whether its inputs are rounded under a mixed policy (Keras's `autocast`).
    fn rounds_inputs(&self) -> bool {
        true
    }

    /// What becomes of the masks of its inputs.
    fn masks(&self) -> Masks {
        Masks::Dropped
    }

    /// The layer as one that goes through time, if it does.
    fn recurrent(&self) -> Option<&dyn Recurrent> {
        None
    }

    /// The cell that it is, if it is one.
    fn cell(&self, args: &Args) -> Option<Cell> {
        let _ = args;
        None
    }

    /// What a call of it can be given by keyword: values, such as `initial_state = [h, c]`.
    fn keywords(&self) -> &'static [&'static str] {
        &[]
    }

    /// What a call of it can switch on: `use_causal_mask = true`.
    fn switches(&self) -> &'static [&'static str] {
        &[]
    }

    /// Checks one call of it and turns it into ops: the values it gives. Nothing after a mistake, which it has told.
    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>>;
}

/// What a layer does with the masks of its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masks {
    /// The outputs have none.
    Dropped,
    /// The outputs have that of the first input.
    Kept,
    /// A step of the output counts if it does in any input, provided that all inputs have masks.
    Merged,
    /// It says so itself.
    Own,
}

macro_rules! registry {
    ($($file:ident :: $($layer:ident)|+),* $(,)?) => {
        $(mod $file;)*

        /// All built-in layers.
        pub static LAYERS: &[&dyn Layer] = &[$($(&$file::$layer),+),*];

        /// The files that they are written in. Each begins with what its layers do, which editors show.
        pub(crate) static SOURCES: &[&str] = &[$(include_str!(concat!(stringify!($file), ".rs"))),*];
    };
}

registry! {
    activation::Activation,
    activity_regularization::ActivityRegularization,
    add::Add,
    additive_attention::AdditiveAttention,
    alpha_dropout::AlphaDropout,
    attention::Attention,
    average::Average,
    batch_normalization::BatchNormalization,
    bidirectional::Bidirectional,
    concatenate::Concatenate,
    conv::CONV1D | CONV2D | CONV3D,
    conv_lstm::CONV_LSTM1D | CONV_LSTM2D | CONV_LSTM3D,
    conv_transpose::CONV_TRANSPOSE1D | CONV_TRANSPOSE2D | CONV_TRANSPOSE3D,
    cropping::CROPPING1D | CROPPING2D | CROPPING3D,
    dense::Dense,
    dot::Dot,
    depthwise_conv::DEPTHWISE_CONV1D | DEPTHWISE_CONV2D,
    dropout::Dropout,
    einsum_dense::EinsumDense,
    elu::Elu,
    embedding::Embedding,
    flatten::Flatten,
    gaussian_dropout::GaussianDropout,
    gaussian_noise::GaussianNoise,
    group_normalization::GroupNormalization,
    gru::Gru,
    gru_cell::GruCell,
    group_query_attention::GroupQueryAttention,
    identity::Identity,
    layer_normalization::LayerNormalization,
    leaky_re_lu::LeakyReLU,
    lstm::Lstm,
    lstm_cell::LstmCell,
    masking::Masking,
    maximum::Maximum,
    minimum::Minimum,
    multi_head_attention::MultiHeadAttention,
    multiply::Multiply,
    p_re_lu::PReLU,
    permute::Permute,
    pooling::MAX1D | MAX2D | MAX3D | AVERAGE1D | AVERAGE2D | AVERAGE3D,
    pooling_adaptive::MAX1D | MAX2D | MAX3D | AVERAGE1D | AVERAGE2D | AVERAGE3D,
    pooling_global::MAX1D | MAX2D | MAX3D | AVERAGE1D | AVERAGE2D | AVERAGE3D,
    re_lu::ReLU,
    repeat_vector::RepeatVector,
    reversible_embedding::ReversibleEmbedding,
    rescaling::Rescaling,
    reshape::Reshape,
    rms_normalization::RMSNormalization,
    rnn::Rnn,
    simple_rnn::SimpleRnn,
    simple_rnn_cell::SimpleRnnCell,
    separable_conv::SEPARABLE_CONV1D | SEPARABLE_CONV2D,
    softmax::Softmax,
    spatial_dropout::SPATIAL_DROPOUT1D | SPATIAL_DROPOUT2D | SPATIAL_DROPOUT3D,
    spectral_normalization::SpectralNormalization,
    stacked_rnn_cells::StackedRnnCells,
    subtract::Subtract,
    ternary_dense::TernaryDense,
    time_distributed::TimeDistributed,
    unit_normalization::UnitNormalization,
    up_sampling::UP_SAMPLING1D | UP_SAMPLING2D | UP_SAMPLING3D,
    zero_padding::ZERO_PADDING1D | ZERO_PADDING2D | ZERO_PADDING3D,
}

/// The built-in layer of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Layer> {
    LAYERS.iter().copied().find(|layer| layer.spec().name == name)
}
