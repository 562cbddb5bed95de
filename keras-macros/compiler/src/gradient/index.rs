//! Whole numbers: places in a tensor, and the ranges of loops.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Lit};

use super::read::{Meaning, Reader, simple};
use super::shape::Shape;
use super::values::Id;
use crate::layers::values::bare;

/// A whole number that the macro knows, or an expression that rustc does.
#[derive(Clone, Debug)]
pub struct Whole {
    known: Option<i64>,
    tokens: TokenStream,
    /// The same of type `i128`, where nothing overflows.
    wide: TokenStream,
}

impl Whole {
    fn known(n: i64) -> Whole {
        let (literal, wide) = (Literal::i64_unsuffixed(n), Literal::i128_suffixed(n.into()));
        Whole { known: Some(n), tokens: quote!(#literal), wide: quote!(#wide) }
    }

    fn unknown(tokens: TokenStream) -> Whole {
        let wide = quote!((#tokens as i128));
        Whole { known: None, tokens, wide }
    }

    /// The number, if it is known.
    #[must_use]
    pub fn value(&self) -> Option<i64> {
        self.known
    }

    /// The expression, of type `usize`.
    #[must_use]
    pub fn tokens(&self) -> TokenStream {
        self.tokens.clone()
    }

    fn join(&self, op: &BinOp, other: &Whole) -> Whole {
        let known = self.known.zip(other.known).and_then(|(a, b)| match op {
            BinOp::Add(_) => a.checked_add(b),
            BinOp::Sub(_) => a.checked_sub(b),
            _ => a.checked_mul(b),
        });
        let join = |a: &TokenStream, b: &TokenStream| quote!((#a #op #b));
        let (tokens, wide) = (join(&self.tokens, &other.tokens), join(&self.wide, &other.wide));
        known.map_or_else(|| Whole { known: None, tokens, wide }, Whole::known)
    }

    /// One more.
    #[must_use]
    pub fn plus_one(&self) -> Whole {
        self.join(&syn::parse_quote!(+), &Whole::known(1))
    }

    /// One less.
    #[must_use]
    pub fn minus_one(&self) -> Whole {
        self.join(&syn::parse_quote!(-), &Whole::known(1))
    }
}

/// The smallest and the largest number that an expression can be.
#[derive(Clone, Debug)]
pub struct Interval {
    /// The smallest.
    pub low: Whole,
    /// The largest; of a range, the one after it.
    pub high: Whole,
}

impl Reader<'_> {
    /// A const size.
    pub(super) fn size(&mut self, expr: &Expr) -> Option<Whole> {
        if self.is_index(expr) {
            self.errors.on(expr, "the ends of a range are numbers, consts or sizes: the number of turns must be known");
            return None;
        }
        Some(self.interval(expr)?.low)
    }

    /// The row or element of a tensor at a place: the index, and its shape.
    pub(super) fn place(&mut self, of: Id, index: &Expr) -> Option<(TokenStream, Shape)> {
        let interval = self.interval(index)?;
        let shape = self.shape(of).clone();
        let Some(dim) = shape.0.first() else {
            self.errors.on(index, "a number has no elements: expected a vector, a matrix or a larger array before `[`");
            return None;
        };
        let (low, high) = (&interval.low, &interval.high);
        let outside = |at: i64| format!("the index {at} is outside: the shape is {shape}, so it is less than {dim}");
        match (low.known, high.known, dim.value()) {
            (Some(low), _, _) if low < 0 => {
                self.errors.on(index, format!("the index {low} is outside: it cannot be negative"));
                return None;
            }
            (_, Some(high), Some(dim)) => {
                if usize::try_from(high).is_ok_and(|high| high >= dim) {
                    self.errors.on(index, outside(high));
                    return None;
                }
            }
            _ => {
                let (low, high, dim) = (&low.wide, &high.wide, dim.tokens());
                let message = format!("this index is outside of the shape {shape}");
                // A loop without a turn ends before it begins.
                self.assert(&quote!(#low > #high || 0 <= #low && #high < #dim as i128), index.span(), &message);
            }
        }
        Some((index.to_token_stream(), Shape(shape.0[1..].to_vec())))
    }

    fn interval(&mut self, expr: &Expr) -> Option<Interval> {
        let one = |whole: Whole| Some(Interval { low: whole.clone(), high: whole });
        match bare(expr) {
            Expr::Lit(lit) => match &lit.lit {
                Lit::Int(int) => match int.base10_parse() {
                    Ok(n) => one(Whole::known(n)),
                    Err(error) => {
                        self.errors.push(error);
                        None
                    }
                },
                other => {
                    self.errors.on(other, "expected a whole number");
                    None
                }
            },
            Expr::Binary(binary) => {
                let (a, b) = (self.interval(&binary.left), self.interval(&binary.right));
                let (a, b, op) = (a?, b?, &binary.op);
                match op {
                    BinOp::Add(_) | BinOp::Mul(_) => {
                        Some(Interval { low: a.low.join(op, &b.low), high: a.high.join(op, &b.high) })
                    }
                    BinOp::Sub(_) => Some(Interval { low: a.low.join(op, &b.high), high: a.high.join(op, &b.low) }),
                    _ => {
                        self.errors.at(op.span(), "places are worked out with `+`, `-` and `*` only");
                        None
                    }
                }
            }
            Expr::Path(path) => {
                let word = simple(expr);
                let meaning = word.and_then(|word| self.scope.iter().rev().find(|name| name.word == *word));
                match (meaning.map(|name| name.meaning.clone()), word) {
                    (Some(Meaning::Index(interval)), _) => Some(interval),
                    (Some(Meaning::Value(None)), _) => None,
                    (Some(Meaning::Value(_)), Some(word)) => {
                        let message =
                            format!("`{word}` is not a whole number: expected a number, a const or a loop variable");
                        self.errors.on(word, message);
                        None
                    }
                    (None, Some(word)) if !self.is_const(word) => {
                        self.unknown(word);
                        None
                    }
                    _ => one(Whole::unknown(path.to_token_stream())),
                }
            }
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => {
                let Interval { low, high } = self.interval(&unary.expr)?;
                let (minus, zero) = (BinOp::Sub(syn::token::Minus::default()), Whole::known(0));
                Some(Interval { low: zero.join(&minus, &high), high: zero.join(&minus, &low) })
            }
            Expr::Range(_) => {
                self.errors.on(expr, "elements are taken one by one: `[x[1], x[2]]`, or `x[i]` in a `for` loop");
                None
            }
            other => {
                self.errors.on(other, "expected a whole number: a number, a const, a loop variable, or a sum of them");
                None
            }
        }
    }

    /// Whether it is about loop variables.
    pub(super) fn is_index(&self, expr: &Expr) -> bool {
        match bare(expr) {
            Expr::Binary(binary) => self.is_index(&binary.left) || self.is_index(&binary.right),
            other => simple(other).is_some_and(|word| {
                let name = self.scope.iter().rev().find(|name| name.word == *word);
                matches!(name, Some(name) if matches!(name.meaning, Meaning::Index(_)))
            }),
        }
    }

    /// Whether it is of loop variables, numbers and consts only; tells what is not.
    pub(super) fn integer(&mut self, expr: &Expr) -> bool {
        match bare(expr) {
            Expr::Binary(binary) => self.integer(&binary.left) & self.integer(&binary.right),
            other => self.interval(other).is_some(),
        }
    }

    /// Whether a word is a size of the function, or written as consts are.
    pub(super) fn is_const(&self, word: &syn::Ident) -> bool {
        let text = word.to_string();
        let upper = text.chars().any(|c| c.is_ascii_uppercase()) && !text.chars().any(|c| c.is_ascii_lowercase());
        upper || self.generics.contains(word)
    }

    /// Tells of a size that is worked out from one that the function is generic over: rustc does not do that in types.
    pub(super) fn sized(&mut self, shape: &Shape, span: proc_macro2::Span) -> bool {
        let message = shape.0.iter().find_map(|dim| computed(dim, self.generics));
        let good = message.is_none();
        if let Some(message) = message {
            self.errors.at(span, message);
        }
        good
    }
}

/// What is told of a size that is worked out from one that the function is generic over.
pub(super) fn computed(dim: &super::shape::Dim, generics: &[syn::Ident]) -> Option<String> {
    let plain = generics.iter().any(|word| dim.is(word));
    (!plain && super::shape::mentions(dim.tokens(), generics)).then(|| {
        let list: Vec<String> = generics.iter().map(|word| format!("`{word}`")).collect();
        format!("the size `{dim}` is worked out from {}, which rustc does not do in types: expected {} itself, a number, or a const of the module", list.join(" and "), list.join(" or "))
    })
}
