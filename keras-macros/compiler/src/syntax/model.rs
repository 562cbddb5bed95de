//! The forms of `model!`.
//!
//! ```text
//! model  := attrs vis "struct" Ident "(" inputs ")" block           an item
//!         | "|" inputs "|" (block | value)                          an expression
//! inputs := (Ident ":" shape),*
//! shape  := "[" expr,* "]" | nested array type                      [28, 28] or [[f32; 28]; 28]
//! block  := "{" ("let" pattern "=" (layer | value) ";")* (value | "(" value,* ")") "}"
//! value  := Ident | layer "(" value,* ")" | value "+" value | "(" value ")"
//! layer  := Ident | path "!"? ("(" argument,* ")")?
//! ```
//!
//! A layer that is bound to a name shares its weights between its calls.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, BinOp, Block, Expr, Pat, Stmt, Token, Type, Visibility};

use super::call::argument;
use super::{Argument, Call, Form, Input, Model, Node, split_crate};
use crate::Errors;
use crate::errors::suggestion;

/// What stands for a value whose mistake was already told.
const POISON: usize = usize::MAX;

/// Parses the tokens of `model! { … }`: the facade's path and the model. Nothing if there is no model to speak of.
pub fn parse(tokens: TokenStream, errors: &mut Errors) -> Option<(TokenStream, Model)> {
    let (krate, tokens) = split_crate(tokens);
    let (form, inputs, block) = match head.parse2(tokens) {
        Ok(parts) => parts,
        Err(error) => {
            errors.push(error);
            return None;
        }
    };
    let inputs: Vec<Input> = inputs.into_iter().collect();
    if inputs.is_empty() {
        errors.at(Span::call_site(), "a model needs at least one input: `(x: [784])`");
        return None;
    }
    let mut reader = Reader {
        errors,
        names: HashMap::new(),
        layers: Vec::new(),
        calls: Vec::new(),
        next: inputs.len(),
        used: vec![false; inputs.len()],
    };
    for (i, input) in inputs.iter().enumerate() {
        if let Some(name) = &input.name
            && reader.names.insert(name.to_string(), Meaning::Value(i)).is_some()
        {
            reader.errors.at(name.span(), format!("two inputs are named `{name}`"));
        }
    }
    let outputs = reader.block(&block);
    for (input, used) in inputs.iter().zip(&reader.used) {
        if let (Some(name), false, true) = (&input.name, used, reader.errors.is_empty()) {
            reader.errors.at(name.span(), format!("the input `{name}` is not used; leave it out or use it"));
        }
    }
    let (layers, calls) = (reader.layers, reader.calls);
    Some((krate, Model { form, inputs, calls, outputs, sequential: false, layers }))
}

fn head(input: ParseStream<'_>) -> syn::Result<(Form, Vec<Input>, Block)> {
    if input.peek(Token![|]) {
        let _: Token![|] = input.parse()?;
        let mut inputs = Vec::new();
        while !input.peek(Token![|]) {
            inputs.push(input.call(one_input)?);
            if !input.peek(Token![|]) {
                let _: Token![,] = input.parse()?;
            }
        }
        let _: Token![|] = input.parse()?;
        let block = if input.peek(syn::token::Brace) && input.peek2(syn::parse::End) {
            input.parse()?
        } else {
            let value: Expr = input.parse()?;
            syn::parse_quote!({ #value })
        };
        return Ok((Form::Expression, inputs, block));
    }
    let attrs = input.call(Attribute::parse_outer)?;
    let vis: Visibility = input.parse()?;
    if !input.peek(Token![struct]) {
        return Err(input.error("expected `struct Name(input: [784]) { … }` or `|input: [784]| { … }`"));
    }
    let _: Token![struct] = input.parse()?;
    let name: Ident = input.parse()?;
    let content;
    syn::parenthesized!(content in input);
    let inputs = Punctuated::<_, Token![,]>::parse_terminated_with(&content, one_input)?;
    if input.peek(Token![->]) {
        let _: Token![->] = input.parse()?;
        let _ = Punctuated::<Type, Token![,]>::parse_separated_nonempty(input)?;
    }
    Ok((Form::Item { attrs, vis, name }, inputs.into_iter().collect(), input.parse()?))
}

/// `x: [28, 28]`, or `x: [[u32; 28]; 28]`.
fn one_input(input: ParseStream<'_>) -> syn::Result<Input> {
    let name: Ident = input.parse()?;
    let _: Token![:] = input.parse()?;
    let fork = input.fork();
    if let Ok(kind @ Type::Array(_)) = fork.parse::<Type>() {
        let _: Type = input.parse()?;
        let (dims, dtype) = array(&kind)?;
        return Ok(Input { span: name.span(), name: Some(name), dims, dtype: Some(dtype) });
    }
    let content;
    syn::bracketed!(content in input);
    let dims: Vec<Expr> = content.parse_terminated(Expr::parse, Token![,])?.into_iter().collect();
    if dims.is_empty() {
        return Err(syn::Error::new(name.span(), "an input needs at least one dimension: `x: [784]`"));
    }
    Ok(Input { span: name.span(), name: Some(name), dims, dtype: None })
}

fn array(kind: &Type) -> syn::Result<(Vec<Expr>, Ident)> {
    match kind {
        Type::Array(outer) => {
            let (mut dims, dtype) = array(&outer.elem)?;
            dims.insert(0, outer.len.clone());
            Ok((dims, dtype))
        }
        other => crate::layers::words::dtype(&syn::parse2(other.to_token_stream())?).map(|dtype| (Vec::new(), dtype)),
    }
}

#[derive(Clone, Copy)]
enum Meaning {
    Value(usize),
    Layer(usize),
}

struct Reader<'a> {
    errors: &'a mut Errors,
    names: HashMap<String, Meaning>,
    layers: Vec<Call>,
    calls: Vec<Node>,
    next: usize,
    used: Vec<bool>,
}

impl Reader<'_> {
    fn block(&mut self, block: &Block) -> Vec<usize> {
        let Some((last, before)) = block.stmts.split_last() else {
            self.errors.on(block, "a model needs an output: end the block with a value or a tuple of values");
            return Vec::new();
        };
        for statement in before {
            self.statement(statement);
        }
        match last {
            Stmt::Expr(Expr::Tuple(tuple), None) if !tuple.elems.is_empty() => {
                tuple.elems.iter().map(|value| self.value(value)).collect()
            }
            Stmt::Expr(value, None) => vec![self.value(value)],
            other => {
                self.statement(other);
                self.errors.on(other, "a model needs an output: end the block with a value or a tuple of values");
                Vec::new()
            }
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        let Stmt::Local(local) = statement else {
            self.errors.on(statement, "expected `let name = …;`: a model is made of layers and their calls");
            return;
        };
        let Some(init) = &local.init else {
            self.errors.on(local, "expected a layer or a value: `let h = Dense(64)(x);`");
            return;
        };
        if let Some((_, diverge)) = &init.diverge {
            self.errors.on(diverge, "a model has no `else`");
        }
        match &local.pat {
            Pat::Tuple(tuple) => {
                let first = self.results(&init.expr, tuple.elems.len());
                for (i, pat) in tuple.elems.iter().enumerate() {
                    let value = if first == POISON { POISON } else { first + i };
                    self.bind(pat, Meaning::Value(value));
                }
            }
            pat => {
                let meaning = match self.layer(&init.expr) {
                    Some(layer) => Meaning::Layer(layer),
                    None => Meaning::Value(self.value(&init.expr)),
                };
                self.bind(pat, meaning);
            }
        }
    }

    fn bind(&mut self, pat: &Pat, meaning: Meaning) {
        match pat {
            Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
                self.names.insert(name.ident.to_string(), meaning);
            }
            Pat::Wild(_) => {}
            other => self.errors.on(other, "expected a name"),
        }
    }

    /// The layer that an expression makes or names; nothing if it is a value.
    fn layer(&mut self, expr: &Expr) -> Option<usize> {
        match expr {
            Expr::Paren(paren) => self.layer(&paren.expr),
            Expr::Group(group) => self.layer(&group.expr),
            Expr::Path(path) => match path.path.get_ident().and_then(|name| self.names.get(&name.to_string())) {
                Some(Meaning::Layer(layer)) => Some(*layer),
                Some(Meaning::Value(_)) => None,
                // A word that no `let` has bound names a layer if it begins like one.
                None => {
                    let name = path.path.segments.last()?.ident.to_string();
                    let named = path.path.segments.len() > 1 || name.starts_with(char::is_uppercase);
                    named.then(|| self.make(expr))
                }
            },
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) => {
                    let bound = path.path.get_ident().is_some_and(|name| self.names.contains_key(&name.to_string()));
                    (!bound).then(|| self.make(expr))
                }
                _ => None,
            },
            Expr::Macro(_) => Some(self.make(expr)),
            _ => None,
        }
    }

    fn make(&mut self, expr: &Expr) -> usize {
        match Call::from_expr(expr) {
            Ok(call) => {
                self.layers.push(call);
                self.layers.len() - 1
            }
            Err(error) => {
                self.errors.push(error);
                POISON
            }
        }
    }

    fn value(&mut self, expr: &Expr) -> usize {
        self.results(expr, 1)
    }

    /// The first of the results of an expression.
    fn results(&mut self, expr: &Expr, results: usize) -> usize {
        match expr {
            Expr::Paren(paren) => self.results(&paren.expr, results),
            Expr::Group(group) => self.results(&group.expr, results),
            Expr::Path(path) if results == 1 && path.path.get_ident().is_some() => self.named(path),
            Expr::Binary(binary) if matches!(binary.op, BinOp::Add(_)) && results == 1 => {
                let mut terms = Vec::new();
                self.terms(expr, &mut terms);
                self.layers.push(Call {
                    callee: super::Callee::Word(Ident::new("Add", binary.op.span())),
                    args: Vec::new(),
                    tokens: expr.to_token_stream(),
                });
                self.apply(self.layers.len() - 1, terms, Vec::new(), 1, expr.span())
            }
            Expr::Binary(binary) => {
                let message = "only `+` is defined on values; use a layer, such as `Concatenate()(a, b)`";
                self.errors.on(binary.op, message);
                POISON
            }
            Expr::Call(call) => {
                if let Some(layer) = self.layer(expr) {
                    let name = self.layers.get(layer).map_or_else(String::new, |call| call.tokens.to_string());
                    self.errors.on(expr, format!("`{name}` is a layer, not a value: call it, `{name}(x)`"));
                    return POISON;
                }
                let Some(layer) = self.layer(&call.func) else {
                    self.errors.on(&call.func, "expected a layer before these arguments");
                    return POISON;
                };
                let (mut args, mut keywords) = (Vec::new(), Vec::new());
                for arg in &call.args {
                    match argument(arg) {
                        Ok(Argument { keyword: None, value: Expr::Array(list) }) => {
                            args.extend(list.elems.iter().map(|value| self.value(value)));
                        }
                        Ok(Argument { keyword: None, value }) => args.push(self.value(&value)),
                        Ok(keyword) => keywords.push(keyword),
                        Err(error) => self.errors.push(error),
                    }
                }
                if layer == POISON { POISON } else { self.apply(layer, args, keywords, results, call.span()) }
            }
            other => {
                self.errors.on(other, "expected a value: an input, or a layer's call such as `Dense(64)(x)`");
                POISON
            }
        }
    }

    fn named(&mut self, path: &syn::ExprPath) -> usize {
        let name = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match self.names.get(&name) {
            Some(&Meaning::Value(value)) => {
                if let Some(used) = self.used.get_mut(value) {
                    *used = true;
                }
                value
            }
            Some(Meaning::Layer(_)) => {
                self.errors.on(path, format!("`{name}` is a layer, not a value: call it, `{name}(x)`"));
                POISON
            }
            None => {
                let near = suggestion(&name, self.names.keys().map(String::as_str));
                self.errors.on(path, format!("there is no value `{name}` here{near}"));
                POISON
            }
        }
    }

    /// The terms of a sum, which is one `Add`.
    fn terms(&mut self, expr: &Expr, terms: &mut Vec<usize>) {
        match expr {
            Expr::Binary(binary) if matches!(binary.op, BinOp::Add(_)) => {
                self.terms(&binary.left, terms);
                terms.push(self.value(&binary.right));
            }
            other => terms.push(self.value(other)),
        }
    }

    fn apply(&mut self, layer: usize, args: Vec<usize>, keywords: Vec<Argument>, results: usize, span: Span) -> usize {
        self.calls.push(Node { layer, args, keywords, results, span });
        self.next += results;
        self.next - results
    }
}
