//! The forms of `sequential!`.
//!
//! ```text
//! sequential := attrs vis ("struct" | "type") Ident "="? layers ";"?      an item
//!             | layers                                                    an expression
//! layers     := "<" chain ">" | chain
//! chain      := ("Input" "(" dims ("," "dtype" "=" word)? ")" ",")? layer ("," layer)* ","?
//! layer      := path "!"? ("(" argument,* ")")?
//! ```

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Ident, Token, Visibility};

use super::{Call, Callee, Form, Input, Model, Node, split_commas, split_crate};
use crate::Errors;

/// Parses the tokens of `sequential! { … }`: the facade's path and the model. Nothing if there is no model to speak of.
pub fn parse(tokens: TokenStream, errors: &mut Errors) -> Option<(TokenStream, Model)> {
    let (krate, tokens) = split_crate(tokens);
    let (form, list) = match head.parse2(tokens) {
        Ok(parts) => parts,
        Err(error) => {
            errors.push(error);
            return None;
        }
    };
    let list = unwrap_angles(list, errors);
    let whole = list.clone();
    let mut calls: Vec<Call> = Vec::new();
    for part in split_commas(list) {
        if part.is_empty() {
            errors.at(Span::call_site(), "expected a layer between two commas");
            continue;
        }
        match syn::parse2::<Call>(part) {
            Ok(call) => calls.push(call),
            Err(error) => errors.push(error),
        }
    }
    if calls.is_empty() {
        if errors.is_empty() {
            errors.on(whole, "a model needs at least one layer: `sequential!(Input(784), Dense(10, softmax))`");
        }
        return None;
    }
    let inputs = match calls.first() {
        Some(Call { callee: Callee::Word(word), .. }) if word == "Input" => {
            let call = calls.remove(0);
            input(&call, errors).into_iter().collect()
        }
        _ => Vec::new(),
    };
    for call in &calls {
        if matches!(&call.callee, Callee::Word(word) if word == "Input") {
            errors.at(call.span(), "`Input` can only be the first of a chain; `model!` takes several inputs");
        }
    }
    calls.retain(|call| !matches!(&call.callee, Callee::Word(word) if word == "Input"));
    let nodes = calls
        .iter()
        .enumerate()
        .map(|(layer, call)| Node { layer, args: vec![layer], keywords: Vec::new(), results: 1, span: call.span() })
        .collect::<Vec<_>>();
    let outputs = vec![nodes.len()];
    Some((krate, Model { form, inputs, calls: nodes, outputs, sequential: true, layers: calls }))
}

/// What stands before the list of layers, and the list.
fn head(input: ParseStream<'_>) -> syn::Result<(Form, TokenStream)> {
    let fork = input.fork();
    let _ = fork.call(Attribute::parse_outer)?;
    let _: Visibility = fork.parse()?;
    if !(fork.peek(Token![struct]) || fork.peek(Token![type])) {
        return Ok((Form::Expression, input.parse()?));
    }
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    let _: TokenTree = input.parse()?;
    let name = input.parse()?;
    let _: Option<Token![=]> = input.parse()?;
    let mut list = Vec::new();
    while !input.is_empty() {
        if input.peek(Token![;]) {
            let _: Token![;] = input.parse()?;
            if !input.is_empty() {
                return Err(input.error("expected nothing after `;`: one model for each `sequential!`"));
            }
            break;
        }
        list.push(input.parse::<TokenTree>()?);
    }
    Ok((Form::Item { attrs, vis, name }, list.into_iter().collect()))
}

/// The list without its angle brackets.
fn unwrap_angles(list: TokenStream, errors: &mut Errors) -> TokenStream {
    let mut tokens: Vec<TokenTree> = list.into_iter().collect();
    let is = |token: Option<&TokenTree>, mark| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == mark);
    if !is(tokens.first(), '<') {
        return tokens.into_iter().collect();
    }
    let open = tokens.remove(0);
    if is(tokens.last(), '>') {
        tokens.pop();
    } else {
        errors.at(open.span(), "this `<` is not closed: expected `>` after the last layer");
    }
    tokens.into_iter().collect()
}

/// `Input(784)`, `Input((28, 28))`, `Input(28, 28)`, `Input(16, dtype = u32)`.
fn input(call: &Call, errors: &mut Errors) -> Option<Input> {
    let mut dims: Vec<Expr> = Vec::new();
    let mut dtype = None;
    for argument in &call.args {
        match &argument.keyword {
            None => dims.extend(dims_of(&argument.value)),
            Some(word) if word == "shape" => dims.extend(dims_of(&argument.value)),
            Some(word) if word == "dtype" => match crate::layers::words::dtype(&argument.value) {
                Ok(word) => dtype = Some(word),
                Err(error) => errors.push(error),
            },
            Some(word) => {
                let near = crate::errors::suggestion(&word.to_string(), ["shape", "dtype"]);
                errors.at(word.span(), format!("`Input` has no argument `{word}`{near}\navailable: shape, dtype"));
            }
        }
    }
    if dims.is_empty() {
        errors.on(
            &call.tokens,
            "`Input` needs the shape of one sample, without the batch: `Input(784)`, `Input((28, 28))`",
        );
        return None;
    }
    Some(Input { name: None, dims, dtype, span: call.span() })
}

/// The dimensions in `784`, `(28, 28)` or `[28, 28]`.
pub(super) fn dims_of(expr: &Expr) -> Vec<Expr> {
    match expr {
        Expr::Tuple(tuple) => tuple.elems.iter().cloned().collect(),
        Expr::Array(array) => array.elems.iter().cloned().collect(),
        Expr::Paren(paren) => dims_of(&paren.expr),
        other => vec![other.clone()],
    }
}

/// The name of a model that has none, from what it stands for.
#[must_use]
pub fn anonymous(sequential: bool) -> Ident {
    Ident::new(if sequential { "Sequential" } else { "Functional" }, Span::call_site())
}

impl Model {
    /// The name of the struct.
    #[must_use]
    pub fn name(&self) -> Ident {
        match &self.form {
            Form::Item { name, .. } => name.clone(),
            Form::Expression => anonymous(self.sequential),
        }
    }

    /// Its visibility.
    #[must_use]
    pub fn vis(&self) -> TokenStream {
        match &self.form {
            Form::Item { vis, .. } => vis.to_token_stream(),
            Form::Expression => TokenStream::new(),
        }
    }
}
