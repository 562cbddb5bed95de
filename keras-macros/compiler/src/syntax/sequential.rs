//! The forms of `sequential!`.
//!
//! ```text
//! sequential := attrs vis ("struct" | "type") Ident "="? layers ";"?      an item
//!             | dtype? layers                                             an expression
//! dtype      := "#[" "dtype" "=" word "]"                                 among the attributes of an item
//! layers     := "<" chain ">" | chain
//! chain      := ("Input" "(" dims ("," "dtype" "=" word)? ")" ",")? layer ("," layer)* ","?
//! layer      := path "!"? ("(" argument,* ")")?
//! ```

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Ident, Meta, Token, Visibility};

use super::{Call, Callee, Form, Input, Model, Node, POISON, split_commas};
use crate::Errors;

/// Parses the tokens of `sequential! { … }`. Nothing if there is no model to speak of.
pub fn parse(tokens: TokenStream, errors: &mut Errors) -> Option<Model> {
    let read = |input: ParseStream<'_>| head(input, errors);
    let Head { form, list, dtype } = match read.parse2(tokens) {
        Ok(parts) => parts,
        Err(error) => {
            errors.push(error);
            return None;
        }
    };
    let list = unwrap_angles(list, errors);
    let whole = list.clone();
    let mut calls = chain_of(list, errors);
    let inputs = inputs(&mut calls, errors);
    for call in calls.iter().flatten().filter(|call| call.is("Input")) {
        errors.at(call.span(), "`Input` can only be the first of a chain; `model!` takes several inputs");
    }
    calls.retain(|call| !call.as_ref().is_some_and(|call| call.is("Input")));
    if calls.is_empty() && errors.is_empty() {
        let message = "a model needs at least one layer: `Input(784), Dense(10, softmax)`";
        match &form {
            Form::Item { name, .. } if whole.is_empty() => errors.at(name.span(), message),
            _ => errors.on(whole, message),
        }
    }
    let (layers, nodes, last) = linked(calls);
    Some(Model { form, inputs, calls: nodes, outputs: vec![last], dtype, sequential: true, layers })
}

/// The form and the layers, `Input` among them, for whoever wants no more than their words.
pub(crate) fn layers(tokens: TokenStream, errors: &mut Errors) -> Option<(Form, Vec<Call>)> {
    let read = |input: ParseStream<'_>| head(input, errors);
    let Head { form, list, .. } = read.parse2(tokens).ok()?;
    Some((form, chain(list, errors)))
}

/// The layers of a chain that are calls.
pub(crate) fn chain(list: TokenStream, errors: &mut Errors) -> Vec<Call> {
    chain_of(unwrap_angles(list, errors), errors).into_iter().flatten().collect()
}

/// The layers of a chain, their calls, each on the result of the one before, and the last result. Result 0 is the input.
pub(super) fn linked(calls: Vec<Option<Call>>) -> (Vec<Call>, Vec<Node>, usize) {
    let (mut layers, mut nodes, mut last) = (Vec::new(), Vec::new(), 0);
    for call in calls {
        let Some(call) = call else {
            last = POISON;
            continue;
        };
        let span = call.span();
        nodes.push(Node {
            layer: layers.len(),
            args: vec![last],
            keywords: Vec::new(),
            given: Vec::new(),
            results: 1,
            span,
        });
        layers.push(call);
        last = layers.len();
    }
    (layers, nodes, last)
}

/// The layers of a chain; nothing for one whose mistake was told.
pub(super) fn chain_of(list: TokenStream, errors: &mut Errors) -> Vec<Option<Call>> {
    let mut calls = Vec::new();
    for (part, comma) in split_commas(list) {
        if part.is_empty() {
            errors.on(comma, "expected a layer before this `,`");
        } else {
            calls.push(Call::read(part, errors));
        }
    }
    calls
}

/// Takes `Input` off the front. Nothing if the chain has none, and one without dimensions if a mistake hides what it has.
fn inputs(calls: &mut Vec<Option<Call>>, errors: &mut Errors) -> Vec<Input> {
    let unknown = || Input { name: None, dims: Vec::new(), dtype: None, span: Span::call_site() };
    let word = match calls.first() {
        Some(Some(Call { callee: Callee::Word(word), .. })) => word.clone(),
        Some(Some(_)) => return Vec::new(),
        Some(None) | None => return vec![unknown()],
    };
    if word != "Input" && crate::layers::suggested(&word.to_string()) != Some("Input") {
        return Vec::new();
    }
    let call = calls.remove(0);
    if word != "Input" {
        errors.at(word.span(), format!("unknown layer `{word}`; did you mean `Input`?"));
        return vec![unknown()];
    }
    vec![call.and_then(|call| input(&call, errors)).unwrap_or_else(unknown)]
}

/// What stands before the list of layers, and the list.
struct Head {
    form: Form,
    list: TokenStream,
    /// [`Model::dtype`].
    dtype: Option<Expr>,
}

fn head(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Head> {
    let mut attrs = input.call(Attribute::parse_outer)?;
    let dtype = dtype(&mut attrs, errors);
    let vis: Visibility = input.parse()?;
    if !(input.peek(Token![struct]) || input.peek(Token![type])) {
        let named = input.peek(Ident) && input.peek2(Token![<]) && !input.peek2(Token![<<]);
        return if named || !attrs.is_empty() || !matches!(vis, Visibility::Inherited) {
            Err(input.error("expected `struct Name< Input(…), … >;`"))
        } else {
            Ok(Head { form: Form::Expression, list: input.parse()?, dtype })
        };
    }
    let _: TokenTree = input.parse()?;
    let name: Ident = input.parse()?;
    attributes(&attrs, errors);
    let equals: Option<Token![=]> = input.parse()?;
    let listed = input.peek(Token![<]) || input.peek(Ident) || input.peek(Token![self]) || input.peek(Token![::]);
    if equals.is_none() && !listed {
        let message = format!("expected `<` and the layers: `struct {name}< Input(784), Dense(10, softmax) >;`");
        errors.push(input.error(message));
        let _: TokenStream = input.parse()?;
        return Ok(Head { form: Form::Item { attrs, vis, name }, list: TokenStream::new(), dtype });
    }
    let mut list = Vec::new();
    while !input.is_empty() {
        if input.peek(Token![;]) {
            let _: Token![;] = input.parse()?;
            if !input.is_empty() {
                errors.push(input.error("expected nothing after `;`: one model for each `sequential!`"));
                let _: TokenStream = input.parse()?;
            }
            break;
        }
        list.push(input.parse::<TokenTree>()?);
    }
    Ok(Head { form: Form::Item { attrs, vis, name }, list: list.into_iter().collect(), dtype })
}

/// Takes what the model's layers compute in, `#[dtype = "mixed_bfloat16"]`, out of the attributes.
pub(super) fn dtype(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Option<Expr> {
    let (own, others) = std::mem::take(attrs).into_iter().partition(|attr| attr.path().is_ident("dtype"));
    *attrs = others;
    let own: Vec<Attribute> = own;
    for again in own.iter().skip(1) {
        errors.on(again, "the model's `dtype` is given twice");
    }
    let first = own.into_iter().next()?;
    match first.meta {
        Meta::NameValue(given) => Some(given.value),
        other => {
            errors.on(&other, "the model's `dtype` is written `#[dtype = \"mixed_bfloat16\"]`");
            None
        }
    }
}

/// Refuses attributes that cannot be those of a model.
pub(super) fn attributes(attrs: &[Attribute], errors: &mut Errors) {
    for attr in attrs {
        if attr.path().is_ident("cfg") {
            errors.on(attr, "write `#[cfg(…)]` before the macro's call: it decides on the whole model");
        } else if attr.path().is_ident("repr") {
            errors.on(attr, "a model is `repr(C)` already, and cannot be laid out otherwise");
        }
    }
}

/// The list without its angle brackets.
pub(super) fn unwrap_angles(list: TokenStream, errors: &mut Errors) -> TokenStream {
    let mut tokens: Vec<TokenTree> = list.into_iter().collect();
    let mark = |token: &TokenTree| if let TokenTree::Punct(punct) = token { punct.as_char() } else { ' ' };
    let opened = tokens.first().map(mark) == Some('<');
    let (mut depth, mut before) = (0usize, ' ');
    for i in 0..tokens.len() {
        match mark(&tokens[i]) {
            '<' => depth += 1,
            '>' if before == '-' || before == '=' => {}
            '>' if depth == 0 => {
                errors.at(tokens[i].span(), "this `>` closes nothing: there is no `<` before the layers");
                tokens.truncate(i);
                break;
            }
            '>' => depth -= 1,
            _ => {}
        }
        if opened && depth == 0 {
            match tokens.get(i + 1) {
                Some(next) if mark(next) == '<' => {
                    errors.at(tokens[0].span(), "a model has no generic parameters; its layers stand in `<…>`");
                    return unwrap_angles(tokens.split_off(i + 1).into_iter().collect(), errors);
                }
                Some(next) => errors.at(next.span(), "expected nothing after the `>` that closes the model"),
                None => {}
            }
            tokens.truncate(i);
            tokens.remove(0);
            return tokens.into_iter().collect();
        }
        before = mark(&tokens[i]);
    }
    if opened {
        let open = tokens.remove(0);
        if depth > 0 {
            errors.at(open.span(), "this `<` is not closed: expected `>` after the last layer");
        }
    }
    tokens.into_iter().collect()
}

/// `Input(784)`, `Input((28, 28))`, `Input(28, 28)`, `Input(16, dtype = u32)`.
fn input(call: &Call, errors: &mut Errors) -> Option<Input> {
    let mut dims: Vec<Expr> = Vec::new();
    let (mut dtype, mut broken) = (None, call.broken);
    for argument in &call.args {
        match &argument.keyword {
            None => dims.extend(dims_of(&argument.value)),
            Some(word) if word == "shape" => dims.extend(dims_of(&argument.value)),
            Some(word) if word == "dtype" => {
                dtype = errors.take(crate::layers::words::dtype(&argument.value));
                broken |= dtype.is_none();
            }
            Some(word) if word == "batch_size" || word == "batch_shape" => {
                let message = "`Input` has no batch: a model takes batches of any size; give the shape of one sample";
                errors.at(word.span(), message);
                broken = true;
            }
            Some(word) => {
                let near = crate::errors::suggestion(&word.to_string(), ["shape", "dtype"]);
                errors.at(word.span(), format!("`Input` has no argument `{word}`{near}\navailable: shape, dtype"));
                broken = true;
            }
        }
    }
    if broken {
        return None;
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
pub(crate) fn dims_of(expr: &Expr) -> Vec<Expr> {
    match expr {
        Expr::Tuple(tuple) => tuple.elems.iter().cloned().collect(),
        Expr::Array(array) => array.elems.iter().cloned().collect(),
        Expr::Paren(paren) => dims_of(&paren.expr),
        Expr::Group(group) => dims_of(&group.expr),
        other => vec![other.clone()],
    }
}

/// The name of a model that has none, from what it stands for.
#[must_use]
pub fn anonymous(sequential: bool) -> Ident {
    Ident::new(if sequential { "Sequential" } else { "Functional" }, Span::call_site())
}

impl Model {
    /// The name of the struct, where it was written, and to lints part of generated code, which they leave in peace.
    #[must_use]
    pub fn name(&self) -> Ident {
        match &self.form {
            Form::Item { name, .. } => {
                let mut name = name.clone();
                name.set_span(Span::call_site().located_at(name.span()));
                name
            }
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
