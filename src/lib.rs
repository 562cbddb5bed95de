//! Keras for Rust: a model is written in Keras's words, compiled by a macro to statically shaped forward and backward
//! code, and trained by Keras's loop.
//!
//! ```
//! use keras::prelude::*;
//!
//! sequential! { pub struct Xor< Input(2), Dense(8, tanh), Dense(1, sigmoid) >; }
//!
//! fn main() -> keras::Result<()> {
//!     let x = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
//!     let y = [[0.0], [1.0], [1.0], [0.0]];
//!
//!     let mut model = Xor::seeded(1).compile(Adam::new(0.1), BinaryCrossentropy::default(), (Accuracy::default(),))?;
//!     let history = model.fit(&x, &y, Fit::epochs(200).batch_size(4).verbose(0))?;
//!     assert!(history.last("loss").unwrap() < 0.1);
//!
//!     let [p] = model.predict_one(&[1.0, 0.0]);
//!     assert!(p > 0.9);
//!     Ok(())
//! }
//! ```
//!
//! - [`sequential!`] makes a chain of layers, [`model!`] a graph of them.
//! - [`gradient!`] differentiates a function of arrays.
//! - [`Compile::compile`] joins a model with an optimizer, a loss and metrics to a [`Compiled`], which has `fit`,
//!   `evaluate` and the like.
//! - [`GradientTape`] is for training loops of one's own.
//! - [`Predict`] is what every model can do by itself.
//!
//! Sizes are checked when the program is compiled: a sample of another width, a kernel that does not fit, labels that the
//! loss does not take are errors of the compiler. The batch is a number of run time: any batch works, and a last smaller
//! one too. After the first call, training steps and predictions allocate nothing.
#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(rust_analyzer)]
#[doc(hidden)]
pub mod editor;
mod macros;

#[cfg(rust_analyzer)]
#[doc(hidden)]
pub use editor::macros as __macros;
#[cfg(not(rust_analyzer))]
#[doc(hidden)]
pub use keras_macros as __macros;

pub use keras_kernels::Isa;
#[cfg(feature = "std")]
pub use keras_kernels::memory::{Boxed, zeros};
pub use keras_kernels::memory::{Element, Rule, Sample, Slots};
pub use keras_macros::{States, Weights};
pub use keras_runtime::cell::{Cell, States};
#[cfg(feature = "ndarray")]
#[doc(inline)]
pub use keras_runtime::data;
#[cfg(feature = "cuda")]
#[doc(inline)]
pub use keras_runtime::device;
pub use keras_runtime::layer::{Layer, Weights};
pub use keras_runtime::model::Infer;
pub use keras_runtime::model::graph;
#[cfg(feature = "safetensors")]
#[doc(inline)]
pub use keras_runtime::weights;
#[cfg(feature = "std")]
#[doc(inline)]
pub use keras_runtime::{
    Build, Built, Carried, Compile, Compiled, Error, Evaluate, Fit, GradientTape, Gradients, History, ModelExt, Pass,
    Predict, Predicting, Result, Scores, Session, callback as callbacks, constraint as constraints, datasets,
    initializer as initializers, loss as losses, metric as metrics, optimizer as optimizers, progress,
    regularizer as regularizers, summary, target as targets, utils,
};
pub use keras_runtime::{Context, Graph, Model, Outputs, Samples};
pub use keras_runtime::{cell, layer};

/// All that most programs need: `use keras::prelude::*;`
///
/// Metrics that share a name with a loss are not here: write `keras::metrics::MeanSquaredError`.
#[cfg(feature = "std")]
pub mod prelude {
    #[cfg(feature = "safetensors")]
    pub use crate::callbacks::ModelCheckpoint;
    pub use crate::callbacks::{
        CSVLogger, Callback, EarlyStopping, LambdaCallback, LearningRateScheduler, Logs, ReduceLROnPlateau,
        TerminateOnNaN, Training,
    };
    pub use crate::losses::{
        BinaryCrossentropy, CategoricalCrossentropy, KLDivergence, Loss, MeanAbsoluteError, MeanSquaredError,
        SparseCategoricalCrossentropy,
    };
    pub use crate::metrics::{
        Accuracy, BinaryAccuracy, CategoricalAccuracy, Metric, SparseCategoricalAccuracy, TopKCategoricalAccuracy,
    };
    pub use crate::optimizers::{Adam, Optimizer, Sgd};
    pub use crate::{
        Boxed, Build, Compile, Compiled, Evaluate, Fit, GradientTape, History, Infer, Model, ModelExt, Predict, Scores,
        gradient, keras, layer, model, sequential,
    };
}

/// The README's code runs as a test, and that of the book.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../docs/book/src/introduction.md")]
struct Introduction;

#[cfg(doctest)]
#[doc = include_str!("../docs/book/src/language.md")]
struct Language;

#[cfg(doctest)]
#[doc = include_str!("../docs/book/src/own-layers.md")]
struct OwnLayers;

#[cfg(doctest)]
#[doc = include_str!("../docs/book/src/gradients.md")]
struct GradientsChapter;

#[cfg(doctest)]
#[doc = include_str!("../docs/book/src/errors.md")]
struct ErrorsChapter;

/// What generated code refers to. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    #[cfg(rust_analyzer)]
    pub use crate::editor;
    pub use keras_kernels as kernels;
    pub use keras_kernels::ad;
    pub use keras_kernels::memory::{Block, Dims, Nest, Rows, Sample, Sink, Whole};
    #[cfg(feature = "std")]
    pub use keras_runtime::init as initialized;
    pub use keras_runtime::model::{Context, embed, graph, parts};
    #[cfg(feature = "std")]
    pub use keras_runtime::model::{Weighed, shares};
    pub use keras_runtime::{cell, layer};
    pub use keras_shapes as shapes;

    /// What the bodies of generated functions are written with. They import all of it, so that no name of the user's
    /// can stand in the way.
    pub mod code {
        pub use core::option::Option::{self, None, Some};

        pub use keras_kernels::activation::Act;
        pub use keras_kernels::conv::{Geometry, Windows};
        pub use keras_kernels::gather::Axis;
        pub use keras_kernels::memory::{Area, Block, Buf, Layout, Sample, flat};
        pub use keras_kernels::merge::Merge;
        pub use keras_kernels::noise::Noise;
        pub use keras_kernels::pool::Pool;
        use keras_kernels::steps;
        pub use keras_kernels::steps::*;
        pub use keras_kernels::tiny;
        pub use keras_runtime::cell::Held;
        pub use keras_runtime::layer::{Call as LayerCall, Flat};
        pub use keras_runtime::model::graph::*;
        pub use keras_shapes::plan::{self, Life};

        pub use crate::__on_device;

        /// A buffer in the kept area: offset and length in floats per row.
        #[inline]
        #[must_use]
        pub const fn kept(at: usize, len: usize) -> Buf {
            Buf::kept(at, len)
        }

        /// A buffer in the temporary area.
        #[inline]
        #[must_use]
        pub const fn temp(at: usize, len: usize) -> Buf {
            Buf::temp(at, len)
        }

        /// An input of the model: its index, and its length in floats per row.
        #[inline]
        #[must_use]
        pub const fn input(i: usize, len: usize) -> Buf {
            Buf::input(i, len)
        }

        /// No buffer.
        pub const NOTHING: Buf = Buf::EMPTY;

        /// The only contribution to the gradient of a param: its index, and where it begins in the block.
        #[inline]
        #[must_use]
        pub const fn only(index: usize, at: usize) -> steps::To {
            steps::To::only(index, at)
        }

        /// The first of several contributions.
        #[inline]
        #[must_use]
        pub const fn first(index: usize, at: usize) -> steps::To {
            steps::To::first(index, at)
        }

        /// Neither the first nor the last of several contributions.
        #[inline]
        #[must_use]
        pub const fn middle(index: usize, at: usize) -> steps::To {
            steps::To::middle(index, at)
        }

        /// The last of several contributions.
        #[inline]
        #[must_use]
        pub const fn last(index: usize, at: usize) -> steps::To {
            steps::To::last(index, at)
        }

        /// A buffer of `len` floats per row, in use in the steps `from..=to`.
        #[must_use]
        pub const fn life(len: usize, from: usize, to: usize) -> Life {
            Life::new(len, from, to)
        }

        /// Buffers of an area that were planned for these lives.
        #[must_use]
        pub const fn bufs<const N: usize>(area: Area, lives: &[Life; N], at: &[usize; N]) -> [Buf; N] {
            let mut bufs = [Buf::EMPTY; N];
            let mut i = 0;
            while i < N {
                bufs[i] = Buf::new(area, at[i], lives[i].len);
                i += 1;
            }
            bufs
        }
    }
}
