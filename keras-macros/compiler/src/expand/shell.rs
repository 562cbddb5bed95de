//! What stands for a model with mistakes, so that nothing follows from an error already told.
//!
//! An item keeps its name and its constructors. Whatever else is asked of it, a field, a method, the type of its output,
//! has no type that rustc could find fault with: it is looked up through `Deref` to a type made from a const that failed
//! to compile, and rustc says no more about what has to do with an error. That const is where the mistakes are told.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Names, structs};
use crate::graph::Graph;
use crate::syntax::{Form, Model};

/// The code that tells the mistakes.
#[must_use]
pub fn shell(model: &Model, graph: &Graph, errors: TokenStream) -> TokenStream {
    let Form::Item { attrs, vis, .. } = &model.form else {
        return quote!({ #errors });
    };
    // Those that would take the struct away, or that are mistakes themselves, are left out.
    let attrs = attrs.iter().filter(|attr| !attr.path().is_ident("cfg") && !attr.path().is_ident("repr"));
    let names = Names::new(graph, &[], &[]);
    let (krate, name, declared, used) = (names.krate, names.name(), &names.declared, &names.used);
    let private = quote!(#krate::__private);
    let sizes = structs::sizes(&names, graph.consts.iter());
    let constructors = structs::constructors(&names, model);
    let told = format_ident!("__{}Errors", graph.name);
    let unknown = quote!(<[f32; #told] as ::core::iter::IntoIterator>::Item);
    let input = if graph.broken_inputs() { unknown.clone() } else { structs::input(&names) };
    let output = if graph.broken_outputs(model.outputs.len()) { unknown.clone() } else { structs::output(&names) };
    let batch = quote!(<Self::Input as #krate::Samples>::Batch<'_>);
    quote! {
        #[doc(hidden)]
        const #told: usize = { #errors };

        #(#attrs)*
        #[doc = "A model with mistakes."]
        #[repr(C)]
        #vis struct #name #declared;

        // SAFETY: it is never made: it does not compile.
        unsafe impl #declared #private::Block for #name #used {}

        #constructors
        #sizes

        impl #declared ::core::ops::Deref for #name #used {
            type Target = #unknown;
            fn deref(&self) -> &Self::Target {
                loop {}
            }
        }

        impl #declared ::core::ops::DerefMut for #name #used {
            fn deref_mut(&mut self) -> &mut Self::Target {
                loop {}
            }
        }
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
    }
}
