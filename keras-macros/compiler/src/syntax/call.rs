//! `Dense(64, activation = relu)`: the call that makes a layer.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Path, Token};

use super::split_commas;
use crate::Errors;

/// What is called.
#[derive(Clone, Debug)]
pub enum Callee {
    /// A single word: a built-in layer.
    Word(Ident),
    /// A path: a layer of the user's own, or a model.
    Path(Path),
    /// A path with `!`: a block of layers.
    Block(Path),
}

/// One argument.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The keyword, if it was given by keyword.
    pub keyword: Option<Ident>,
    /// The value: any expression; words and calls within it mean what the layer makes of them.
    pub value: Expr,
}

/// A call that makes a layer.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called.
    pub callee: Callee,
    /// Its arguments, in order.
    pub args: Vec<Argument>,
    /// Whether a mistake among the arguments was told, so that none of them can be said to be missing.
    pub broken: bool,
    /// All of its tokens, for messages on the whole layer.
    pub tokens: TokenStream,
    /// The block that it is part of, as an index of the model's layers.
    pub parent: Option<usize>,
    /// The calls of a block that it is wrapped around.
    pub wrapped: Option<Wrapped>,
}

/// A block within another layer: its layers are among those of the model.
#[derive(Clone, Debug)]
pub struct Wrapped {
    /// Its calls; results are numbered from the inputs on.
    pub calls: Vec<super::Node>,
    /// How many inputs it has.
    pub inputs: usize,
    /// Which results it gives.
    pub outputs: Vec<usize>,
}

impl Call {
    /// Where it begins.
    #[must_use]
    pub fn span(&self) -> Span {
        match &self.callee {
            Callee::Word(word) => word.span(),
            Callee::Path(path) | Callee::Block(path) => path.span(),
        }
    }

    /// Where an editor goes from the layer's field in the model's struct: to the name that it was given, or to the
    /// parenthesis before its arguments. The word before that goes to the layer's documentation.
    #[must_use]
    pub fn place(&self) -> Span {
        let given = self.args.iter().find(|argument| argument.keyword.as_ref().is_some_and(|word| word == "name"));
        let open = self.tokens.clone().into_iter().find_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group.span_open()),
            _ => None,
        });
        given.map(|argument| argument.value.span()).or(open).unwrap_or_else(|| self.span())
    }

    /// Whether the built-in layer of this name is called.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        matches!(&self.callee, Callee::Word(word) if word == name)
    }

    /// The block that it is wrapped around, if it is a wrapper that takes one.
    #[must_use]
    pub fn block_within(&self) -> Option<Call> {
        let layer = |argument: &&Argument| argument.keyword.as_ref().is_none_or(|word| word == "layer");
        let argument = self.args.iter().find(layer).filter(|_| self.is("TimeDistributed"))?;
        let call = Call::from_expr(&argument.value, &mut Errors::default())?;
        matches!(call.callee, Callee::Block(_)).then_some(call)
    }

    /// The call in an expression, if it is one: `Dense(64)`, `Flatten`, `self::Mine(3)`, `self::Block!(64)`. Nothing
    /// after a mistake, which it has told.
    pub fn from_expr(expr: &Expr, errors: &mut Errors) -> Option<Call> {
        let tokens = expr.to_token_stream();
        let make = |callee, list: Vec<syn::Result<Argument>>, errors: &mut Errors| {
            let before = errors.len();
            let args = list.into_iter().filter_map(|argument| errors.take(argument)).collect();
            Some(Call { callee, args, broken: errors.len() > before, tokens, parent: None, wrapped: None })
        };
        match expr {
            Expr::Paren(paren) => Call::from_expr(&paren.expr, errors),
            Expr::Group(group) => Call::from_expr(&group.expr, errors),
            Expr::Path(path) if path.qself.is_none() => make(callee(path.path.clone()), Vec::new(), errors),
            Expr::Call(call) => match crate::layers::values::bare(&call.func) {
                Expr::Path(path) if path.qself.is_none() => {
                    make(callee(path.path.clone()), call.args.iter().map(argument).collect(), errors)
                }
                other => {
                    errors.on(other, EXPECTED);
                    None
                }
            },
            Expr::Macro(block) => {
                let list = block.mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
                let list = errors.take(list)?;
                make(block_of(block.mac.path.clone(), errors), list.iter().map(argument).collect(), errors)
            }
            other => {
                errors.on(other, EXPECTED);
                None
            }
        }
    }

    /// The call in the tokens between two commas: a path with or without arguments in parentheses. They are not parsed
    /// as an expression, which would read a closing `>` as a comparison. Nothing after a mistake, which it has told.
    pub fn read(tokens: TokenStream, errors: &mut Errors) -> Option<Call> {
        let whole = tokens.clone();
        let parts = errors.take(parts.parse2(tokens))?;
        let before = errors.len();
        let mut args = Vec::new();
        for (part, comma) in split_commas(parts.args) {
            if part.is_empty() {
                errors.on(comma, "expected an argument before this `,`");
            } else {
                args.extend(errors.take(one.parse2(part)));
            }
        }
        let broken = errors.len() > before;
        let callee = if parts.block { block_of(parts.path, errors) } else { callee(parts.path) };
        Some(Call { callee, args, broken, tokens: whole, parent: None, wrapped: None })
    }
}

const EXPECTED: &str = "expected a layer, such as `Dense(64, relu)`";

fn callee(path: Path) -> Callee {
    match path.get_ident() {
        Some(word) => Callee::Word(layer(word)),
        None => Callee::Path(path),
    }
}

/// The name of a layer, for another name that it has too: so nothing behind the syntax knows that it has two.
fn layer(word: &Ident) -> Ident {
    let of_alias = crate::layers::names::of_alias(&word.to_string());
    of_alias.map_or_else(|| word.clone(), |name| Ident::new(name, word.span()))
}

/// What a path with `!` is: a block, unless it names a layer.
fn block_of(path: Path, errors: &mut Errors) -> Callee {
    match path.get_ident() {
        Some(word) if crate::layers::find(&layer(word).to_string()).is_some() => {
            errors.at(word.span(), format!("`{word}` is a layer, not a block of layers: leave out the `!`"));
            Callee::Word(layer(word))
        }
        _ => Callee::Block(path),
    }
}

/// An argument in an expression: `64`, or `units = 64`.
///
/// # Errors
/// If what stands before `=` is not a word.
pub fn argument(expr: &Expr) -> syn::Result<Argument> {
    match expr {
        Expr::Assign(assign) => match &*assign.left {
            Expr::Path(path) if path.path.get_ident().is_some() => {
                value(path.path.get_ident().cloned(), (*assign.right).clone())
            }
            other => Err(syn::Error::new_spanned(other, "expected the name of an argument before `=`")),
        },
        other => value(None, other.clone()),
    }
}

fn value(keyword: Option<Ident>, value: Expr) -> syn::Result<Argument> {
    match value {
        Expr::Assign(assign) => Err(syn::Error::new_spanned(assign, "expected one `=` and a value after it")),
        value => Ok(Argument { keyword, value }),
    }
}

/// An argument and nothing else.
fn one(input: ParseStream<'_>) -> syn::Result<Argument> {
    if input.peek(syn::Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
        let word: Ident = input.parse()?;
        return Err(input.error(format!("an argument is given with `=`: `{word} = …`")));
    }
    let argument = argument(&input.parse()?)?;
    if !input.is_empty() {
        return Err(input.error("expected `,` before the next argument"));
    }
    Ok(argument)
}

struct Parts {
    path: Path,
    block: bool,
    args: TokenStream,
}

/// A layer as it stands between angle brackets.
fn parts(input: ParseStream<'_>) -> syn::Result<Parts> {
    let begins = input.peek(syn::Ident)
        || input.peek(Token![self])
        || input.peek(Token![crate])
        || input.peek(Token![super])
        || input.peek(Token![::]);
    if !begins {
        return Err(input.error(EXPECTED));
    }
    let path = generics(mod_style(input)?, input)?;
    let block = input.parse::<Option<Token![!]>>()?.is_some();
    let mut args = TokenStream::new();
    if input.peek(syn::token::Paren) {
        let content;
        syn::parenthesized!(content in input);
        args = content.parse()?;
    }
    if input.peek(syn::token::Bracket) || input.peek(syn::token::Brace) {
        return Err(input.error("a layer's arguments stand in parentheses: `Dense(64, relu)`"));
    }
    if !input.is_empty() {
        return Err(input.error("expected `,` before the next layer"));
    }
    Ok(Parts { path, block, args })
}

/// A path without generic arguments; a `::` before `<` is left.
fn mod_style(input: ParseStream<'_>) -> syn::Result<Path> {
    let mut path = Path { leading_colon: input.parse()?, segments: Punctuated::new() };
    loop {
        path.segments.push_value(input.call(Ident::parse_any)?.into());
        if !input.peek(Token![::]) || input.peek3(Token![<]) {
            return Ok(path);
        }
        path.segments.push_punct(input.parse()?);
    }
}

/// The generic arguments after a path, written with `::<…>`, and the words after them: `self::Linear::<8>::new`.
fn generics(mut path: Path, input: ParseStream<'_>) -> syn::Result<Path> {
    if input.peek(Token![::]) && input.peek3(Token![<]) || input.peek(Token![<]) && path.segments.len() > 1 {
        let arguments = input.parse::<syn::AngleBracketedGenericArguments>()?;
        if let Some(last) = path.segments.last_mut() {
            last.arguments = syn::PathArguments::AngleBracketed(arguments);
        }
        while input.peek(Token![::]) {
            path.segments.push_punct(input.parse()?);
            path.segments.push_value(input.parse::<Ident>()?.into());
        }
    }
    Ok(path)
}
