//! Attention.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::dropout::{key, some_or_none};
use super::{Op, Scratch};
use crate::graph::code::{Call, call};
use crate::graph::{Node, Num, Operand, Site, ValueId};

/// How queries and keys are scored, as keras-kernels has it.
#[derive(Clone)]
pub struct Scoring {
    /// Queries, and keys.
    pub steps: [Num; 2],
    /// Heads of queries, and of keys and values.
    pub heads: [Num; 2],
    /// Features of a head of queries and keys, and of values.
    pub sizes: [Num; 2],
    /// Whether a score is a sum of tanh, and not a product.
    pub additive: bool,
    /// Factor of the scores that are products, an `f32` expression.
    pub scale: TokenStream,
    /// Whether a query attends to no later position.
    pub causal: bool,
    /// To positions less than that away a query attends; 0 for all.
    pub window: Num,
    /// Whether a query that may attend to nothing gives 0.
    pub none: bool,
    /// Whether there are masks of queries, of keys, and of both.
    pub masks: [bool; 3],
    /// How many factors of the scores, and within them, are learnt, if there are any. They are params in this order.
    pub factors: [Option<Num>; 2],
}

impl Scoring {
    fn described(&self) -> TokenStream {
        let Scoring { steps: [queries, keys], heads: [heads, kv_heads], sizes: [depth, width], .. } = self;
        let Scoring { additive, scale, causal, window, none, .. } = self;
        quote!(attention::Heads {
            queries: #queries, keys: #keys, heads: #heads, kv_heads: #kv_heads, depth: #depth, width: #width,
            additive: #additive, scale: #scale, causal: #causal, window: #window, none: #none
        })
    }

    fn borrowed(&self) -> TokenStream {
        let heads = self.described();
        quote!(&#heads)
    }

    /// What `const GRAPH` says of it.
    fn kind(&self) -> TokenStream {
        let (heads, [queries, keys, pairs]) = (self.described(), self.masks);
        let [scores, inner] = [0, 1].map(|i| self.factors[i].is_some());
        quote!(heads: #heads, masks: [#queries, #keys, #pairs], factors: [#scores, #inner])
    }

    /// The masks, which follow so many other inputs.
    fn masks(&self, others: usize, site: &mut Site<'_>) -> [Ident; 3] {
        let mut next = others;
        self.masks.map(|given| {
            if !given {
                return site.nothing();
            }
            next += 1;
            site.x(next - 1)
        })
    }

    fn factors(&self, site: &Site<'_>) -> [Option<TokenStream>; 2] {
        let mut next = 0;
        [0, 1].map(|i| {
            self.factors[i].as_ref()?;
            next += 1;
            let weight = site.weight(next - 1);
            // A weight without dimensions is one number.
            Some(if site.is_number(next - 1) { quote!(::core::slice::from_ref(#weight)) } else { weight })
        })
    }

    /// Which factor a param is.
    fn factor(&self, param: usize) -> usize {
        if self.factors[0].is_none() { 1 } else { param }
    }

    /// The gradients of learnt factors, to be written.
    fn learnt(&self, gradients: &[ValueId], site: &mut Site<'_>) -> [Ident; 2] {
        [0, 1].map(|i| if self.factors[i].is_some() { site.own_mut(gradients[i]) } else { site.nothing() })
    }

    /// The gradient of a factor, summed over the samples.
    fn backward_param(&self, param: usize, gradients: &[ValueId], site: &mut Site<'_>) -> Call {
        let which = self.factor(param);
        let (to, dw, one) = (site.to().clone(), site.own(gradients[which]), Num::Lit(1));
        let n = self.factors[which].clone().unwrap_or(Num::Lit(1));
        call!(site, dense::backward_bias(to, dw, one, n))
    }

    fn scratch(&self) -> Scratch {
        let args = vec![self.steps[1].clone(), self.sizes[0].clone(), self.sizes[1].clone()];
        let known: Option<Vec<usize>> = args.iter().map(Num::known).collect();
        let known = known.map(|known| keras_shapes::plan::attention_scratch(known[0], known[1], known[2]));
        Scratch { function: "attention_scratch", args, known }
    }
}

/// What is there already, as the gradient of an input; nothing of it comes from a mask.
fn handed(gradients: &[ValueId], i: usize, site: &mut Site<'_>) -> Call {
    let (dx, acc) = (site.dx(i), site.acc());
    let Some(&from) = gradients.get(i) else { return call!(site, constant::backward(dx, acc)) };
    let (from, nothing, linear) = (site.own(from), site.nothing(), quote!(Act::Linear));
    call!(site, activation::backward(dx, from, nothing, linear, acc))
}

/// Attention of all heads. Inputs: query, key, value, and the masks that there are. Params: the learnt factors.
pub struct Attention {
    /// How queries and keys are scored.
    pub scoring: Scoring,
    /// The share of weights that is dropped, an `f32` expression, and which stream of random numbers says which.
    pub dropout: Option<(TokenStream, u32)>,
    /// An own seed, a `u64` expression.
    pub seed: Option<TokenStream>,
    /// The gradients of query, key and value, and of the factors for each sample.
    pub gradients: [ValueId; 5],
}

impl Attention {
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
        let (scoring, seed) = (self.scoring.kind(), some_or_none(self.seed.as_ref()));
        let (rate, stream) = self.dropout.clone().unwrap_or((quote!(0.0), 0));
        Some(quote!(Attention { #scoring, rate: #rate, stream: #stream, seed: #seed }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let of = &self.scoring;
        let (y, qkv, masks) = (site.y(), [0, 1, 2].map(|i| site.x(i)), of.masks(3, site));
        let (factors, (rate, key), heads) = (of.factors(site), self.random(), of.borrowed());
        Some(call!(site, attention::forward(y, qkv[..], masks[..], factors[..], rate, key, heads)))
    }

    fn prepare(&self, site: &mut Site<'_>) -> Option<Call> {
        let (of, [dq, dk, dv, ..]) = (&self.scoring, self.gradients);
        let [dq, dk, dv] = [dq, dk, dv].map(|value| site.own_mut(value));
        let [scores, inner] = of.learnt(&self.gradients[3..], site);
        let (gradients, dy) = ([dq, dk, dv, scores, inner], site.dy());
        let (qkv, masks) = ([0, 1, 2].map(|i| site.x(i)), of.masks(3, site));
        let (factors, (rate, key), heads) = (of.factors(site), self.random(), of.borrowed());
        Some(call!(site, attention::backward(gradients[..], dy, qkv[..], masks[..], factors[..], rate, key, heads)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        handed(&self.gradients[..3], i, site)
    }

    fn passes_on(&self, i: usize, _: &Node) -> Option<Operand> {
        self.gradients[..3].get(i).map(|&gradient| Operand::Value(gradient))
    }

    fn backward_param(&self, i: usize, site: &mut Site<'_>) -> Call {
        self.scoring.backward_param(i, &self.gradients[3..], site)
    }

    fn scratch(&self) -> Option<Scratch> {
        Some(self.scoring.scratch())
    }
}

/// The weights of attention, for each head rows of keys, one for each query. Inputs: query, key, and the masks that there
/// are. Params: the learnt factors.
pub struct AttentionWeights {
    /// How queries and keys are scored.
    pub scoring: Scoring,
    /// The gradients of query and key, and of the factors for each sample.
    pub gradients: [ValueId; 4],
}

impl Op for AttentionWeights {
    fn kind(&self) -> Option<TokenStream> {
        let scoring = self.scoring.kind();
        Some(quote!(AttentionWeights { #scoring }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let of = &self.scoring;
        let (y, qk, masks) = (site.y(), [0, 1].map(|i| site.x(i)), of.masks(2, site));
        let (factors, heads) = (of.factors(site), of.borrowed());
        Some(call!(site, attention::weights(y, qk[..], masks[..], factors[..], heads)))
    }

    fn prepare(&self, site: &mut Site<'_>) -> Option<Call> {
        let (of, [dq, dk, ..]) = (&self.scoring, self.gradients);
        let [dq, dk] = [dq, dk].map(|value| site.own_mut(value));
        let [scores, inner] = of.learnt(&self.gradients[2..], site);
        let (gradients, weights) = ([dq, dk, scores, inner], [site.dy(), site.saved_y()]);
        let (qk, masks) = ([0, 1].map(|i| site.x(i)), of.masks(2, site));
        let (factors, heads) = (of.factors(site), of.borrowed());
        Some(call!(
            site,
            attention::weights_backward(gradients[..], weights[..], qk[..], masks[..], factors[..], heads)
        ))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        handed(&self.gradients[..2], i, site)
    }

    fn passes_on(&self, i: usize, _: &Node) -> Option<Operand> {
        self.gradients[..2].get(i).map(|&gradient| Operand::Value(gradient))
    }

    fn backward_param(&self, i: usize, site: &mut Site<'_>) -> Call {
        self.scoring.backward_param(i, &self.gradients[2..], site)
    }

    fn scratch(&self) -> Option<Scratch> {
        Some(self.scoring.scratch())
    }
}

/// The mean of the values by given weights, a row of all heads for each query. Inputs: weights, values.
pub struct AttentionMix(pub Scoring);

impl Op for AttentionMix {
    fn kind(&self) -> Option<TokenStream> {
        let heads = self.0.described();
        Some(quote!(AttentionMix { heads: #heads }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, p, v, heads) = (site.y(), site.x(0), site.x(1), self.0.borrowed());
        Some(call!(site, attention::mix(y, p, v, heads)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, other, acc, heads) = (site.dx(i), site.dy(), site.x(1 - i), site.acc(), self.0.borrowed());
        if i == 0 {
            return call!(site, attention::mix_backward_weights(dx, dy, other, heads, acc));
        }
        call!(site, attention::mix_backward_values(dx, dy, other, heads, acc))
    }

    fn scratch(&self) -> Option<Scratch> {
        Some(self.0.scratch())
    }
}
