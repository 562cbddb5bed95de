//! A size: a number, or an expression that rustc works out.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

/// A size.
#[derive(Clone, Debug)]
pub enum Num {
    /// Known to the macro.
    Lit(usize),
    /// A const expression of type `usize`.
    Const(TokenStream),
    /// An expression that contains the model's const generic, which array lengths may not be made of.
    Generic(TokenStream),
}

impl Num {
    /// The number, if the macro knows it.
    #[must_use]
    pub fn known(&self) -> Option<usize> {
        match self {
            Num::Lit(n) => Some(*n),
            _ => None,
        }
    }

    /// Whether it contains the model's const generic.
    #[must_use]
    pub fn is_generic(&self) -> bool {
        matches!(self, Num::Generic(_))
    }

    fn combine(&self, other: &Num, tokens: TokenStream) -> Num {
        if self.is_generic() || other.is_generic() { Num::Generic(tokens) } else { Num::Const(tokens) }
    }

    /// The product.
    #[must_use]
    pub fn mul(&self, other: &Num) -> Num {
        match (self, other) {
            (Num::Lit(a), Num::Lit(b)) => Num::Lit(a.saturating_mul(*b)),
            (Num::Lit(1), n) | (n, Num::Lit(1)) => n.clone(),
            _ => self.combine(other, quote!((#self * #other))),
        }
    }

    /// The sum.
    #[must_use]
    pub fn add(&self, other: &Num) -> Num {
        match (self, other) {
            (Num::Lit(a), Num::Lit(b)) => Num::Lit(a.saturating_add(*b)),
            (Num::Lit(0), n) | (n, Num::Lit(0)) => n.clone(),
            _ => self.combine(other, quote!((#self + #other))),
        }
    }

    /// The quotient, which is whole.
    #[must_use]
    pub fn div(&self, other: &Num) -> Num {
        match (self, other) {
            (Num::Lit(a), Num::Lit(b)) => Num::Lit(a.checked_div(*b).unwrap_or(0)),
            (n, Num::Lit(1)) => n.clone(),
            _ => self.combine(other, quote!((#self / #other))),
        }
    }

    /// The product of all.
    #[must_use]
    pub fn product<'a>(nums: impl IntoIterator<Item = &'a Num>) -> Num {
        nums.into_iter().fold(Num::Lit(1), |product, n| product.mul(n))
    }

    /// Whether both are surely the same.
    #[must_use]
    pub fn same(&self, other: &Num) -> bool {
        match (self, other) {
            (Num::Lit(a), Num::Lit(b)) => a == b,
            (a, b) => a.to_token_stream().to_string() == b.to_token_stream().to_string(),
        }
    }
}

impl ToTokens for Num {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Num::Lit(n) => Literal::usize_unsuffixed(*n).to_tokens(tokens),
            Num::Const(expr) | Num::Generic(expr) => expr.to_tokens(tokens),
        }
    }
}
