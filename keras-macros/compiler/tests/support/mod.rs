//! What the compiler tells of a model, with the tokens that each message points at.
#![allow(dead_code)]

use keras_compiler::{Errors, layers, syntax};
use proc_macro2::TokenStream;

/// Which macro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Macro {
    /// `sequential!`
    Sequential,
    /// `model!`
    Model,
    /// `keras!`
    Keras,
}

/// The mistakes in the order in which they are told: the guilty tokens as they were written, and the message.
pub(crate) fn told(kind: Macro, source: &str) -> Vec<(String, String)> {
    let tokens: TokenStream = source.parse().expect("tokens");
    let mut errors = Errors::default();
    let parsed = match kind {
        Macro::Sequential => syntax::sequential::parse(tokens.clone(), &mut errors),
        Macro::Model => syntax::model::parse(tokens.clone(), &mut errors),
        Macro::Keras => unreachable!("`keras!` only rewrites"),
    };
    if let Some(model) = parsed {
        let (model, _) = syntax::inline::Blocks::default().inline(model, &mut errors);
        layers::lower(quote::quote!(::keras), &model, &mut errors);
    }
    let told: Vec<_> = errors
        .sorted()
        .iter()
        .map(|error| (error.span().source_text().unwrap_or_default(), error.to_string()))
        .collect();
    let code = expand(kind, tokens);
    assert_eq!(code.to_string().matches("compile_error").count(), told.len(), "each is told once: {code}");
    told
}

/// The expansion, which must be items or an expression of Rust whatever was written.
pub(crate) fn expand(kind: Macro, tokens: TokenStream) -> TokenStream {
    let code = match kind {
        Macro::Sequential => keras_compiler::sequential(tokens.clone()),
        Macro::Model => keras_compiler::model(tokens.clone()),
        Macro::Keras => return keras_compiler::keras(tokens),
    };
    // Editors ask while one is still writing; some of the cases are enough.
    if tokens.to_string().len().is_multiple_of(8) {
        match kind {
            Macro::Sequential => keras_compiler::editor::sequential(tokens.clone()),
            Macro::Model => keras_compiler::editor::model(tokens.clone()),
            Macro::Keras => TokenStream::new(),
        };
    }
    let items = syn::parse2::<syn::File>(code.clone());
    if let (Err(items), Err(block)) = (items, syn::parse2::<syn::Block>(code.clone())) {
        panic!("neither items ({items}) nor a block ({block}):\n{tokens}\n{code}");
    }
    code
}
