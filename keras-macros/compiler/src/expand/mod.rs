//! Writes the code of a program. It cannot fail.
//!
//! - `structs`: the parameter block, with documentation.
//! - `docs`: that documentation.
//! - `phases`: forward, backward, weight gradients, as straight-line kernel calls.
//! - `describe`: `const GRAPH`.
//! - `shell`: what stands for a model with mistakes.

mod describe;
mod docs;
mod phases;
mod shell;
mod structs;

pub use shell::shell;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::graph::code::Words;
use crate::graph::{Graph, Num};
use crate::passes::Program;
use crate::syntax::{Form, Model};

/// What every part of the expansion asks for.
struct Names<'a> {
    graph: &'a Graph,
    krate: &'a TokenStream,
    /// `<const IN: usize>`, or nothing.
    declared: TokenStream,
    /// `<IN>`, or nothing.
    used: TokenStream,
    /// The index of each param's first float in the block.
    at: &'a [Num],
    /// The index of each param in `const GRAPH`.
    index: &'a [Num],
    words: &'a Words,
}

impl<'a> Names<'a> {
    fn new(graph: &'a Graph, at: &'a [Num], index: &'a [Num]) -> Names<'a> {
        let (declared, used) = match &graph.generic {
            Some(generic) => (quote!(<const #generic: usize>), quote!(<#generic>)),
            None => (quote!(), quote!()),
        };
        Names { graph, krate: &graph.krate, declared, used, at, index, words: &graph.words }
    }

    fn name(&self) -> &Ident {
        &self.graph.name
    }
}

/// The code of a model.
#[must_use]
pub fn model(model: &Model, program: &Program) -> TokenStream {
    let names = Names::new(&program.graph, &program.at, &program.index);
    let items = structs::block(&names, model);
    let plans = program.infer_plan.consts.iter().chain(&program.train_plan.consts);
    let consts = program.graph.consts.iter().chain(plans);
    let sizes = structs::sizes(&names, consts);
    let (input, output) = (structs::input(&names), structs::output(&names));
    let phases = phases::all(&names, program);
    let (tiny, infer_tiny) = phases::tiny(&names, program);
    let graph = describe::graph(&names, program);
    // A static item where there can be one: it is made once, however often `GRAPH` is named.
    let graph = match &program.graph.generic {
        None => quote!(static DESCRIPTION: Graph = #graph; &DESCRIPTION),
        Some(_) => quote!(&#graph),
    };
    let (krate, name, declared, used) = (names.krate, names.name(), &names.declared, &names.used);
    let code = quote! {
        #items
        #sizes
        impl #declared #krate::Model for #name #used {
            type Input = #input;
            type Output = #output;
            const GRAPH: &'static #krate::Graph = {
                use #krate::__private::code::*;
                #graph
            };

            #phases

            #infer_tiny
        }

        #tiny
    };
    finish(model, name, code)
}

/// A model as an item is its items; as an expression it is a block that makes one.
fn finish(model: &Model, name: &Ident, code: TokenStream) -> TokenStream {
    match model.form {
        Form::Item { .. } => code,
        Form::Expression => quote!({ #code #name::new() }),
    }
}
