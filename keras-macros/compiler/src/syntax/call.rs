//! `Dense(64, activation = relu)`: the call that makes a layer.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Path, Token};

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
    /// All of its tokens, for messages on the whole layer.
    pub tokens: TokenStream,
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

    /// The call in an expression, if it is one: `Dense(64)`, `Flatten`, `self::Mine(3)`, `self::Block!(64)`.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn from_expr(expr: &Expr) -> syn::Result<Call> {
        let tokens = expr.to_token_stream();
        match expr {
            Expr::Paren(paren) => Call::from_expr(&paren.expr),
            Expr::Group(group) => Call::from_expr(&group.expr),
            Expr::Path(path) if path.qself.is_none() => {
                Ok(Call { callee: callee(path.path.clone()), args: Vec::new(), tokens })
            }
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) if path.qself.is_none() => Ok(Call {
                    callee: callee(path.path.clone()),
                    args: call.args.iter().map(argument).collect::<syn::Result<_>>()?,
                    tokens,
                }),
                other => Err(syn::Error::new_spanned(other, "expected a layer, such as `Dense(64)`")),
            },
            Expr::Macro(block) => {
                let args = block.mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)?;
                Ok(Call {
                    callee: Callee::Block(block.mac.path.clone()),
                    args: args.iter().map(argument).collect::<syn::Result<_>>()?,
                    tokens,
                })
            }
            other => Err(syn::Error::new_spanned(other, "expected a layer, such as `Dense(64)`")),
        }
    }
}

fn callee(path: Path) -> Callee {
    match path.get_ident() {
        Some(word) => Callee::Word(word.clone()),
        None => Callee::Path(path),
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
                Ok(Argument { keyword: path.path.get_ident().cloned(), value: (*assign.right).clone() })
            }
            other => Err(syn::Error::new_spanned(other, "expected the name of an argument before `=`")),
        },
        other => Ok(Argument { keyword: None, value: other.clone() }),
    }
}

/// A layer as it stands between angle brackets: a path with or without arguments in parentheses. It is not parsed as an
/// expression, which would read the closing `>` as a comparison.
impl Parse for Call {
    fn parse(input: ParseStream<'_>) -> syn::Result<Call> {
        let path: Path = if input.peek(Token![self]) || input.peek(Token![crate]) || input.peek(Token![super]) {
            syn::Path::parse_mod_style(input).and_then(|path| generics(path, input))?
        } else if input.peek(syn::Ident) || input.peek(Token![::]) {
            syn::Path::parse_mod_style(input).and_then(|path| generics(path, input))?
        } else {
            return Err(input.error("expected a layer, such as `Dense(64, relu)`"));
        };
        let mut tokens = path.to_token_stream();
        let bang = input.parse::<Option<Token![!]>>()?;
        bang.to_tokens(&mut tokens);
        let mut args = Vec::new();
        if input.peek(syn::token::Paren) {
            let content;
            let paren = syn::parenthesized!(content in input);
            let list = content.parse_terminated(Expr::parse, Token![,])?;
            paren.surround(&mut tokens, |inner| list.to_tokens(inner));
            args = list.iter().map(argument).collect::<syn::Result<_>>()?;
        }
        let callee = if bang.is_some() { Callee::Block(path) } else { callee(path) };
        Ok(Call { callee, args, tokens })
    }
}

/// The generic arguments after a path, written with `::<…>`.
fn generics(mut path: Path, input: ParseStream<'_>) -> syn::Result<Path> {
    if input.peek(Token![::]) && input.peek3(Token![<]) || input.peek(Token![<]) && path.segments.len() > 1 {
        let arguments = input.parse::<syn::AngleBracketedGenericArguments>()?;
        if let Some(last) = path.segments.last_mut() {
            last.arguments = syn::PathArguments::AngleBracketed(arguments);
        }
    }
    Ok(path)
}
