//! `Embedding(input_dim, output_dim, …)`: a row of a table for each number.

use std::rc::Rc;

use super::given::require;
use super::kinds::Arity;
use super::lora::{self, Alpha, Factors};
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, ParamId, ValueId, ops};

pub(super) struct Embedding;

impl Layer for Embedding {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "Embedding",
            inputs: Arity::One,
            args: &[
                ("input_dim", Kind::Size),
                ("output_dim", Kind::Size),
                ("embeddings_initializer", Kind::Initializer("RandomUniform")),
                ("embeddings_regularizer", Kind::Regularizer),
                ("embeddings_constraint", Kind::Constraint),
                ("mask_zero", Kind::Bool(false)),
                ("weights", Kind::Absent("set the model's field: `model.embedding.embeddings`")),
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

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let (rows, n) = (args.size("input_dim")?, args.size("output_dim")?);
        let table = cx.weight(args, "embeddings", vec![rows, n], "RandomUniform");
        let factors = cx.lora(args, table, Alpha::Dropped)?;
        cx.embedded(args, inputs[0], table, factors.as_ref())
    }
}

impl Lower<'_> {
    /// The rows of a table of `input_dim` rows of `output_dim`, and their mask. Nothing after a mistake.
    pub(super) fn embedded(
        &mut self,
        args: &Args,
        x: ValueId,
        table: ParamId,
        factors: Option<&Factors>,
    ) -> Option<Vec<ValueId>> {
        let (rows, n) = (args.size("input_dim")?, args.size("output_dim")?);
        let mut shape = self.shape(x);
        require!(self, args.span, embedding(shape, rows))?;
        let numbers = shape.clone();
        shape.dims.push(n.clone());
        let of_rows = |n: &Num| Rc::new(ops::Embedding { rows: rows.clone(), n: n.clone() });
        let mut y = self.linear(vec![table], |cx, params| cx.op(of_rows(&n), vec![x], params, shape.clone()));
        if let Some(factors) = factors {
            let narrow = shape.with_last(factors.rank.clone());
            let h = |cx: &mut Self| cx.op(of_rows(&factors.rank), vec![x], vec![factors.a], narrow);
            y = self.updated(y, factors, h, |cx, h| cx.times(h, factors.b, [&factors.rank, &n]));
        }
        if args.bool("mask_zero", false) {
            let op = ops::NotEqual { n: Num::Lit(1), value: quote::quote!(0.0) };
            let mask = self.op(Rc::new(op), vec![x], vec![], numbers);
            self.mask(y, mask);
        }
        Some(vec![y])
    }
}
