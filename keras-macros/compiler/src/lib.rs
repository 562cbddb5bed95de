//! The compiler behind `sequential!`, `model!` and `gradient!`: from tokens to statically shaped Rust.
//!
//! ```text
//! tokens → syntax (calls with names, arguments, spans) → layers (check, lower) → graph of ops
//!        → passes: fuse · gradient · memory plan → expand: structs, phases, const GRAPH
//! ```
//!
//! - [`syntax`] knows no layer: it turns tokens into calls.
//! - [`layers`] knows Keras: one file for each layer checks its arguments and lowers it to a few ops.
//! - [`graph`] holds the ops, each a file with its kernel calls forward and backward.
//! - [`passes`] decide what is fused, which gradients are computed, and where each buffer lies.
//! - [`expand`] writes the code. It cannot fail.
//! - [`editor`] adds to the code what editors look words up in.
//! - [`mod@weights`] is `#[derive(Weights)]`, for the weights of layers of the user's.
//! - [`mod@gradient`] is the compiler of `gradient!`, which differentiates functions and shares only the errors.
//!
//! Only the first two can find mistakes. They collect them in [`Errors`], so that all of one invocation are told at once,
//! and the model's struct and methods are emitted even then, so that nothing follows from an error already told.
//!
//! A proc-macro crate can export nothing but macros, so the compiler is an ordinary library: its stages can be called
//! and tested on their own.

pub mod editor;
pub mod errors;
pub mod expand;
pub mod gradient;
pub mod graph;
pub mod layers;
pub mod passes;
pub mod syntax;
pub mod weights;

pub use errors::Errors;

use proc_macro2::TokenStream;

/// Expands `sequential! { … }`. The first token is `[path]`, the path of the facade crate; definitions of blocks follow.
#[must_use]
pub fn sequential(tokens: TokenStream) -> TokenStream {
    model_of(tokens, syntax::sequential::parse)
}

/// Expands `model! { … }`. The first token is `[path]`, the path of the facade crate; definitions of blocks follow.
#[must_use]
pub fn model(tokens: TokenStream) -> TokenStream {
    model_of(tokens, syntax::model::parse)
}

/// Expands `layer! { … }`. The first token is `[path]`, the path of the facade crate.
#[must_use]
pub fn layer(tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let block = syntax::layer::expand(tokens, &mut errors);
    let errors = errors.into_tokens();
    quote::quote!(#errors #block)
}

/// Expands `keras! { … }`: rewrites each `sequential!< … >` in it to the form that Rust's grammar allows. The first
/// token is `[path]`, the path of the facade crate.
#[must_use]
pub fn keras(tokens: TokenStream) -> TokenStream {
    syntax::keras::rewrite(tokens)
}

/// Expands `gradient! { … }`. The first token is `[path]`, the path of the facade crate.
#[must_use]
pub fn gradient(tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let functions = gradient::compile(tokens, &mut errors);
    let errors = errors.into_tokens();
    quote::quote!(#errors #functions)
}

fn model_of(tokens: TokenStream, parse: fn(TokenStream, &mut Errors) -> Option<syntax::Model>) -> TokenStream {
    let mut errors = Errors::default();
    let (krate, tokens) = syntax::split_crate(tokens);
    let (blocks, tokens) = syntax::inline::Blocks::take(tokens);
    let Some(model) = parse(tokens.clone(), &mut errors) else {
        return errors.into_tokens();
    };
    if let Some(ask) = blocks.ask(&model, &krate, &tokens) {
        return ask;
    }
    let (model, told) = blocks.inline(model, &mut errors);
    let graph = layers::lower(krate, &model, &mut errors);
    let code = if errors.is_empty() && told.is_none() {
        expand::model(&model, &passes::run(graph))
    } else {
        let errors = if errors.is_empty() { told.unwrap_or_default() } else { errors.into_tokens() };
        expand::shell(&model, &graph, errors)
    };
    #[cfg(feature = "expand")]
    if std::env::var_os("KERAS_EXPAND").is_some() {
        eprintln!("{}", formatted(&code));
    }
    code
}

/// Generated code as rustfmt would lay it out, an expression as the body of a function.
#[cfg(feature = "expand")]
#[must_use]
pub fn formatted(code: &TokenStream) -> String {
    let file = syn::parse2(code.clone()).or_else(|_| syn::parse2(quote::quote!(fn expression() { #code })));
    file.map_or_else(|_| code.to_string(), |file| prettyplease::unparse(&file))
}
