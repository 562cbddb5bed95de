//! Inverted dropout: elements are zeroed at random while training and the others scaled up.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::Op;
use crate::graph::Site;

/// Dropout. The mask is drawn again in the backward pass, so that nothing is kept.
pub struct Dropout {
    /// The share that is dropped, an `f32` expression.
    pub rate: TokenStream,
    /// Which stream of random numbers it draws from.
    pub stream: u32,
    /// An own seed, a `u64` expression.
    pub seed: Option<TokenStream>,
}

/// The key of a stream of random numbers.
pub(super) fn key(stream: u32, seed: Option<&TokenStream>) -> TokenStream {
    let seed = match seed {
        Some(seed) => quote!(seed: #seed),
        None => quote!(seed: cx.seed),
    };
    quote!(Key { #seed, step: cx.step, stream: #stream })
}

/// An optional seed in `const GRAPH`.
pub(super) fn some_or_none(seed: Option<&TokenStream>) -> TokenStream {
    match seed {
        Some(seed) => quote!(Some(#seed)),
        None => quote!(None),
    }
}

/// A call while training, given output, input and the index of the first row; a copy otherwise.
pub(super) fn forward(
    site: &mut Site<'_>,
    call: impl FnOnce(&TokenStream, &TokenStream, &TokenStream) -> TokenStream,
) -> TokenStream {
    let (y, x) = site.y_of_x();
    let (y, x, first) = (y.into_token_stream(), x.into_token_stream(), site.first().into_token_stream());
    let call = call(&y, &x, &first);
    quote! {
        if cx.training {
            #call;
        } else {
            activation::forward(isa, #y, #x, Act::Linear);
        }
    }
}

/// A call while training, given the gradients of input and output, the index of the first row, and whether it adds; a
/// copy otherwise.
pub(super) fn backward(
    site: &mut Site<'_>,
    call: impl FnOnce(&TokenStream, &TokenStream, &TokenStream, &TokenStream) -> TokenStream,
) -> TokenStream {
    let (dx, dy) = site.dx_of_dy();
    let (dx, dy) = (dx.into_token_stream(), dy.into_token_stream());
    let (first, acc) = (site.first().into_token_stream(), site.acc().into_token_stream());
    let call = call(&dx, &dy, &first, &acc);
    quote! {
        if cx.training {
            #call;
        } else {
            activation::backward(isa, #dx, #dy, &[], Act::Linear, #acc);
        }
    }
}

impl Op for Dropout {
    fn kind(&self) -> Option<TokenStream> {
        let Dropout { rate, stream, seed } = self;
        let seed = some_or_none(seed.as_ref());
        Some(quote!(Dropout { rate: #rate, stream: #stream, seed: #seed }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<TokenStream> {
        let (rate, len, key) = (&self.rate, site.len_x(0), key(self.stream, self.seed.as_ref()));
        Some(forward(site, |y, x, first| quote!(dropout::forward(isa, #y, #x, #rate, #key, (#first * #len) as u64))))
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> TokenStream {
        let (rate, len, key) = (&self.rate, site.len_x(0), key(self.stream, self.seed.as_ref()));
        backward(
            site,
            |dx, dy, first, acc| quote!(dropout::backward(isa, #dx, #dy, #rate, #key, (#first * #len) as u64, #acc)),
        )
    }

    fn in_place(&self) -> bool {
        true
    }

    fn identity_in_inference(&self) -> bool {
        true
    }
}
