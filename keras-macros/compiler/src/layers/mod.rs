//! Keras's layers: one file each, with its arguments, its checks, and the ops it becomes.
//!
//! A new layer is a file here and a line in the registry below.

pub mod activations;
pub mod args;
mod fields;
mod given;
pub mod lower;
mod merging;
pub mod names;
pub mod objects;
pub mod values;
pub mod words;

pub use args::{Args, Kind, Spec};
pub use lower::{Lower, lower};
pub use names::{suggested, unknown};

use crate::graph::ValueId;

/// A built-in layer.
pub trait Layer: Sync {
    /// Its name and arguments.
    fn spec(&self) -> &'static Spec;

    /// Checks one call of it and turns it into ops: the values it gives. Nothing after a mistake, which it has told.
    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>>;
}

macro_rules! registry {
    ($($file:ident :: $layer:ident),* $(,)?) => {
        $(mod $file;)*

        /// All built-in layers.
        pub static LAYERS: &[&dyn Layer] = &[$(&$file::$layer),*];
    };
}

registry! {
    activation::Activation,
    add::Add,
    average::Average,
    concatenate::Concatenate,
    dense::Dense,
    dropout::Dropout,
    elu::Elu,
    flatten::Flatten,
    identity::Identity,
    leaky_re_lu::LeakyReLU,
    maximum::Maximum,
    minimum::Minimum,
    multiply::Multiply,
    re_lu::ReLU,
    rescaling::Rescaling,
    reshape::Reshape,
    subtract::Subtract,
}

/// The built-in layer of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Layer> {
    LAYERS.iter().copied().find(|layer| layer.spec().name == name)
}
