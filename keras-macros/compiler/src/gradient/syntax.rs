//! The functions: `attrs vis fn name<const N: usize>(parameters; data) -> f32 { … }`, one or several.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Block, GenericParam, Generics, Token, Type, Visibility};

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
    /// The sizes that it is generic over.
    pub generics: Vec<Ident>,
    /// Its parameters; those whose gradients are asked for stand first.
    pub parameters: Vec<Parameter>,
    /// The kind of number that it is about: `f32` or `f64`.
    pub number: TokenStream,
    /// Whether the result's type is that of a number; if not, that was told.
    pub scalar: bool,
    /// Its block; nothing after a mistake in it.
    pub block: Option<Block>,
}

/// All functions of one `gradient!`.
#[derive(Debug, Default)]
pub struct Source {
    /// Those whose signatures could be read.
    pub functions: Vec<Function>,
    /// The names of all, those with mistakes in their signatures as well.
    pub names: Vec<Ident>,
    /// Whether reading stopped at a mistake: then there may be more functions than are known.
    pub cut: bool,
    /// The names of those that call themselves, which was told.
    pub circles: Vec<Ident>,
}

impl Source {
    /// The function of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }
}

const FORM: &str = "`fn loss(w: [f32; 3]; x: [f32; 3]) -> f32 { … }`";

/// Parses them.
pub fn parse(tokens: TokenStream, errors: &mut Errors) -> Source {
    let mut source = Source::default();
    let read = |input: ParseStream<'_>| {
        loop {
            let function = function(input, &mut source.names, errors)?;
            source.functions.extend(function);
            if input.is_empty() {
                return Ok(());
            }
        }
    };
    if let Err(error) = read.parse2(tokens) {
        errors.push(error);
        source.cut = true;
    }
    for (i, name) in source.names.iter().enumerate() {
        if source.names[..i].contains(name) {
            errors.at(name.span(), format!("two functions are named `{name}`"));
        }
        if let Some(of) = source.names.iter().find(|of| *name == format!("{of}_grad")) {
            errors.at(name.span(), format!("`{name}` is the name of the gradient of `{of}`: choose another one"));
        }
    }
    source
}

fn function(input: ParseStream<'_>, functions: &mut Vec<Ident>, errors: &mut Errors) -> syn::Result<Option<Function>> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis: Visibility = input.parse()?;
    if !input.peek(Token![fn]) {
        return Err(input.error(format!("expected a function: {FORM}")));
    }
    let _: Token![fn] = input.parse()?;
    let name: Ident = input.parse()?;
    functions.push(name.clone());
    let generics = sizes(input.parse()?)?;
    let content;
    let parens = syn::parenthesized!(content in input);
    let (wanted, data) = halves(content.parse()?);
    if !input.peek(Token![->]) {
        return Err(input.error("expected `-> f32`: a gradient is that of a number"));
    }
    let _: Token![->] = input.parse()?;
    let result: Type = input.parse()?;
    let scalar = element(&result).is_some();
    if !scalar {
        let message =
            "a gradient is that of a number: expected `f32` or `f64`; reduce the result by `.sum()` or `.mean()`";
        errors.on(&result, message);
    }
    // Of what the result should be, nothing is told twice.
    let known = element(array(&result).1);
    let readable = known.is_some();
    let number = known.unwrap_or_else(|| quote!(f32));
    let body: TokenTree = match input.parse() {
        Ok(TokenTree::Group(group)) if group.delimiter() == proc_macro2::Delimiter::Brace => group.into(),
        Ok(other) => return Err(syn::Error::new(other.span(), format!("expected a block: {FORM}"))),
        Err(error) => return Err(syn::Error::new(error.span(), format!("expected a block: {FORM}"))),
    };
    let mut parameters = Vec::new();
    let mut all = true;
    for (list, active) in [(wanted, true), (data, false)] {
        for (part, comma) in split_commas(list) {
            if part.is_empty() {
                errors.on(comma, "expected a parameter before this `,`");
                continue;
            }
            let number = readable.then_some(&number);
            let read = |input: ParseStream<'_>| parameter(input, active, number, &generics);
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
    let block = errors.take(syn::parse2(body.into())).filter(|_| readable);
    let function = Function { attrs, vis, name, generics, parameters, number, scalar, block };
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

/// The sizes that a function is generic over.
fn sizes(generics: Generics) -> syn::Result<Vec<Ident>> {
    let message = "`gradient!` is generic over sizes only, `fn f<const N: usize>(x: [f32; N]) -> f32`; numbers are `f32` or `f64`";
    generics
        .params
        .into_iter()
        .map(|param| match param {
            GenericParam::Const(size) if matches!(&size.ty, Type::Path(path) if path.path.is_ident("usize")) => {
                match &size.default {
                    None => Ok(size.ident),
                    Some((_, default)) => Err(syn::Error::new_spanned(default, "a size of a function has no default")),
                }
            }
            other => Err(syn::Error::new_spanned(other, message)),
        })
        .collect()
}

fn parameter(
    input: ParseStream<'_>,
    active: bool,
    number: Option<&TokenStream>,
    generics: &[Ident],
) -> syn::Result<Parameter> {
    let expected = number.cloned().unwrap_or_else(|| quote!(f32));
    if input.peek(Token![self]) || (input.peek(Token![&]) && (input.peek2(Token![self]) || input.peek2(Token![mut]))) {
        return Err(input.error("a function of `gradient!` has no `self`: its parameters are numbers and arrays"));
    }
    if input.peek(Token![mut]) {
        return Err(input.error("parameters are not changed: write `let mut` in the function"));
    }
    let name: Ident = input.parse()?;
    if !input.peek(Token![:]) {
        return Err(syn::Error::new(name.span(), format!("expected the type of `{name}`: `{name}: [{expected}; 3]`")));
    }
    let _: Token![:] = input.parse()?;
    let kind: Type = input.parse()?;
    if !input.is_empty() {
        return Err(input.error("expected `,` before the next parameter"));
    }
    let (shape, inner) = array(&kind);
    let behind = if let Type::Reference(reference) = inner { &*reference.elem } else { inner };
    if let Type::Slice(_) = behind {
        let message = format!("sizes must be known: `{name}: [{expected}; 3]`");
        return Err(syn::Error::new_spanned(&kind, message));
    }
    if let Type::Reference(reference) = inner {
        let message =
            format!("parameters are written by value: `{name}: {}`", quote!(#reference).to_string().replace("& ", ""));
        return Err(syn::Error::new_spanned(&kind, message));
    }
    if let Some(message) = shape.0.iter().find_map(|dim| super::index::computed(dim, generics)) {
        return Err(syn::Error::new_spanned(&kind, message));
    }
    match element(inner) {
        Some(found) if number.is_none_or(|number| found.to_string() == number.to_string()) => {}
        Some(found) => {
            let message = format!("all numbers are of one type: the result is `{expected}`, this is `{found}`");
            return Err(syn::Error::new_spanned(inner, message));
        }
        None => {
            let whole = matches!(inner, Type::Path(path) if INTEGERS.iter().any(|name| path.path.is_ident(name)));
            let mut message = format!("expected `{expected}` or an array of it, such as `[[{expected}; 3]; 4]`");
            if whole {
                message += "; whole numbers have no gradient: write a const, or a size, `fn f<const N: usize>(…)`";
            }
            return Err(syn::Error::new_spanned(inner, message));
        }
    }
    Ok(Parameter { name, shape, kind: kind.clone(), active })
}

const INTEGERS: &[&str] = &["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];

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
