//! The procedural macros of keras, a shim over keras-compiler.
//!
//! Users call them through the macros of the same names in the crate `keras`, which put the path of that crate in front.

use proc_macro::TokenStream;

/// See `keras::sequential!`.
#[proc_macro]
pub fn sequential(tokens: TokenStream) -> TokenStream {
    keras_compiler::sequential(tokens.into()).into()
}

/// See `keras::model!`.
#[proc_macro]
pub fn model(tokens: TokenStream) -> TokenStream {
    keras_compiler::model(tokens.into()).into()
}

/// See `keras::layer!`.
#[proc_macro]
pub fn layer(tokens: TokenStream) -> TokenStream {
    keras_compiler::layer(tokens.into()).into()
}

/// See `keras::keras!`.
#[proc_macro]
pub fn keras(tokens: TokenStream) -> TokenStream {
    keras_compiler::keras(tokens.into()).into()
}

/// See `keras::gradient!`.
#[proc_macro]
pub fn gradient(tokens: TokenStream) -> TokenStream {
    keras_compiler::gradient(tokens.into()).into()
}

/// See the trait `keras::Weights`.
#[proc_macro_derive(Weights, attributes(weight, weights))]
pub fn weights(tokens: TokenStream) -> TokenStream {
    keras_compiler::weights::expand(tokens.into()).into()
}

/// See the trait `keras::States`.
#[proc_macro_derive(States, attributes(states))]
pub fn states(tokens: TokenStream) -> TokenStream {
    keras_compiler::weights::states(tokens.into()).into()
}

/// `sequential!` for editors.
#[doc(hidden)]
#[proc_macro]
pub fn sequential_in_editor(tokens: TokenStream) -> TokenStream {
    keras_compiler::editor::sequential(tokens.into()).into()
}

/// `model!` for editors.
#[doc(hidden)]
#[proc_macro]
pub fn model_in_editor(tokens: TokenStream) -> TokenStream {
    keras_compiler::editor::model(tokens.into()).into()
}

/// `layer!` for editors.
#[doc(hidden)]
#[proc_macro]
pub fn layer_in_editor(tokens: TokenStream) -> TokenStream {
    keras_compiler::editor::layer(tokens.into()).into()
}

/// The items that words stand for in editors.
#[doc(hidden)]
#[proc_macro]
pub fn editor_words(_: TokenStream) -> TokenStream {
    keras_compiler::editor::items().into()
}
