//! Low-rank updates: a frozen kernel to which (alpha / rank) · a·b is added, a and b being trained.
//!
//! The sum is never made. What the kernel is applied to goes through both factors instead, and what comes of it is added.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::objects::float_tokens;
use super::{Args, Kind, Lower};
use crate::graph::ops::{self, Act, Op, Saves};
use crate::graph::{Num, ParamId, ValueId};

/// The arguments `lora_rank` and `lora_alpha`.
pub(super) const RANK: (&str, Kind) = ("lora_rank", Kind::OptionalSize);
pub(super) const ALPHA: (&str, Kind) = ("lora_alpha", Kind::OptionalFloat);

/// The factors of an update.
pub(super) struct Factors {
    pub(super) rank: Num,
    /// The kernel's dimensions with the rank in place of the last, and the rank and the kernel's last.
    pub(super) a: ParamId,
    pub(super) b: ParamId,
    /// alpha / rank, unless it is 1.
    scale: Option<TokenStream>,
}

/// Whether `lora_alpha` has an effect.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Alpha {
    Given,
    /// Keras drops what the constructor was given when it makes the factors: the scale is 1.
    Dropped,
}

impl Lower<'_> {
    /// The factors of the update of a weight, which is frozen then, if the call wants one. They come behind the weights
    /// that the layer has by now. Nothing after a mistake.
    pub(super) fn lora(&mut self, args: &Args, weight: ParamId, alpha: Alpha) -> Option<Option<Factors>> {
        let Some(rank) = args.size("lora_rank") else { return Some(None) };
        let (name, shape) = (self.graph.params[weight].name, self.graph.params[weight].shape.clone());
        let constraint = format!("{name}_constraint");
        if args.object(&constraint).is_some() {
            let message = format!(
                "`{}`: `{constraint}` does not go with `lora_rank`, which freezes the weight: leave out one of the two",
                args.spec.name
            );
            self.error(args.span_of(&constraint), message);
            return None;
        }
        let (last, rest) = shape.split_last()?;
        let (first, second) = match name {
            "embeddings" => ("lora_embeddings_a", "lora_embeddings_b"),
            _ => ("lora_kernel_a", "lora_kernel_b"),
        };
        self.freeze(weight);
        let narrow = rest.iter().cloned().chain([rank.clone()]).collect();
        let a = self.weight(args, first, narrow, "HeUniform");
        let b = self.weight(args, second, vec![rank.clone(), last.clone()], "Zeros");
        for factor in [a, b] {
            self.graph.params[factor].regularizer = args.object(&format!("{name}_regularizer"));
        }
        let alpha = args.float("lora_alpha").filter(|_| alpha == Alpha::Given);
        let scale = alpha.and_then(|alpha| match (alpha.known, rank.known()) {
            (Some(alpha), Some(rank)) => {
                let scale = alpha / rank as f64;
                (scale != 1.0).then(|| float_tokens(scale))
            }
            _ => {
                let alpha = alpha.tokens;
                Some(quote!((#alpha / #rank as f32)))
            }
        });
        Some(Some(Factors { rank, a, b, scale }))
    }

    /// y and the update's part of it: what `narrow` makes of the input, one way or the other through the rank, and `wide`
    /// of that.
    pub(super) fn updated(
        &mut self,
        y: ValueId,
        factors: &Factors,
        narrow: impl FnOnce(&mut Self) -> ValueId,
        wide: impl FnOnce(&mut Self, ValueId) -> ValueId,
    ) -> ValueId {
        let mut h = narrow(self);
        if let Some(scale) = &factors.scale {
            h = self.scaled(h, scale.clone());
        }
        let (delta, shape) = (wide(self, h), self.shape(y));
        self.op(Rc::new(ops::Add(2)), vec![y, delta], vec![], shape)
    }

    /// A value times a number.
    pub(super) fn scaled(&mut self, value: ValueId, scale: TokenStream) -> ValueId {
        let constants = vec![("scale", scale), ("offset", quote!(0.0))];
        let (act, shape) = (Act::Curve { variant: "Affine", constants, saves: Saves::Nothing }, self.shape(value));
        self.op(Rc::new(ops::Activation(act)), vec![value], vec![], shape)
    }

    /// Rows of `k` features times a factor of `k` rows of `n`.
    pub(super) fn times(&mut self, value: ValueId, factor: ParamId, [k, n]: [&Num; 2]) -> ValueId {
        let shape = self.shape(value);
        let out = shape.with_last(n.clone());
        let op = ops::Dense { outer: shape.outer(), k: k.clone(), n: n.clone(), bias: false, act: Act::Linear };
        self.op(Rc::new(op), vec![value], vec![factor], out)
    }

    /// Rows of `k` features times the transpose of a factor of `n` rows of `k`.
    pub(super) fn times_transposed(&mut self, value: ValueId, factor: ParamId, [k, n]: [&Num; 2]) -> ValueId {
        let shape = self.shape(value);
        let out = shape.with_last(n.clone());
        let op: Rc<dyn Op> = Rc::new(ops::Einsum::transposed(shape.outer(), k.clone(), n.clone()));
        self.op(op, vec![value], vec![factor], out)
    }
}
