//! `ReversibleEmbedding(input_dim, output_dim, …)`: a row of a table for each number, and with `reverse = true` the products of a row with all rows of the table.

use std::rc::Rc;

use quote::quote;

use super::given::require;
use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ops::{self, Act, Op, Saves};
use crate::graph::{Num, ParamId, ValueId};

pub(super) struct ReversibleEmbedding;

const LORA: &str = "it is supported by `Dense`";

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
                ("reverse_dtype", Kind::Absent("weights and activations are f32")),
                ("logit_soft_cap", Kind::OptionalFloat),
                ("weights", Kind::Absent("set the model's field: `model.reversible_embedding.embeddings`")),
                ("lora_rank", Kind::Absent(LORA)),
                ("lora_alpha", Kind::Absent(LORA)),
                ("quantization_config", Kind::Absent("train in f32; quantize the weights where they are used")),
            ],
        }
    }

    fn integers(&self) -> bool {
        true
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
        let own = (!args.bool("tie_weights", true)).then(|| {
            let dims = vec![n.clone(), rows.clone()];
            cx.weight_like(args, "reverse_embeddings", "embeddings", dims, "RandomUniform")
        });
        if cx.switched.iter().any(|word| word == "reverse") {
            return cx.reversed(args, inputs[0], table, own).map(|y| vec![y]);
        }
        cx.embedded(args, inputs[0], table)
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

    /// The products of each row with the rows of the table, or with the columns of a weight of their own. Nothing after a
    /// mistake.
    fn reversed(&mut self, args: &Args, x: ValueId, table: ParamId, own: Option<ParamId>) -> Option<ValueId> {
        let (rows, n, shape) = (args.size("input_dim")?, args.size("output_dim")?, self.shape(x));
        require!(self, args.span, reversed_embedding(shape, n))?;
        let (outer, out) = (shape.outer(), shape.with_last(rows.clone()));
        let (op, param): (Rc<dyn Op>, _) = match own {
            Some(own) => (Rc::new(ops::Dense { outer, k: n, n: rows, bias: false, act: Act::Linear }), own),
            None => (Rc::new(ops::Einsum::transposed(outer, n, rows)), table),
        };
        let mut y = self.op(op, vec![x], vec![param], out.clone());
        if let Some(cap) = args.float("logit_soft_cap") {
            if cap.known.is_some_and(|cap| cap <= 0.0) {
                let message = "`ReversibleEmbedding`: `logit_soft_cap` must be more than 0";
                self.error(args.span_of("logit_soft_cap"), message);
                return None;
            }
            let (cap, zero) = (cap.tokens, quote!(0.0));
            let scaled = |scale| {
                let constants = vec![("scale", scale), ("offset", zero.clone())];
                Act::Curve { variant: "Affine", constants, saves: Saves::Nothing }
            };
            for act in [scaled(quote!((1.0 / #cap))), Act::Tanh, scaled(cap.clone())] {
                y = self.op(Rc::new(ops::Activation(act)), vec![y], vec![], out.clone());
            }
        }
        Some(y)
    }
}
