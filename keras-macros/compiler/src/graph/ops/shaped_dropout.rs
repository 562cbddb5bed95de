//! Dropout whose mask has a shape of its own, and alpha dropout.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::Op;
use super::dropout::{key, some_or_none};
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// Dropout by a mask that has some of the dimensions. It is drawn again in the backward pass, so that nothing is kept.
pub struct ShapedDropout {
    /// The share that is dropped, an `f32` expression.
    pub rate: TokenStream,
    /// Whether it keeps mean and variance of what comes from a selu.
    pub alpha: bool,
    /// Whether each sample has a mask of its own.
    pub by_sample: bool,
    /// The dimensions of a sample, and whether the mask has them.
    pub dims: Vec<(Num, bool)>,
    /// Which stream of random numbers it draws from.
    pub stream: u32,
    /// An own seed, a `u64` expression.
    pub seed: Option<TokenStream>,
}

impl ShapedDropout {
    fn dims(&self) -> TokenStream {
        let dims = self.dims.iter().map(|(len, own)| quote!(shaped_dropout::Dim { len: #len, own: #own }));
        quote!(&[#(#dims),*])
    }

    fn mask(&self) -> TokenStream {
        let make = Ident::new(if self.alpha { "alpha" } else { "inverted" }, Span::call_site());
        let (rate, by_sample, dims) = (&self.rate, self.by_sample, self.dims());
        quote!(shaped_dropout::Mask::#make(#rate, #by_sample, #dims))
    }
}

impl Op for ShapedDropout {
    fn kind(&self) -> Option<TokenStream> {
        let ShapedDropout { rate, alpha, by_sample, stream, seed, .. } = self;
        let (dims, seed) = (self.dims(), some_or_none(seed.as_ref()));
        Some(quote!(ShapedDropout {
            rate: #rate, alpha: #alpha, by_sample: #by_sample, dims: #dims, stream: #stream, seed: #seed
        }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, mask, key) = (site.y(), site.x(0), self.mask(), key(self.stream, self.seed.as_ref()));
        Some(call!(site, shaped_dropout::forward(y, x, mask, key)))
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> Call {
        let (mask, key) = (self.mask(), key(self.stream, self.seed.as_ref()));
        let (dx, dy, acc) = (site.dx(0), site.dy(), site.acc());
        call!(site, shaped_dropout::backward(dx, dy, mask, key, acc))
    }

    fn in_place(&self) -> bool {
        true
    }

    fn identity_in_inference(&self) -> bool {
        true
    }
}
