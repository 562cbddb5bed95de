//! What the words in models stand for in an editor, and nothing else: rustc never sees this module.
//!
//! rust-analyzer sets `cfg(rust_analyzer)`. The macros then put code in front of a model in which `Dense` is a struct with a
//! field for each argument, `relu` a const, and the name of a value a variable: keras-compiler's module `editor` writes
//! both that code and the items made here, from the lists that it reads models with.
#![allow(nonstandard_style, missing_docs, dead_code)]

/// The macros as an editor sees them.
pub mod macros {
    pub use keras_macros::{
        Weights, gradient, keras, layer_in_editor as layer, model_in_editor as model,
        sequential_in_editor as sequential,
    };
}

keras_macros::editor_words! {}

/// What a layer gives.
#[derive(Clone, Copy)]
pub struct Value;

/// An argument of a block of layers, or of an object.
#[derive(Clone, Copy)]
pub struct Argument;

macro_rules! arithmetic {
    ($($trait:ident $method:ident),*) => {
        $(
            impl<T> core::ops::$trait<T> for Argument {
                type Output = Argument;
                fn $method(self, _: T) -> Argument {
                    self
                }
            }
            arithmetic! { $trait $method: usize, i32, f32, f64 }
        )*
    };
    ($trait:ident $method:ident: $($number:ty),*) => {
        $(impl core::ops::$trait<Argument> for $number {
            type Output = Argument;
            fn $method(self, argument: Argument) -> Argument {
                argument
            }
        })*
    };
}

arithmetic! { Add add, Sub sub, Mul mul, Div div, Rem rem }

/// What a layer of one's own, or a model as a layer, takes besides its own arguments.
pub struct Own {
    /// The name of the layer, which is that of its field in the model's struct.
    pub name: Argument,
    /// `true` or `false`: whether it is trained; `true` if not given.
    pub trainable: Argument,
    /// The shape of its output, to be checked against what it is.
    pub output_shape: Argument,
}

/// Whatever is wanted. Never called.
pub fn any<T>() -> T {
    loop {}
}

/// A value where another is wanted. Never called.
pub fn to<T, U>(_: U) -> T {
    any()
}
