//! More positions along one dimension, by interpolation between those that there are.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::Op;
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// Interpolation along one dimension.
pub struct Interpolate {
    /// Its positions in the input.
    pub n: Num,
    /// How many there are in the output for each of them.
    pub size: Num,
    /// Elements of a position.
    pub inner: Num,
    /// `bilinear`, `bicubic`, `lanczos3` or `lanczos5`.
    pub method: &'static str,
}

impl Interpolate {
    fn of(&self) -> TokenStream {
        let Interpolate { n, size, inner, method } = self;
        let word = |word: &str| Ident::new(word, Span::call_site());
        let variant = word(&(method[..1].to_uppercase() + &method[1..]));
        let weights = word(&method.to_uppercase());
        quote!(interpolate::Along {
            n: #n,
            size: #size,
            inner: #inner,
            method: interpolate::Method::#variant,
            weights: interpolate::Weights::<{ #size }>::#weights
        })
    }
}

impl Op for Interpolate {
    fn kind(&self) -> Option<TokenStream> {
        let of = self.of();
        Some(quote!(Interpolate { of: #of }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, of) = (site.y(), site.x(0), self.of());
        let of = quote!(&#of);
        Some(call!(site, interpolate::forward(y, x, of)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, acc, of) = (site.dx(i), site.dy(), site.acc(), self.of());
        let of = quote!(&#of);
        call!(site, interpolate::backward(dx, dy, of, acc))
    }
}
