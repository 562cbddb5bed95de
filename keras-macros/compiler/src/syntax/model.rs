//! The forms of `model!`.
//!
//! ```text
//! model  := attrs vis "struct" Ident "(" inputs ")" block           an item
//!         | dtype? "|" inputs "|" (block | value)                   an expression
//! dtype  := "#[" "dtype" "=" word "]"                               among the attributes of an item
//! inputs := (Ident ":" shape),*
//! shape  := "[" expr,* "]" | nested array type                      [28, 28] or [[f32; 28]; 28]
//! block  := "{" ("let" pattern "=" (layer | value) ";")* (value | "(" value,* ")") "}"
//! value  := Ident | layer "(" value,* ")" | value "+" value | "(" value ")"
//! layer  := Ident | path "!"? ("(" argument,* ")")?
//! ```
//!
//! A layer that is bound to a name shares its weights between its calls.

mod read;

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Block, Expr, Stmt, Token, Type, Visibility};

use super::sequential::{attributes, dtype};
use super::{Form, Input, Model, POISON, split_commas};
use crate::Errors;
pub(super) use read::Reader;

/// Parses the tokens of `model! { … }`. Nothing if there is no model to speak of.
pub fn parse(tokens: TokenStream, errors: &mut Errors) -> Option<Model> {
    let read = |input: ParseStream<'_>| head(input, errors);
    let Head { form, inputs, block, dtype } = match read.parse2(tokens) {
        Ok(head) => head,
        Err(error) => {
            errors.push(error);
            return None;
        }
    };
    let (Some(inputs), Some(block)) = (inputs, block) else {
        let input = Input { name: None, dims: Vec::new(), dtype: None, span: Span::call_site() };
        let (calls, layers, outputs) = (Vec::new(), Vec::new(), vec![POISON]);
        return Some(Model { form, inputs: vec![input], calls, outputs, dtype, sequential: false, layers });
    };
    let (layers, calls, outputs) = Reader::read(&inputs, &block, errors);
    Some(Model { form, inputs, calls, outputs, dtype, sequential: false, layers })
}

/// The form, the inputs and the block, for whoever wants no more than their words.
pub(crate) fn graph(tokens: TokenStream, errors: &mut Errors) -> Option<(Form, Vec<Input>, Block)> {
    let read = |input: ParseStream<'_>| head(input, errors);
    let Head { form, inputs, block, .. } = read.parse2(tokens).ok()?;
    Some((form, inputs.unwrap_or_default(), block?))
}

struct Head {
    form: Form,
    /// Nothing if a mistake in them was told.
    inputs: Option<Vec<Input>>,
    /// Nothing if a mistake in it was told.
    block: Option<Block>,
    /// [`Model::dtype`].
    dtype: Option<Expr>,
}

fn head(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Head> {
    let mut attrs = input.call(Attribute::parse_outer)?;
    let dtype = dtype(&mut attrs, errors);
    if attrs.is_empty() && input.peek(Token![|]) {
        let bar: Token![|] = input.parse()?;
        let mut list = Vec::new();
        while !input.is_empty() && !input.peek(Token![|]) {
            list.push(input.parse::<TokenTree>()?);
        }
        if input.is_empty() {
            return Err(syn::Error::new(bar.spans[0], "this `|` is not closed: `|x: [784]| Dense(10, softmax)(x)`"));
        }
        let _: Token![|] = input.parse()?;
        let inputs = inputs(list.into_iter().collect(), errors);
        let block = if input.peek(syn::token::Brace) && input.peek2(syn::parse::End) {
            input.parse()
        } else {
            input
                .parse()
                .map(|value| Block { brace_token: syn::token::Brace::default(), stmts: vec![Stmt::Expr(value, None)] })
        };
        return Ok(Head { form: Form::Expression, inputs, block: errors.take(block), dtype });
    }
    let vis: Visibility = input.parse()?;
    if !input.peek(Token![struct]) {
        return Err(input.error("expected `struct Name(input: [784]) { … }` or `|input: [784]| { … }`"));
    }
    let _: Token![struct] = input.parse()?;
    let name: Ident = input.parse()?;
    attributes(&attrs, errors);
    let body = errors.take(body(input, &name));
    let _: TokenStream = input.parse()?;
    let (inputs, block) = match body {
        Some((list, block)) => (inputs(list, errors), errors.take(syn::parse2(block))),
        None => (None, None),
    };
    Ok(Head { form: Form::Item { attrs, vis, name }, inputs, block, dtype })
}

/// What stands after the name: the inputs, and the block.
fn body(input: ParseStream<'_>, name: &Ident) -> syn::Result<(TokenStream, TokenStream)> {
    let group = |delimiter: Delimiter, expected: &str| {
        let message = format!("expected {expected}: `struct {name}(x: [784]) {{ Dense(10, softmax)(x) }}`");
        input.step(|cursor| match cursor.token_tree() {
            Some((TokenTree::Group(group), rest)) if group.delimiter() == delimiter => Ok((group, rest)),
            _ => Err(cursor.error(message)),
        })
    };
    let inputs = group(Delimiter::Parenthesis, "the inputs in parentheses")?;
    if input.peek(Token![->]) {
        return Err(input.error("the shapes of the outputs are worked out: leave out `->`"));
    }
    let block = group(Delimiter::Brace, "a block")?;
    if !input.is_empty() {
        return Err(input.error("expected nothing after the block: one model for each `model!`"));
    }
    Ok((inputs.stream(), TokenTree::Group(block).into()))
}

/// The inputs. Nothing if the name of one cannot be read.
fn inputs(list: TokenStream, errors: &mut Errors) -> Option<Vec<Input>> {
    let mut inputs = Vec::new();
    let mut all = true;
    for (part, comma) in split_commas(list) {
        if part.is_empty() {
            errors.on(comma, "expected an input before this `,`");
            continue;
        }
        let read = |input: ParseStream<'_>| one_input(input, errors);
        let input = read.parse2(part);
        let input = errors.take(input);
        all &= input.is_some();
        inputs.extend(input);
    }
    if all && inputs.is_empty() {
        errors.at(Span::call_site(), "a model needs at least one input: `(x: [784])`");
    }
    (all && !inputs.is_empty()).then_some(inputs)
}

/// `x: [28, 28]`, or `x: [[u32; 28]; 28]`.
fn one_input(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Input> {
    let name: Ident = input.parse()?;
    let shape = if input.is_empty() { Err(syn::Error::new(name.span(), EXPECTED)) } else { shape(input) };
    let told = shape.is_err();
    let (dims, dtype) = errors.take(shape).unwrap_or_default();
    if !told && !input.is_empty() {
        return Err(input.error("expected `,` before the next input"));
    }
    let _: TokenStream = input.parse()?;
    Ok(Input { span: name.span(), name: Some(name), dims, dtype })
}

const EXPECTED: &str = "expected the shape of one sample: `x: [784]`, or `x: [[f32; 28]; 28]`";

fn shape(input: ParseStream<'_>) -> syn::Result<(Vec<Expr>, Option<Ident>)> {
    if !input.peek(Token![:]) {
        return Err(input.error(EXPECTED));
    }
    let _: Token![:] = input.parse()?;
    let fork = input.fork();
    let (dims, dtype) = match fork.parse::<Type>() {
        Ok(kind) if is_array(&kind) => {
            let _: Type = input.parse()?;
            let (dims, dtype) = array(&kind)?;
            (dims, Some(dtype))
        }
        _ if !input.peek(syn::token::Bracket) => return Err(input.error(EXPECTED)),
        _ => {
            let content;
            let bracket = syn::bracketed!(content in input);
            let dims: Vec<Expr> = content.parse_terminated(Expr::parse, Token![,])?.into_iter().collect();
            if dims.is_empty() {
                let message = "an input needs at least one dimension: `x: [784]`";
                return Err(syn::Error::new(bracket.span.join(), message));
            }
            (dims, None)
        }
    };
    Ok((dims, dtype))
}

fn is_array(kind: &Type) -> bool {
    match kind {
        Type::Array(_) => true,
        Type::Group(group) => is_array(&group.elem),
        Type::Paren(paren) => is_array(&paren.elem),
        _ => false,
    }
}

fn array(kind: &Type) -> syn::Result<(Vec<Expr>, Ident)> {
    match kind {
        Type::Array(outer) => {
            let (mut dims, dtype) = array(&outer.elem)?;
            dims.insert(0, outer.len.clone());
            Ok((dims, dtype))
        }
        Type::Group(group) => array(&group.elem),
        Type::Paren(paren) => array(&paren.elem),
        other => crate::layers::words::dtype(&syn::parse2(other.to_token_stream())?).map(|dtype| (Vec::new(), dtype)),
    }
}
