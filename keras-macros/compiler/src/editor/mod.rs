//! What an editor sees of the macros: the same code, and in front of it code that gives each word a meaning.
//!
//! An editor looks up a word of a macro in the code that the macro expands to. In Keras's calls most words are gone by then:
//! `Dense(64, relu)` has become a struct and calls of kernels. So for editors, and only for them, the expansion begins with
//! a function that is never called, in which these words stand for documented items:
//!
//! ```text
//! Dense(64, relu, use_bias = false)
//! Option::<layers::Dense>::None;
//! layers::Dense { activation: to(activations::relu), use_bias: to(any()), ..any() };
//! ```
//!
//! rust-analyzer sets `cfg(rust_analyzer)`, under which the facade calls the functions of this module instead of those of
//! the crate's root. rustc sees nothing of it, so it costs a build nothing.
//!
//! - [`words`]: the items, made of the lists that the compiler itself reads.
//! - [`anchors`]: the words of one layer's call.
//! - [`graph`]: the block of a `model!`, with its names.

pub mod anchors;
pub mod graph;
pub mod words;

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;

use crate::Errors;
use crate::syntax::inline::Blocks;
use crate::syntax::layer::{Body, Definition};
use crate::syntax::{self, Form, Input};
use anchors::Words;

pub use words::items;

/// Expands `sequential! { … }` for an editor.
#[must_use]
pub fn sequential(tokens: TokenStream) -> TokenStream {
    let code = crate::sequential(tokens.clone());
    let Some((krate, tokens)) = first(tokens) else { return code };
    let Some((form, calls)) = syntax::sequential::layers(tokens, &mut Errors::default()) else { return code };
    let words = Words::new(&krate);
    let calls = calls.iter().map(|call| words.call(call));
    let (next, room) = (words.next_layer(), room());
    in_front(&form, quote!(fn editor() { #(#calls)* #next #room }), code)
}

/// Expands `model! { … }` for an editor.
#[must_use]
pub fn model(tokens: TokenStream) -> TokenStream {
    let code = crate::model(tokens.clone());
    let Some((krate, tokens)) = first(tokens) else { return code };
    let Some((form, inputs, block)) = syntax::model::graph(tokens, &mut Errors::default()) else { return code };
    let names: Vec<_> = inputs.iter().filter_map(|input| input.name.clone()).collect();
    let words = Words::new(&krate);
    let dims = inputs.iter().map(|Input { dims, .. }| words.sizes(dims));
    let editor = &words.editor;
    let body = graph::block(&krate, &names, &block);
    let room = room();
    in_front(&form, quote!(fn editor(#(#names: #editor::Value),*) { #(#dims)* #body #room }), code)
}

/// Expands `layer! { … }` for an editor. The block is a type too, with a field for each argument.
#[must_use]
pub fn layer(tokens: TokenStream) -> TokenStream {
    let code = crate::layer(tokens.clone());
    let (krate, tokens) = syntax::split_crate(tokens);
    let Ok(definition) = syntax::layer::read.parse2(anchors::completed(tokens)) else { return code };
    let mut errors = Errors::default();
    definition.check(&mut errors);
    let Definition { attrs, vis, name, parameters, body, .. } = &definition;
    let mut words = Words::new(&krate);
    let editor = words.editor.clone();
    let names: Vec<_> = parameters.iter().map(|(name, _)| name).collect();
    words.locals.extend(names.iter().map(ToString::to_string));
    let (inputs, body) = match body {
        Body::Chain(list) => {
            let calls = syntax::sequential::chain(list.clone(), &mut errors);
            let calls = calls.iter().map(|call| words.call(call));
            let next = words.next_layer();
            (Vec::new(), quote!(#(#calls)* #next))
        }
        Body::Graph(inputs, body) => {
            let Ok(block) = syn::parse2::<syn::Block>(body.clone()) else { return code };
            let body = graph::within(words, inputs, &block);
            (inputs.clone(), body)
        }
    };
    let room = room();
    let anchors = quote! {
        fn editor(#(#names: #editor::Argument,)* #(#inputs: #editor::Value),*) { #body #room }
    };
    // A block with mistakes is a type already.
    let block = errors.is_empty().then(|| {
        let attrs = attrs.iter().filter(|attr| attr.path().is_ident("doc"));
        let docs = parameters.iter().map(|(name, default)| match default {
            Some(default) => format!("The argument `{name}`; `{default}` if not given."),
            None => format!("The argument `{name}`, which must be given."),
        });
        quote! {
            #(#attrs)*
            #[allow(dead_code)]
            #vis struct #name { #(#[doc = #docs] pub #names: #editor::Argument),* }
        }
    });
    let anchors = hidden(anchors);
    quote!(#anchors #block #code)
}

/// The path of the facade crate and the tokens, when they come for the first time: with definitions of blocks in front
/// they come again.
fn first(tokens: TokenStream) -> Option<(TokenStream, TokenStream)> {
    let (krate, tokens) = syntax::split_crate(tokens);
    let whole = tokens.to_string();
    let (_, tokens) = Blocks::take(tokens);
    (tokens.to_string() == whole).then(|| (krate, anchors::completed(tokens)))
}

fn in_front(form: &Form, anchors: TokenStream, code: TokenStream) -> TokenStream {
    let anchors = hidden(anchors);
    match form {
        Form::Item { .. } => quote!(#anchors #code),
        Form::Expression => quote!({ #anchors #code }),
    }
}

/// Empty statements. To complete a word, an editor expands the macro with a word at the cursor and without it, and asks at
/// the same distance from the beginning what is in scope there. Without it the code may be shorter by an argument.
fn room() -> TokenStream {
    std::iter::repeat_n(quote!(;), 400).collect()
}

/// As an item that meets no other.
fn hidden(anchors: TokenStream) -> TokenStream {
    quote! {
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = { #anchors };
    }
}
