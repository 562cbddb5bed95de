//! Writes the function, its gradient, and what other functions call.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::forward::{Writer, tuple};
use super::read;
use super::syntax::Function;
use super::values::Program;
use crate::Errors;

/// The name of the function that gives the gradients of all parameters, which other functions of `gradient!` call.
#[must_use]
pub fn full_name(name: &Ident) -> Ident {
    format_ident!("__{}_full", name, span = name.span())
}

fn gradient_name(name: &Ident) -> Ident {
    format_ident!("{}_grad", name, span = name.span())
}

/// All functions that come of one.
#[must_use]
pub fn functions(krate: &TokenStream, function: &Function, program: &Program) -> TokenStream {
    let ad = quote!(#krate::__private::ad);
    let number = &function.number;
    let writer = Writer { ad: ad.clone(), program, number, checked: true };
    let Function { attrs, vis, name, .. } = function;
    let (names, kinds) = parameters(function);
    let locals: Vec<Ident> = (0..program.parameters).map(|id| program.name(id)).collect();
    let checks = &program.checks;
    let steps = writer.block(&program.block, false);
    let result = writer.used(program.block.results[0]);
    let gradient = gradient(&Writer { checked: false, ..writer }, function);
    let full = full(&ad, function);
    let allow = allow();
    quote! {
        #(#attrs)*
        #allow
        #vis fn #name(#(#names: #kinds),*) -> #number {
            #checks
            #(let #locals = #names;)*
            #steps
            #result
        }
        #gradient
        #full
    }
}

/// What generated code is not asked for.
fn allow() -> TokenStream {
    quote!(#[allow(unused, non_snake_case, clippy::all, clippy::pedantic, clippy::nursery)])
}

fn parameters(function: &Function) -> (Vec<&Ident>, Vec<&syn::Type>) {
    function.parameters.iter().map(|parameter| (&parameter.name, &parameter.kind)).unzip()
}

/// Attributes that all functions share.
fn shared(function: &Function) -> TokenStream {
    let attrs = function.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    quote!(#(#attrs)*)
}

fn gradient(writer: &Writer<'_>, function: &Function) -> TokenStream {
    let (shared, allow, vis, number) = (shared(function), allow(), &function.vis, &function.number);
    let name = gradient_name(&function.name);
    let (names, kinds) = parameters(function);
    let wanted: Vec<usize> = (0..names.len()).filter(|&i| function.parameters[i].active).collect();
    let wanted_kinds: Vec<TokenStream> = wanted
        .iter()
        .map(|&i| {
            let kind = kinds[i];
            quote!(#kind)
        })
        .collect();
    let result = tuple(&wanted_kinds);
    let (body, shares) = body(writer, &names, &wanted);
    let value = writer.used(writer.program.block.results[0]);
    let shares = tuple(&shares);
    let list: Vec<String> = wanted.iter().map(|&i| format!("`{}`", names[i])).collect();
    let doc = format!("The value of [`{}`] and its gradient with respect to {}.", function.name, list.join(", "));
    quote! {
        #shared
        #[doc = #doc]
        #allow
        #vis fn #name(#(#names: &#kinds),*) -> (#number, #result) {
            #body
            (#value, #shares)
        }
    }
}

/// The values and gradients of the function that a writer writes.
fn body(writer: &Writer<'_>, names: &[&Ident], wanted: &[usize]) -> (TokenStream, Vec<TokenStream>) {
    let locals = (0..writer.program.parameters).map(|id| writer.program.name(id));
    let locals = quote!(#(let #locals = *#names;)*);
    let seed = quote!(1.0);
    let (code, shares) = writer.reverse(&writer.program.block, &[Some(seed)], wanted);
    (quote!(#locals #code), shares)
}

/// The gradients of all parameters.
fn full(ad: &TokenStream, function: &Function) -> TokenStream {
    let (shared, allow, vis, number) = (shared(function), allow(), &function.vis, &function.number);
    let name = full_name(&function.name);
    let (names, kinds) = parameters(function);
    let head = quote! {
        #shared
        #[doc(hidden)]
        #allow
        #vis fn #name(#(#names: &#kinds),*) -> (#number, (#(#kinds,)*))
    };
    let Some(program) = read::all_active(function, &mut Errors::default()) else { return TokenStream::new() };
    let writer = Writer { ad: ad.clone(), program: &program, number, checked: false };
    let wanted: Vec<usize> = (0..names.len()).collect();
    let (body, shares) = body(&writer, &names, &wanted);
    let value = writer.used(program.block.results[0]);
    quote!(#head { #body (#value, (#(#shares,)*)) })
}

/// What stands for functions with mistakes, so that nothing follows from an error already told.
#[must_use]
pub fn shell(function: &Function) -> TokenStream {
    let Function { attrs, vis, name, number, .. } = function;
    let (names, kinds) = parameters(function);
    let (gradient, full) = (gradient_name(name), full_name(name));
    let wanted: Vec<TokenStream> = function
        .parameters
        .iter()
        .filter(|parameter| parameter.active)
        .map(|parameter| {
            let kind = &parameter.kind;
            quote!(#kind)
        })
        .collect();
    let (result, allow, shared) = (tuple(&wanted), allow(), shared(function));
    quote! {
        #(#attrs)*
        #allow
        #vis fn #name(#(#names: #kinds),*) -> #number {
            loop {}
        }
        #shared
        #[doc = "The gradient of a function with mistakes."]
        #allow
        #vis fn #gradient(#(#names: &#kinds),*) -> (#number, #result) {
            loop {}
        }
        #shared
        #[doc(hidden)]
        #allow
        #vis fn #full(#(#names: &#kinds),*) -> (#number, (#(#kinds,)*)) {
            loop {}
        }
    }
}
