//! From tokens to calls; no layer is known here.
//!
//! - [`sequential`]: the forms of `sequential!`, a chain of layers.
//! - [`model`]: the forms of `model!`, a graph.
//! - [`keras`]: `keras! { … }`, which makes `sequential!< … >` legal.
//! - [`layer`]: `layer! { … }`, a block of layers; [`inline`] puts blocks in their places.
//! - [`call`]: `Dense(64, activation = relu)`.

pub mod call;
pub mod inline;
pub mod keras;
pub mod layer;
pub mod model;
pub mod sequential;

pub use call::{Argument, Call, Callee};

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::{Attribute, Expr, Visibility};

/// A model as it was written.
#[derive(Debug)]
pub struct Model {
    /// Item or expression.
    pub form: Form,
    /// What it takes. Empty for a chain without `Input`, whose width is inferred from use.
    pub inputs: Vec<Input>,
    /// The calls, in order. Their results are numbered: inputs first, then calls.
    pub calls: Vec<Node>,
    /// Which results it gives.
    pub outputs: Vec<usize>,
    /// What its layers compute in, if that was written: `#[dtype = "mixed_bfloat16"]`.
    pub dtype: Option<Expr>,
    /// Whether it was written as a chain.
    pub sequential: bool,
    /// Layers bound to a name before they are called, and layers called where they stand.
    pub layers: Vec<Call>,
}

/// Where a model stands.
#[derive(Debug)]
pub enum Form {
    /// `pub struct Name …;`
    Item {
        /// Attributes of the struct.
        attrs: Vec<Attribute>,
        /// Its visibility.
        vis: Visibility,
        /// Its name.
        name: Ident,
    },
    /// In expression position.
    Expression,
}

/// One input.
#[derive(Debug)]
pub struct Input {
    /// Its name; none for `sequential!`.
    pub name: Option<Ident>,
    /// Its dimensions; none if a mistake in them was told.
    pub dims: Vec<Expr>,
    /// Its numbers, `f32` unless said.
    pub dtype: Option<Ident>,
    /// Where it was written.
    pub span: Span,
}

/// A layer applied to results of earlier calls.
#[derive(Clone, Debug)]
pub struct Node {
    /// Index into [`Model::layers`].
    pub layer: usize,
    /// Results that it is applied to; [`usize::MAX`] stands for one whose mistake was told.
    pub args: Vec<usize>,
    /// Call arguments by keyword: `use_causal_mask = true`.
    pub keywords: Vec<Argument>,
    /// Those of them that are results of earlier calls: `initial_state = [h, c]`.
    pub given: Vec<(Ident, Vec<usize>)>,
    /// How many results it gives; results are numbered through.
    pub results: usize,
    /// Where the application was written.
    pub span: Span,
}

/// Splits off the leading `[path]` by which the facade says its own path.
pub(crate) fn split_crate(tokens: TokenStream) -> (TokenStream, TokenStream) {
    let mut rest = tokens.into_iter();
    match rest.next() {
        Some(TokenTree::Group(group)) if group.delimiter() == proc_macro2::Delimiter::Bracket => {
            (group.stream(), rest.collect())
        }
        first => (quote::quote!(::keras), first.into_iter().chain(rest).collect()),
    }
}

/// What stands for a result whose mistake was already told.
pub(crate) const POISON: usize = usize::MAX;

/// Splits tokens at commas that stand in no group and in no generic argument list (`Proj::<2, 3>`). Each part comes with
/// the comma after it.
pub(crate) fn split_commas(tokens: TokenStream) -> Vec<(TokenStream, Option<TokenTree>)> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut depth = 0usize;
    let mut before = [' ', ' '];
    for token in tokens {
        let mut mark = ' ';
        if let TokenTree::Punct(punct) = &token {
            mark = punct.as_char();
            match mark {
                '<' if depth > 0 || before == [':', ':'] => depth += 1,
                '>' if depth > 0 && before[1] != '-' => depth -= 1,
                ',' if depth == 0 => {
                    parts.push((part.drain(..).collect(), Some(token)));
                    before = [' ', ' '];
                    continue;
                }
                _ => {}
            }
        }
        before = [before[1], mark];
        part.push(token);
    }
    if !part.is_empty() {
        parts.push((part.into_iter().collect(), None));
    }
    parts
}
