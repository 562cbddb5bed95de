//! Keras for Rust: a model is written in Keras's words and compiled by a macro to statically shaped forward and backward
//! code.

mod macros;

#[doc(hidden)]
pub use keras_macros as __macros;

#[cfg(feature = "std")]
pub use keras_kernels::memory::{Boxed, zeros};
pub use keras_runtime::{Context, Graph, Model, Outputs, Samples};

/// What generated code refers to. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use keras_kernels as kernels;
    pub use keras_kernels::memory::{Block, Buf, Layout, Rows, Sample, Sink, Use, Whole};
    pub use keras_runtime::model::{Context, graph};
    pub use keras_shapes as shapes;

    /// What the bodies of generated functions are written with. They import all of it, so that no name of the user's
    /// can stand in the way.
    pub mod code {
        pub use core::option::Option::{self, None, Some};

        pub use keras_kernels::activation::Act;
        pub use keras_kernels::dropout::Key;
        pub use keras_kernels::memory::{Buf, Layout, Sample, Use};
        pub use keras_kernels::{activation, add, concatenate, dense, dropout, penalty, softmax};
        pub use keras_runtime::model::graph::*;
    }

    #[cfg(feature = "std")]
    pub fn initialized<M: crate::Model>(_seed: Option<u64>) -> crate::Boxed<M> {
        crate::Boxed::zeroed()
    }
}
