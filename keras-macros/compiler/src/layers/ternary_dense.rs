//! `TernaryDense(units, threshold, …)`: act(x·T + bias), where T is −1, 0 or 1 for each weight of the kernel.

use std::rc::Rc;

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ops::{self, Threshold};
use crate::graph::{Num, Shape, ValueId};

pub(super) struct TernaryDense;

impl Layer for TernaryDense {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "TernaryDense",
            inputs: Arity::One,
            args: &[
                ("units", Kind::Size),
                ("threshold", Kind::Limit),
                ("activation", Kind::Activation),
                ("use_bias", Kind::Bool(true)),
                ("kernel_initializer", Kind::Initializer("GlorotUniform")),
                ("bias_initializer", Kind::Initializer("Zeros")),
                ("kernel_regularizer", Kind::Regularizer),
                ("bias_regularizer", Kind::Regularizer),
                ("activity_regularizer", Kind::Regularizer),
                ("kernel_constraint", Kind::Constraint),
                ("bias_constraint", Kind::Constraint),
            ],
        }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let shape = cx.shape(inputs[0]);
        let units = args.size("units")?;
        cx.built(args, "kernel", &shape)?;
        super::given::require!(cx, args.span, dense(shape.clone(), units, 1))?;
        let out = shape.with_last(units);
        let (k, n, outer) = (shape.last(), out.last(), shape.outer());

        let kernel = cx.weight(args, "kernel", vec![k.clone(), n.clone()], "GlorotUniform");
        // Which weights count is decided by the kernel as it is, whatever the layer computes in.
        cx.unrounded(kernel);
        let (threshold, params) = match args.float("threshold") {
            Some(_) => (Threshold::Given(cx.number(args, "threshold", 0.0).tokens), vec![kernel]),
            None => (Threshold::Mean(cx.value(Shape::new(vec![Num::Lit(1)]), None)), vec![kernel; 2]),
        };
        let op = ops::Ternary { outer: outer.clone(), k, n: n.clone(), threshold };
        let mut y = cx.op(Rc::new(op), inputs.to_vec(), params, out.clone());
        if args.bool("use_bias", true) {
            let bias = cx.weight(args, "bias", vec![n.clone()], "Zeros");
            y = cx.op(Rc::new(ops::Bias { outer, n }), vec![y], vec![bias], out);
        }
        cx.finish(y, args)
    }
}
