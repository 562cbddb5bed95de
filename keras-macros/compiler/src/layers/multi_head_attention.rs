//! `MultiHeadAttention(num_heads, key_dim, …)(query, value, key)`: attention of several heads, each with projections of its own.

use super::attending::{MASK, Projected, SWITCHES};
use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, ValueId};

pub(super) struct MultiHeadAttention;

/// What is said of `flash_attention`.
pub(super) const FLASH: &str = "the weights of all queries are never in memory at once, whatever it says";

impl Layer for MultiHeadAttention {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "MultiHeadAttention",
            inputs: Arity::Several,
            args: &[
                ("num_heads", Kind::Size),
                ("key_dim", Kind::Size),
                ("value_dim", Kind::OptionalSize),
                ("dropout", Kind::NotNegative(0.0)),
                ("use_bias", Kind::Bool(true)),
                ("output_shape", Kind::OptionalSize),
                ("attention_axes", Kind::OptionalInts),
                ("sliding_window", Kind::OptionalSize),
                ("flash_attention", Kind::Absent(FLASH)),
                ("kernel_initializer", Kind::Initializer("GlorotUniform")),
                ("bias_initializer", Kind::Initializer("Zeros")),
                ("kernel_regularizer", Kind::Regularizer),
                ("bias_regularizer", Kind::Regularizer),
                ("activity_regularizer", Kind::Regularizer),
                ("kernel_constraint", Kind::Constraint),
                ("bias_constraint", Kind::Constraint),
                ("use_gate", Kind::Bool(false)),
                ("seed", Kind::Seed),
            ],
        }
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn keywords(&self) -> &'static [&'static str] {
        &[MASK]
    }

    fn switches(&self) -> &'static [&'static str] {
        SWITCHES
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let (heads, depth) = (args.size("num_heads")?, args.size("key_dim")?);
        let width = args.size("value_dim").unwrap_or_else(|| depth.clone());
        let out = args.size("output_shape").unwrap_or_else(|| cx.shape(inputs[0]).last());
        let (gate, window) = (args.bool("use_gate", false), args.size("sliding_window").unwrap_or(Num::Lit(0)));
        let heads = [heads.clone(), heads];
        cx.attend_projected(args, inputs, Projected { layer: 1, heads, sizes: [depth, width], gate, out, window })
    }
}
