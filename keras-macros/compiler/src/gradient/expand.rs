//! Writes the function, its gradient, and what other functions call.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::forward::{Writer, local, tuple};
use super::full::pairs;
use super::read;
use super::syntax::{Function, Source};
use super::values::Program;
use crate::Errors;

/// The name of the function that gives the gradients of all parameters, which other functions of `gradient!` call.
#[must_use]
pub fn full_name(name: &Ident) -> Ident {
    format_ident!("__gradient_of_{}", name, span = name.span())
}

/// The name of the function that gives the value and the gradients.
#[must_use]
pub fn gradient_name(name: &Ident) -> Ident {
    format_ident!("{}_grad", name, span = name.span())
}

/// All functions that come of one.
#[must_use]
pub fn functions(krate: &TokenStream, source: &Source, function: &Function, program: &Program) -> TokenStream {
    let ad = quote!(#krate::__private::ad);
    let number = &function.number;
    let writer = Writer { ad: ad.clone(), program, number, lifted: false, checked: true };
    let Function { attrs, vis, name, .. } = function;
    let (names, kinds) = parameters(function);
    let locals: Vec<Ident> = (0..program.parameters).map(|id| program.name(id)).collect();
    let (sizes, sized, checks) = (sizes(function), sized(function, program), checks(program));
    let steps = writer.block(&program.block, false);
    let result = writer.used(program.block.results[0]);
    let gradient = gradient(&Writer { checked: false, ..writer }, function);
    let full = full(&ad, source, function);
    let (allow, holder) = (allow(), holder(function, program));
    quote! {
        #(#attrs)*
        #allow
        #vis fn #name #sizes(#(#names: #kinds),*) -> #number {
            #checks
            #sized
            #(let #locals = #names;)*
            #steps
            #result
        }
        #gradient
        #full
        #holder
    }
}

/// What rustc checks once, whether the function is called or not.
fn checks(program: &Program) -> TokenStream {
    let once = program.checks.iter().filter(|check| !check.generic);
    once.map(|check| {
        let assertion = &check.assertion;
        quote_spanned!(check.span=> const _: () = #assertion;)
    })
    .collect()
}

/// `<const N: usize>`, or nothing.
fn sizes(function: &Function) -> TokenStream {
    let sizes = &function.generics;
    if sizes.is_empty() { TokenStream::new() } else { quote!(<#(const #sizes: usize),*>) }
}

fn has_sized(program: &Program) -> bool {
    program.checks.iter().any(|check| check.generic)
}

fn holder_name(name: &Ident) -> Ident {
    format_ident!("__sizes_of_{}", name, span = name.span())
}

/// What rustc checks for each choice of sizes: an associated constant, so that all functions share one error.
fn holder(function: &Function, program: &Program) -> TokenStream {
    if !has_sized(program) {
        return TokenStream::new();
    }
    let (shared, allow, vis, sizes) = (shared(function), allow(), &function.vis, &function.generics);
    let name = holder_name(&function.name);
    let assertions = program.checks.iter().filter(|check| check.generic).map(|check| &check.assertion);
    quote! {
        #shared
        #[doc(hidden)]
        #allow
        #vis struct #name<#(const #sizes: usize),*>;
        #shared
        #allow
        impl<#(const #sizes: usize),*> #name<#(#sizes),*> {
            #[doc(hidden)]
            #vis const CHECKED: () = { #(#assertions;)* };
        }
    }
}

/// Asks for those checks.
fn sized(function: &Function, program: &Program) -> TokenStream {
    if !has_sized(program) {
        return TokenStream::new();
    }
    let (name, sizes) = (holder_name(&function.name), &function.generics);
    quote!(let () = #name::<#(#sizes),*>::CHECKED;)
}

/// What generated code is not asked for.
fn allow() -> TokenStream {
    quote!(#[allow(unused, non_snake_case, non_camel_case_types, non_upper_case_globals, clippy::all, clippy::pedantic, clippy::nursery)])
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
    let (body, shares) = body(writer, &wanted);
    let locals = (0..writer.program.parameters).map(|id| writer.program.name(id));
    let (sizes, sized) = (sizes(function), sized(function, writer.program));
    let value = writer.used(writer.program.block.results[0]);
    let shares = tuple(&shares);
    let list: Vec<String> = wanted.iter().map(|&i| format!("`{}`", names[i])).collect();
    let doc = format!("The value of [`{}`] and its gradient with respect to {}.", function.name, list.join(", "));
    quote! {
        #shared
        #[doc = #doc]
        #allow
        #vis fn #name #sizes(#(#names: &#kinds),*) -> (#number, #result) {
            #sized
            #(let #locals = *#names;)*
            #body
            (#value, #shares)
        }
    }
}

/// The values and gradients of the function that a writer writes.
fn body(writer: &Writer<'_>, wanted: &[usize]) -> (TokenStream, Vec<TokenStream>) {
    let seed = writer.lift(&quote!(1.0));
    writer.reverse(&writer.program.block, &[Some(seed)], wanted)
}

/// The head of the function that gives the gradients of all parameters, for any kind of number.
fn full_head(ad: &TokenStream, function: &Function) -> TokenStream {
    let (shared, allow, vis, number, sizes) =
        (shared(function), allow(), &function.vis, &function.number, &function.generics);
    let name = full_name(&function.name);
    let (generic, packed) = (generic(), local("packed"));
    let kinds: Vec<TokenStream> = function.parameters.iter().map(|parameter| parameter.shape.kind(&generic)).collect();
    let kinds = pairs(&kinds);
    quote! {
        #shared
        #[doc(hidden)]
        #allow
        #vis fn #name<#generic: #ad::Number<Base = #number> #(, const #sizes: usize)*>(
            #packed: &#kinds
        ) -> (#generic, #kinds)
    }
}

/// Its kind of number.
fn generic() -> TokenStream {
    quote!(__Number)
}

fn full(ad: &TokenStream, source: &Source, function: &Function) -> TokenStream {
    let head = full_head(ad, function);
    let Some(program) = read::all_active(source, function, &mut Errors::default()) else { return TokenStream::new() };
    let number = generic();
    let writer = Writer { ad: ad.clone(), program: &program, number: &number, lifted: true, checked: false };
    let wanted: Vec<usize> = (0..program.parameters).collect();
    let (body, shares) = body(&writer, &wanted);
    let value = writer.used(program.block.results[0]);
    let sized = sized(function, &program);
    let (locals, shares, packed) = (pairs(&writer.list(&wanted)), pairs(&shares), local("packed"));
    quote!(#head { #sized let #locals = *#packed; #body (#value, #shares) })
}

/// What stands for functions with mistakes, so that nothing follows from an error already told.
#[must_use]
pub fn shell(krate: &TokenStream, function: &Function) -> TokenStream {
    let Function { attrs, vis, name, number, .. } = function;
    let (names, kinds) = parameters(function);
    let gradient = gradient_name(name);
    let (full, sizes) = (full_head(&quote!(#krate::__private::ad), function), sizes(function));
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
        #vis fn #name #sizes(#(#names: #kinds),*) -> #number {
            loop {}
        }
        #shared
        #[doc = "The gradient of a function with mistakes."]
        #allow
        #vis fn #gradient #sizes(#(#names: &#kinds),*) -> (#number, #result) {
            loop {}
        }
        #full {
            loop {}
        }
    }
}
