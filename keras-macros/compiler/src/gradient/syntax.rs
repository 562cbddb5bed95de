//! The signature: `attrs vis fn name(parameters; data) -> f32 { … }`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Block, Token, Type, Visibility};

use super::shape::{Dim, Shape};
use crate::Errors;
use crate::syntax::split_commas;

/// A parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Ident,
    /// Its type, as written.
    pub kind: Type,
    /// Its shape.
    pub shape: Shape,
    /// Whether its gradient is asked for.
    pub active: bool,
}

/// A function as it was written.
#[derive(Debug)]
pub struct Function {
    /// Its attributes.
    pub attrs: Vec<Attribute>,
    /// Its visibility.
    pub vis: Visibility,
    /// Its name.
    pub name: Ident,
    /// Its parameters; those whose gradients are asked for stand first.
    pub parameters: Vec<Parameter>,
    /// The kind of number that it is about: `f32` or `f64`.
    pub number: TokenStream,
    /// Whether the result's type is that of a number; if not, that was told.
    pub scalar: bool,
    /// Its block; nothing after a mistake in it.
    pub block: Option<Block>,
}

const FORM: &str = "`fn loss(w: [f32; 3]; x: [f32; 3]) -> f32 { … }`";

/// Parses it. Nothing if there is no signature to speak of.
pub fn parse(tokens: TokenStream, errors: &mut Errors) -> Option<Function> {
    let read = |input: ParseStream<'_>| function(input, errors);
    match read.parse2(tokens) {
        Ok(function) => function,
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

fn function(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Function>> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis: Visibility = input.parse()?;
    if !input.peek(Token![fn]) {
        return Err(input.error(format!("expected a function: {FORM}")));
    }
    let _: Token![fn] = input.parse()?;
    let name: Ident = input.parse()?;
    if input.peek(Token![<]) {
        return Err(input.error("a function of `gradient!` takes no generics: write its sizes as numbers or consts"));
    }
    let content;
    let parens = syn::parenthesized!(content in input);
    let (wanted, data) = halves(content.parse()?);
    if !input.peek(Token![->]) {
        return Err(input.error("expected `-> f32`: a gradient is that of a number"));
    }
    let _: Token![->] = input.parse()?;
    let result: Type = input.parse()?;
    let number = element(&result);
    if number.is_none() {
        let message =
            "a gradient is that of a number: expected `f32` or `f64`; reduce the result by `.sum()` or `.mean()`";
        errors.on(&result, message);
    }
    let scalar = number.is_some();
    let number = number.unwrap_or_else(|| quote!(f32));
    let body: TokenTree = match input.parse()? {
        TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace => group.into(),
        other => return Err(syn::Error::new(other.span(), format!("expected a block: {FORM}"))),
    };
    if !input.is_empty() {
        let message = "expected nothing after the function: one function for each `gradient!`";
        let rest: TokenStream = input.parse()?;
        errors.on(rest, message);
    }
    let mut parameters = Vec::new();
    let mut all = true;
    for (list, active) in [(wanted, true), (data, false)] {
        for (part, comma) in split_commas(list) {
            if part.is_empty() {
                errors.on(comma, "expected a parameter before this `,`");
                continue;
            }
            let read = |input: ParseStream<'_>| parameter(input, active, &number);
            let parameter = errors.take(read.parse2(part));
            all &= parameter.is_some();
            parameters.extend(parameter);
        }
    }
    for (i, parameter) in parameters.iter().enumerate() {
        if parameters[..i].iter().any(|before: &Parameter| before.name == parameter.name) {
            errors.at(parameter.name.span(), format!("two parameters are named `{}`", parameter.name));
        }
    }
    if all && !parameters.iter().any(|parameter| parameter.active) {
        let message = format!("expected parameters before the `;`, whose gradients are asked for: {FORM}");
        errors.at(parens.span.join(), message);
    }
    let block = errors.take(syn::parse2(body.into()));
    let function = Function { attrs, vis, name, parameters, number, scalar, block };
    Ok(all.then_some(function))
}

/// What stands before and after the `;`.
fn halves(list: TokenStream) -> (TokenStream, TokenStream) {
    let mut halves = [Vec::new(), Vec::new()];
    let mut second = false;
    for token in list {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ';' && !second => second = true,
            _ => halves[usize::from(second)].push(token),
        }
    }
    let [wanted, data] = halves.map(|half| half.into_iter().collect());
    (wanted, data)
}

fn parameter(input: ParseStream<'_>, active: bool, number: &TokenStream) -> syn::Result<Parameter> {
    if input.peek(Token![mut]) {
        return Err(input.error("parameters are not changed: write `let mut` in the function"));
    }
    let name: Ident = input.parse()?;
    if !input.peek(Token![:]) {
        return Err(syn::Error::new(name.span(), format!("expected the type of `{name}`: `{name}: [{number}; 3]`")));
    }
    let _: Token![:] = input.parse()?;
    let kind: Type = input.parse()?;
    if !input.is_empty() {
        return Err(input.error("expected `,` before the next parameter"));
    }
    let (shape, inner) = array(&kind);
    if let Type::Reference(reference) = inner {
        let message =
            format!("parameters are written by value: `{name}: {}`", quote!(#reference).to_string().replace("& ", ""));
        return Err(syn::Error::new_spanned(&kind, message));
    }
    match element(inner) {
        Some(found) if found.to_string() == number.to_string() => {}
        Some(found) => {
            let message = format!("all numbers are of one type: the result is `{number}`, this is `{found}`");
            return Err(syn::Error::new_spanned(inner, message));
        }
        None => {
            let message = format!("expected `{number}` or an array of it, such as `[[{number}; 3]; 4]`");
            return Err(syn::Error::new_spanned(inner, message));
        }
    }
    Ok(Parameter { name, shape, kind: kind.clone(), active })
}

/// The shape of a nested array type, and what its elements are.
pub fn array(kind: &Type) -> (Shape, &Type) {
    let mut dims = Vec::new();
    let mut inner = kind;
    loop {
        match inner {
            Type::Array(array) => {
                dims.push(Dim::new(&array.len));
                inner = &array.elem;
            }
            Type::Paren(paren) => inner = &paren.elem,
            Type::Group(group) => inner = &group.elem,
            _ => return (Shape(dims), inner),
        }
    }
}

/// `f32` or `f64`.
#[must_use]
pub fn element(kind: &Type) -> Option<TokenStream> {
    match kind {
        Type::Path(path) if path.path.is_ident("f32") => Some(quote!(f32)),
        Type::Path(path) if path.path.is_ident("f64") => Some(quote!(f64)),
        _ => None,
    }
}
