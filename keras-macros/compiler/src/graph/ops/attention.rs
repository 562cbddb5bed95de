//! Attention.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::dropout::{key, some_or_none};
use super::{Op, Scratch};
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site, ValueId};

/// Attention of all heads, as keras-kernels has it. Inputs: query, key, value, and masks of queries and of keys if there
/// are any. Param: a factor of the scores, if one is learnt.
pub struct Attention {
    /// Queries, and keys.
    pub steps: [Num; 2],
    /// Heads of queries, and of keys and values.
    pub heads: [Num; 2],
    /// Features of a head of queries and keys, and of values.
    pub sizes: [Num; 2],
    /// Factor of the scores, an `f32` expression.
    pub scale: TokenStream,
    /// Whether a query attends to no later position.
    pub causal: bool,
    /// To positions less than that away a query attends; 0 for all.
    pub window: Num,
    /// Whether a query that may attend to nothing gives 0.
    pub none: bool,
    /// Whether there are masks of queries and of keys.
    pub masks: [bool; 2],
    /// Whether a factor is learnt.
    pub weight: bool,
    /// The share of weights that is dropped, an `f32` expression, and which stream of random numbers says which.
    pub dropout: Option<(TokenStream, u32)>,
    /// An own seed, a `u64` expression.
    pub seed: Option<TokenStream>,
    /// The gradients of query, key and value, and of the factor for each sample.
    pub gradients: [ValueId; 4],
}

impl Attention {
    fn described(&self) -> TokenStream {
        let Attention { steps: [queries, keys], heads: [heads, kv_heads], sizes: [depth, width], .. } = self;
        let Attention { scale, causal, window, none, .. } = self;
        quote!(attention::Heads {
            queries: #queries, keys: #keys, heads: #heads, kv_heads: #kv_heads, depth: #depth, width: #width,
            scale: #scale, causal: #causal, window: #window, none: #none
        })
    }

    fn borrowed(&self) -> TokenStream {
        let heads = self.described();
        quote!(&#heads)
    }

    fn masks(&self, site: &mut Site<'_>) -> [Ident; 2] {
        let queries = if self.masks[0] { site.x(3) } else { site.nothing() };
        let keys = if self.masks[1] { site.x(3 + usize::from(self.masks[0])) } else { site.nothing() };
        [queries, keys]
    }

    fn factor(&self, site: &Site<'_>) -> Option<TokenStream> {
        self.weight.then(|| {
            let weight = site.weight(0);
            quote!(::core::slice::from_ref(#weight))
        })
    }

    /// The share of weights that is dropped, and the key.
    fn random(&self) -> (TokenStream, TokenStream) {
        match &self.dropout {
            Some((rate, stream)) => (rate.clone(), key(*stream, self.seed.as_ref())),
            None => (quote!(0.0), quote!(None)),
        }
    }
}

impl Op for Attention {
    fn kind(&self) -> Option<TokenStream> {
        let (heads, [queries, keys], seed) = (self.described(), self.masks, some_or_none(self.seed.as_ref()));
        let (rate, stream) = self.dropout.clone().unwrap_or((quote!(0.0), 0));
        Some(quote!(Attention {
            heads: #heads, masks: [#queries, #keys], rate: #rate, stream: #stream, seed: #seed
        }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, qkv, masks) = (site.y(), [0, 1, 2].map(|i| site.x(i)), self.masks(site));
        let (factor, (rate, key), heads) = (self.factor(site), self.random(), self.borrowed());
        Some(call!(site, attention::forward(y, qkv[..], masks[..], factor, rate, key, heads)))
    }

    fn prepare(&self, site: &mut Site<'_>) -> Option<Call> {
        let [dq, dk, dv, dw] = self.gradients;
        let [dq, dk, dv] = [dq, dk, dv].map(|value| site.own_mut(value));
        let dw = if self.weight { site.own_mut(dw) } else { site.nothing() };
        let (gradients, dy) = ([dq, dk, dv, dw], site.dy());
        let (qkv, masks) = ([0, 1, 2].map(|i| site.x(i)), self.masks(site));
        let (factor, (rate, key), heads) = (self.factor(site), self.random(), self.borrowed());
        Some(call!(site, attention::backward(gradients[..], dy, qkv[..], masks[..], factor, rate, key, heads)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, from, nothing, acc) = (site.dx(i), site.own(self.gradients[i]), site.nothing(), site.acc());
        let linear = quote!(Act::Linear);
        call!(site, activation::backward(dx, from, nothing, linear, acc))
    }

    fn backward_param(&self, _: usize, site: &mut Site<'_>) -> Call {
        let (to, dw, one) = (site.to().clone(), site.own(self.gradients[3]), Num::Lit(1));
        call!(site, dense::backward_bias(to, dw, one, one))
    }

    fn scratch(&self) -> Option<Scratch> {
        let args = vec![self.steps[1].clone(), self.sizes[0].clone(), self.sizes[1].clone()];
        let known: Option<Vec<usize>> = args.iter().map(Num::known).collect();
        let known = known.map(|known| keras_shapes::plan::attention_scratch(known[0], known[1], known[2]));
        Some(Scratch { function: "attention_scratch", args, known })
    }
}
