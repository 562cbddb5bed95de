//! Writes the code of a program. It cannot fail.
//!
//! - `structs`: the parameter block and its documentation.
//! - `phases`: forward, backward, weight gradients, as straight-line kernel calls.
//! - `describe`: `const GRAPH`.

mod describe;
mod phases;
mod structs;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::errors::Code;
use crate::graph::Graph;
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
}

impl<'a> Names<'a> {
    fn new(graph: &'a Graph) -> Names<'a> {
        let (declared, used) = match &graph.generic {
            Some(generic) => (quote!(<const #generic: usize>), quote!(<#generic>)),
            None => (quote!(), quote!()),
        };
        Names { graph, krate: &graph.krate, declared, used }
    }

    fn name(&self) -> &Ident {
        &self.graph.name
    }
}

/// The code of a model.
#[must_use]
pub fn model(model: &Model, program: &Program) -> Code {
    let names = Names::new(&program.graph);
    let items = structs::block(&names, model);
    let sizes = structs::sizes(&names, program);
    let (input, output) = (structs::input(&names), structs::output(&names));
    let phases = phases::all(&names, program);
    let graph = describe::graph(&names, program);
    let (krate, name, declared, used) = (names.krate, names.name(), &names.declared, &names.used);
    let code = quote! {
        #items
        #sizes

        #[allow(unused_variables, clippy::all, clippy::pedantic)]
        impl #declared #krate::Model for #name #used {
            type Input = #input;
            type Output = #output;
            const GRAPH: &'static #krate::Graph = {
                use #krate::__private::code::*;
                &#graph
            };

            #phases
        }
    };
    finish(model, name, code)
}

/// The struct and its methods for a model with mistakes, so that code which uses it adds no errors of its own.
#[must_use]
pub fn shell(model: &Model, graph: &Graph) -> Code {
    let names = Names::new(graph);
    let items = structs::block(&names, model);
    let (input, output) = (structs::input(&names), structs::output(&names));
    let (krate, name, declared, used) = (names.krate, names.name(), &names.declared, &names.used);
    let private = quote!(#krate::__private);
    let batch = quote!(<#input as #krate::Samples>::Batch<'_>);
    let code = quote! {
        #items

        #[allow(unused_variables)]
        impl #declared #krate::Model for #name #used {
            type Input = #input;
            type Output = #output;
            const GRAPH: &'static #krate::Graph = &#krate::Graph::EMPTY;

            fn infer(&self, cx: &#private::Context, x: #batch, ws: &mut #private::Rows<'_>) {}
            fn forward(&self, cx: &#private::Context, x: #batch, ws: &mut #private::Rows<'_>) {}
            fn backward_data(&self, cx: &#private::Context, x: #batch, ws: &mut #private::Rows<'_>) {}
            fn backward_params(
                cx: &#private::Context,
                x: #batch,
                ws: &mut #private::Whole<'_>,
                sink: &mut #private::Sink<'_>,
            ) {}
        }
    };
    finish(model, name, code)
}

fn finish(model: &Model, name: &Ident, code: TokenStream) -> Code {
    match model.form {
        Form::Item { .. } => Code::Item(code),
        Form::Expression => Code::Expression(quote!(#code #name::new())),
    }
}
