//! Inverted dropout: elements are zeroed at random while training and the others scaled up.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::Site;
use crate::graph::code::{Call, call};

/// Dropout. The mask is drawn again in the backward pass, so that nothing is kept.
pub struct Dropout {
    /// The share that is dropped, an `f32` expression.
    pub rate: TokenStream,
    /// Which stream of random numbers it draws from.
    pub stream: u32,
    /// An own seed, a `u64` expression.
    pub seed: Option<TokenStream>,
}

/// The key of a stream of random numbers, if the call draws some.
pub(super) fn key(stream: u32, seed: Option<&TokenStream>) -> TokenStream {
    match seed {
        Some(seed) => quote!(cx.key_of(#seed, #stream)),
        None => quote!(cx.key(#stream)),
    }
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

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, rate, key) = (site.y(), site.x(0), &self.rate, key(self.stream, self.seed.as_ref()));
        Some(call!(site, dropout::forward(y, x, rate, key)))
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> Call {
        let (rate, key) = (&self.rate, key(self.stream, self.seed.as_ref()));
        let (dx, dy, acc) = (site.dx(0), site.dy(), site.acc());
        call!(site, dropout::backward(dx, dy, rate, key, acc))
    }

    fn in_place(&self) -> bool {
        true
    }

    fn identity_in_inference(&self) -> bool {
        true
    }
}
