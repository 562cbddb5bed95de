//! `ReversibleEmbedding(input_dim, output_dim, …)`: a row of a table for each number, and with `reverse = true` the products of a row with all rows of the table.

use std::rc::Rc;

use quote::quote;

use super::given::require;
use super::kinds::Arity;
use super::lora::{self, Alpha, Factors};
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ops::{self, Act};
use crate::graph::{Num, ParamId, ValueId};

pub(super) struct ReversibleEmbedding;

impl Layer for ReversibleEmbedding {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "ReversibleEmbedding",
            inputs: Arity::One,
            args: &[
                ("input_dim", Kind::Size),
                ("output_dim", Kind::Size),
                ("tie_weights", Kind::Bool(true)),
                ("embeddings_initializer", Kind::Initializer("RandomUniform")),
                ("embeddings_regularizer", Kind::Regularizer),
                ("embeddings_constraint", Kind::Constraint),
                ("mask_zero", Kind::Bool(false)),
                ("reverse_dtype", Kind::Absent("products are computed as the layer's `dtype` says")),
                ("logit_soft_cap", Kind::OptionalFloat),
                ("weights", Kind::Absent("set the model's field: `model.reversible_embedding.embeddings`")),
                lora::RANK,
                lora::ALPHA,
                ("quantization_config", Kind::Absent("train in f32; quantize the weights where they are used")),
            ],
        }
    }

    fn integers(&self) -> bool {
        true
    }

    fn rounds_inputs(&self) -> bool {
        false
    }

    fn masks(&self) -> Masks {
        Masks::Own
    }

    fn switches(&self) -> &'static [&'static str] {
        &["reverse"]
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let (rows, n) = (args.size("input_dim")?, args.size("output_dim")?);
        let table = cx.weight(args, "embeddings", vec![rows.clone(), n.clone()], "RandomUniform");
        let factors = cx.lora(args, table, Alpha::Dropped)?;
        let own = (!args.bool("tie_weights", true)).then(|| {
            let dims = vec![n.clone(), rows.clone()];
            cx.weight_like(args, "reverse_embeddings", "embeddings", dims, "RandomUniform")
        });
        if cx.switched.iter().any(|word| word == "reverse") {
            let policy = cx.precision;
            cx.precision = cx.promoted(inputs[0]);
            let y = cx.reversed(args, inputs[0], table, own, factors.as_ref());
            cx.precision = policy;
            return y.map(|y| vec![y]);
        }
        cx.embedded(args, inputs[0], table, factors.as_ref())
    }
}

impl Lower<'_> {
    /// A weight with the initializer of another one, and nothing else of it.
    fn weight_like(&mut self, args: &Args, name: &'static str, other: &str, shape: Vec<Num>, default: &str) -> ParamId {
        let param = self.weight_by(args, name, other, shape, default);
        self.graph.params[param].regularizer = None;
        self.graph.params[param].constraint = None;
        param
    }

    /// The products of each row with the rows of the table, or with the columns of a weight of their own, which no update
    /// of the table concerns. Nothing after a mistake.
    fn reversed(
        &mut self,
        args: &Args,
        x: ValueId,
        table: ParamId,
        own: Option<ParamId>,
        factors: Option<&Factors>,
    ) -> Option<ValueId> {
        let (rows, n, shape) = (args.size("input_dim")?, args.size("output_dim")?, self.shape(x));
        require!(self, args.span, reversed_embedding(shape, n))?;
        let mut y = match own {
            Some(own) => self.times(x, own, [&n, &rows]),
            None => self.times_transposed(x, table, [&n, &rows]),
        };
        if let Some(factors) = factors.filter(|_| own.is_none()) {
            let h = |cx: &mut Self| cx.times_transposed(x, factors.b, [&n, &factors.rank]);
            y = self.updated(y, factors, h, |cx, h| cx.times_transposed(h, factors.a, [&factors.rank, &rows]));
        }
        if let Some(cap) = args.float("logit_soft_cap") {
            if cap.known.is_some_and(|cap| cap <= 0.0) {
                let message = "`ReversibleEmbedding`: `logit_soft_cap` must be more than 0";
                self.error(args.span_of("logit_soft_cap"), message);
                return None;
            }
            let cap = cap.tokens;
            y = self.scaled(y, quote!((1.0 / #cap)));
            let shape = self.shape(y);
            y = self.op(Rc::new(ops::Activation(Act::Tanh)), vec![y], vec![], shape);
            y = self.scaled(y, cap);
        }
        Some(y)
    }
}
