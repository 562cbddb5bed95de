//! Normal noise, added or multiplied with while training.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use super::dropout::{key, some_or_none};
use crate::graph::Site;
use crate::graph::code::{Call, call};

/// Noise. It is drawn again in the backward pass, so that nothing is kept.
pub struct Noise {
    /// The rate of a dropout with the same deviation, if it is multiplied with; else its deviation. An `f32` expression.
    pub amount: TokenStream,
    /// Whether it is multiplied with.
    pub multiplied: bool,
    /// Which stream of random numbers it draws from.
    pub stream: u32,
    /// An own seed, a `u64` expression.
    pub seed: Option<TokenStream>,
}

impl Noise {
    fn noise(&self) -> TokenStream {
        let amount = &self.amount;
        if self.multiplied {
            quote!(Noise::Multiplied { rate: #amount })
        } else {
            quote!(Noise::Added { stddev: #amount })
        }
    }
}

impl Op for Noise {
    fn kind(&self) -> Option<TokenStream> {
        let (noise, stream, seed) = (self.noise(), self.stream, some_or_none(self.seed.as_ref()));
        Some(quote!(Noise { noise: #noise, stream: #stream, seed: #seed }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, noise, key) = (site.y(), site.x(0), self.noise(), key(self.stream, self.seed.as_ref()));
        Some(call!(site, noise::forward(y, x, noise, key)))
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> Call {
        let (noise, key) = (self.noise(), key(self.stream, self.seed.as_ref()));
        let (dx, dy, acc) = (site.dx(0), site.dy(), site.acc());
        call!(site, noise::backward(dx, dy, noise, key, acc))
    }

    fn in_place(&self) -> bool {
        true
    }

    fn identity_in_inference(&self) -> bool {
        true
    }
}
