//! Keras's layers: one file each, with its arguments, its checks, and the ops it becomes.
//!
//! A new layer is a file here and a line in the registry below.

pub mod args;
mod fields;
mod given;
pub mod lower;
pub mod names;
pub mod objects;
mod parts;
pub mod values;
pub mod words;

pub use args::{Args, Kind, Spec};
pub(crate) use fields::class_of as class;
pub use lower::{Lower, lower};
pub use names::{suggested, unknown};

use crate::graph::ValueId;

/// A built-in layer.
pub trait Layer: Sync {
    /// Its name and arguments.
    fn spec(&self) -> &'static Spec;

    /// Whether it can follow a layer of which only rustc knows how many dimensions its output has.
    fn any_rank(&self) -> bool {
        false
    }

    /// Checks one call of it and turns it into ops: the values it gives. Nothing after a mistake, which it has told.
    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>>;
}

macro_rules! registry {
    ($($file:ident :: $layer:ident),* $(,)?) => {
        $(mod $file;)*

        /// All built-in layers.
        pub static LAYERS: &[&dyn Layer] = &[$(&$file::$layer),*];

        /// The files that they are written in. Each begins with what its layers do, which editors show.
        pub(crate) static SOURCES: &[&str] = &[$(include_str!(concat!(stringify!($file), ".rs"))),*];
    };
}

registry! {
    activation::Activation,
    add::Add,
    concatenate::Concatenate,
    dense::Dense,
    dropout::Dropout,
    flatten::Flatten,
    reshape::Reshape,
}

/// The built-in layer of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Layer> {
    LAYERS.iter().copied().find(|layer| layer.spec().name == name)
}
