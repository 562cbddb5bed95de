//! `Dense(units, …)`: act(x·kernel + bias) over the last dimension.

use std::rc::Rc;

use super::kinds::Arity;
use super::lora::{self, Alpha};
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, Shape, ValueId, ops};

pub(super) struct Dense;

impl Layer for Dense {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "Dense",
            inputs: Arity::One,
            args: &[
                ("units", Kind::Size),
                ("activation", Kind::Activation),
                ("use_bias", Kind::Bool(true)),
                ("kernel_initializer", Kind::Initializer("GlorotUniform")),
                ("bias_initializer", Kind::Initializer("Zeros")),
                ("kernel_regularizer", Kind::Regularizer),
                ("bias_regularizer", Kind::Regularizer),
                ("activity_regularizer", Kind::Regularizer),
                ("kernel_constraint", Kind::Constraint),
                ("bias_constraint", Kind::Constraint),
                lora::RANK,
                lora::ALPHA,
                ("quantization_config", Kind::Absent("train in f32; quantize the weights where they are used")),
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
        let x = inputs[0];
        let shape = cx.shape(x);
        let units = args.size("units")?;
        cx.built(args, "kernel", &shape)?;
        // Without `Input` the width is a const generic, which no const item may be made of; any will do.
        let checked = if shape.is_generic() { Shape::new(vec![Num::Lit(1)]) } else { shape.clone() };
        super::given::require!(cx, args.span, dense(checked, units, 0))?;
        let out = shape.with_last(units);
        let (k, n, outer) = (shape.last(), out.last(), shape.outer());

        let kernel = cx.weight(args, "kernel", vec![k.clone(), n.clone()], "GlorotUniform");
        let mut params = vec![kernel];
        if args.bool("use_bias", true) {
            params.push(cx.weight(args, "bias", vec![n.clone()], "Zeros"));
        }
        let mut y = cx.linear(params, |cx, params| {
            let bias = params.len() > 1;
            let op = ops::Dense { outer, k: k.clone(), n: n.clone(), bias, act: ops::Act::Linear };
            cx.op(Rc::new(op), vec![x], params, out)
        });
        if let Some(factors) = cx.lora(args, kernel, Alpha::Dropped)? {
            let narrow = |cx: &mut Lower<'_>| cx.times(x, factors.a, [&k, &factors.rank]);
            y = cx.updated(y, &factors, narrow, |cx, h| cx.times(h, factors.b, [&factors.rank, &n]));
        }
        cx.finish(y, args)
    }
}
