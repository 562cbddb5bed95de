//! Inverted dropout: elements are zeroed at random while training and the others scaled up.

use proc_macro2::TokenStream;
use quote::quote;

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

impl Op for Dropout {
    fn kind(&self) -> Option<TokenStream> {
        let Dropout { rate, stream, seed } = self;
        let seed = some_or_none(seed.as_ref());
        Some(quote!(Dropout { rate: #rate, stream: #stream, seed: #seed }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<TokenStream> {
        let (rate, len) = (&self.rate, site.len_x(0));
        let (key, (y, x), first) = (key(self.stream, self.seed.as_ref()), site.y_of_x(), site.first());
        Some(quote! {
            if cx.training {
                dropout::forward(isa, #y, #x, #rate, #key, (#first * #len) as u64);
            } else {
                activation::forward(isa, #y, #x, Act::Linear);
            }
        })
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> TokenStream {
        let (rate, len) = (&self.rate, site.len_x(0));
        let (key, (dx, dy), first, acc) =
            (key(self.stream, self.seed.as_ref()), site.dx_of_dy(), site.first(), site.acc());
        quote! {
            if cx.training {
                dropout::backward(isa, #dx, #dy, #rate, #key, (#first * #len) as u64, #acc);
            } else {
                activation::backward(isa, #dx, #dy, &[], Act::Linear, #acc);
            }
        }
    }

    fn in_place(&self) -> bool {
        true
    }

    fn identity_in_inference(&self) -> bool {
        true
    }
}
