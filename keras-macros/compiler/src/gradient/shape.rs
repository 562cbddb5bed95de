//! Shapes of tensors, as far as their types say them.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Expr;

/// One dimension: a number, or an expression of which the macro only knows the tokens.
#[derive(Clone, Debug)]
pub struct Dim {
    known: Option<usize>,
    tokens: TokenStream,
    text: String,
}

impl Dim {
    /// The dimension that was written so.
    #[must_use]
    pub fn new(expr: &Expr) -> Dim {
        let expr = crate::layers::values::bare(expr);
        if let Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(int), .. }) = expr
            && let Ok(n) = int.base10_parse::<usize>()
        {
            return Dim::known(n);
        }
        let tokens = expr.to_token_stream();
        let text = tokens.to_string().replace(" :: ", "::");
        let tokens = if matches!(expr, Expr::Path(_)) { tokens } else { quote!({ #tokens }) };
        Dim { known: None, tokens, text }
    }

    /// This number.
    #[must_use]
    pub fn known(n: usize) -> Dim {
        let literal = proc_macro2::Literal::usize_unsuffixed(n);
        Dim { known: Some(n), tokens: quote!(#literal), text: n.to_string() }
    }

    /// Half of it.
    #[must_use]
    pub fn half(&self) -> Dim {
        match self.known {
            Some(n) => Dim::known(n / 2),
            None => {
                let tokens = &self.tokens;
                let text = match self.text.contains(' ') {
                    true => format!("({}) / 2", self.text),
                    false => format!("{} / 2", self.text),
                };
                Dim { known: None, tokens: quote!({ (#tokens) / 2 }), text }
            }
        }
    }

    /// Whether it is this word.
    #[must_use]
    pub fn is(&self, word: &Ident) -> bool {
        *word == self.text
    }

    /// The number, if the macro knows it.
    #[must_use]
    pub fn value(&self) -> Option<usize> {
        self.known
    }

    /// How the generated code says it.
    #[must_use]
    pub fn tokens(&self) -> &TokenStream {
        &self.tokens
    }

    /// Whether the two are equal; `None` if only rustc can say.
    #[must_use]
    pub fn equals(&self, other: &Dim) -> Option<bool> {
        match (self.known, other.known) {
            (Some(a), Some(b)) => Some(a == b),
            _ if self.text == other.text => Some(true),
            _ => None,
        }
    }
}

impl std::fmt::Display for Dim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether one of the words stands in the tokens.
#[must_use]
pub fn mentions(tokens: &TokenStream, words: &[Ident]) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(word) => words.contains(&word),
        TokenTree::Group(group) => mentions(&group.stream(), words),
        _ => false,
    })
}

/// A shape; a number's has no dimensions.
#[derive(Clone, Debug, Default)]
pub struct Shape(pub Vec<Dim>);

/// What has to hold for two shapes to fit together, and only rustc can say.
pub type Claims = Vec<(Dim, Dim)>;

impl Shape {
    /// A number's.
    #[must_use]
    pub fn scalar() -> Shape {
        Shape::default()
    }

    /// How many dimensions it has.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The nested array type.
    #[must_use]
    pub fn kind(&self, number: &TokenStream) -> TokenStream {
        self.0.iter().rev().fold(number.clone(), |inner, dim| {
            let dim = dim.tokens();
            quote!([#inner; #dim])
        })
    }

    /// The number of elements, as an expression of type `usize`.
    #[must_use]
    pub fn len(&self) -> TokenStream {
        match self.0.split_first() {
            None => quote!(1usize),
            Some((first, rest)) => {
                let (first, rest) = (first.tokens(), rest.iter().map(Dim::tokens));
                quote!(#first #(* #rest)*)
            }
        }
    }

    /// Whether it is a number's.
    #[must_use]
    pub fn is_scalar(&self) -> bool {
        self.0.is_empty()
    }

    /// `the shape [3]`, or `a number`.
    #[must_use]
    pub fn described(&self) -> String {
        if self.is_scalar() { self.to_string() } else { format!("the shape {self}") }
    }

    /// Whether both are surely written the same, so that they are one type for rustc too.
    #[must_use]
    pub fn same(&self, other: &Shape) -> bool {
        self.rank() == other.rank() && self.0.iter().zip(&other.0).all(|(a, b)| a.equals(b) == Some(true))
    }

    /// What must hold for them to be equal; `None` if they surely are not.
    #[must_use]
    pub fn claims(&self, other: &Shape) -> Option<Claims> {
        if self.rank() != other.rank() {
            return None;
        }
        let mut claims = Claims::new();
        for (a, b) in self.0.iter().zip(&other.0) {
            match a.equals(b) {
                Some(true) => {}
                Some(false) => return None,
                None => claims.push((a.clone(), b.clone())),
            }
        }
        Some(claims)
    }

    /// What the two are broadcast to, as NumPy does: dimensions are compared from the last one on, and a missing one, or
    /// one of size 1, is repeated. `None` if they surely do not fit.
    #[must_use]
    pub fn broadcast(&self, other: &Shape) -> Option<(Shape, Claims)> {
        let rank = self.rank().max(other.rank());
        let mut dims = Vec::new();
        let mut claims = Claims::new();
        for i in 0..rank {
            let at = |shape: &Shape| (i + shape.rank()).checked_sub(rank).map(|i| shape.0[i].clone());
            dims.push(match (at(self), at(other)) {
                (Some(a), Some(b)) if b.value() == Some(1) && a.value() != Some(1) => a,
                (Some(a), Some(b)) if a.value() == Some(1) => b,
                (Some(a), Some(b)) => {
                    match a.equals(&b) {
                        Some(true) => {}
                        Some(false) => return None,
                        None => claims.push((a.clone(), b)),
                    }
                    a
                }
                (Some(dim), None) | (None, Some(dim)) => dim,
                (None, None) => unreachable!("one of them has this rank"),
            });
        }
        Some((Shape(dims), claims))
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return f.write_str("a number");
        }
        let dims: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        write!(f, "[{}]", dims.join(", "))
    }
}
