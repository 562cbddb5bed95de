//! `GroupQueryAttention(head_dim, num_query_heads, num_key_value_heads, …)(query, value, key)`: attention of several heads, of which some share keys and values.

use super::attending::{MASK, Projected, SWITCHES};
use super::given::require;
use super::kinds::Arity;
use super::multi_head_attention::FLASH;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, ValueId};

pub(super) struct GroupQueryAttention;

impl Layer for GroupQueryAttention {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "GroupQueryAttention",
            inputs: Arity::Several,
            args: &[
                ("head_dim", Kind::Size),
                ("num_query_heads", Kind::Size),
                ("num_key_value_heads", Kind::Size),
                ("dropout", Kind::NotNegative(0.0)),
                ("use_bias", Kind::Bool(true)),
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
        let size = args.size("head_dim")?;
        let heads = [args.size("num_query_heads")?, args.size("num_key_value_heads")?];
        require!(cx, args.span, shared_heads(heads[0].clone(), heads[1].clone()))?;
        let out = cx.shape(inputs[0]).last();
        let (gate, window) = (args.bool("use_gate", false), args.size("sliding_window").unwrap_or(Num::Lit(0)));
        let projected = Projected { layer: 2, heads, sizes: [size.clone(), size], gate, out, window };
        let results = cx.attend_projected(args, inputs, projected)?;
        // Keras has its penalty not only in all projections, as in `MultiHeadAttention`, but for what the layer gives too.
        if let Some(penalty) = args.object("activity_regularizer") {
            results.iter().for_each(|&result| cx.penalize(result, penalty.clone()));
        }
        Some(results)
    }
}
