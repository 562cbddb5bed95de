//! Normal noise, added or multiplied with while training.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use super::dropout::{backward, forward, key, some_or_none};
use crate::graph::Site;

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

    fn forward(&self, site: &mut Site<'_>) -> Option<TokenStream> {
        let (noise, len, key) = (self.noise(), site.len_x(0), key(self.stream, self.seed.as_ref()));
        Some(forward(site, |y, x, first| quote!(noise::forward(isa, #y, #x, #noise, #key, (#first * #len) as u64))))
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> TokenStream {
        let (noise, len, key) = (self.noise(), site.len_x(0), key(self.stream, self.seed.as_ref()));
        backward(
            site,
            |dx, dy, first, acc| quote!(noise::backward(isa, #dx, #dy, #noise, #key, (#first * #len) as u64, #acc)),
        )
    }

    fn in_place(&self) -> bool {
        true
    }

    fn identity_in_inference(&self) -> bool {
        true
    }
}
