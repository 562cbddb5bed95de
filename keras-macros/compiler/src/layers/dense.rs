//! `Dense(units, …)`: act(x·kernel + bias) over the last dimension.

use std::rc::Rc;

use super::kinds::Arity;
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
                ("lora_rank", Kind::OptionalSize),
                ("lora_alpha", Kind::OptionalFloat),
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
        super::given::require!(cx, args.span, dense(checked, units))?;
        let out = shape.with_last(units);
        let (k, n, outer) = (shape.last(), out.last(), shape.outer());

        let bias = args.bool("use_bias", true);
        let kernel = cx.weight(args, "kernel", vec![k.clone(), n.clone()], "GlorotUniform");
        let mut params = vec![kernel];
        if bias {
            params.push(cx.weight(args, "bias", vec![n.clone()], "Zeros"));
        }
        let op = ops::Dense { outer: outer.clone(), k: k.clone(), n: n.clone(), bias, act: ops::Act::Linear };
        let mut y = cx.op(Rc::new(op), vec![x], params, out.clone());
        if let Some(rank) = args.size("lora_rank") {
            y = lora(args, x, y, kernel, [outer, k, n, rank], cx);
        }
        cx.finish(y, args)
    }
}

/// y + alpha / rank · (x·a)·b, with the kernel frozen. As in Keras, `lora_alpha` given to the constructor has no effect
/// but through `rank`: the factor is 1.
fn lora(
    args: &Args,
    x: ValueId,
    y: ValueId,
    kernel: usize,
    [outer, k, n, rank]: [Num; 4],
    cx: &mut Lower<'_>,
) -> ValueId {
    cx.freeze(kernel);
    let a = cx.weight(args, "lora_kernel_a", vec![k.clone(), rank.clone()], "HeUniform");
    let b = cx.weight(args, "lora_kernel_b", vec![rank.clone(), n.clone()], "Zeros");
    let narrow = cx.shape(x).with_last(rank.clone());
    let linear = |k: Num, n: Num| {
        Rc::new(ops::Dense { outer: outer.clone(), k, n, bias: false, act: ops::Act::Linear }) as Rc<dyn ops::Op>
    };
    let h = cx.op(linear(k, rank.clone()), vec![x], vec![a], narrow);
    let out = cx.shape(y);
    let delta = cx.op(linear(rank, n), vec![h], vec![b], out.clone());
    cx.op(Rc::new(ops::Add(2)), vec![y, delta], vec![], out)
}
