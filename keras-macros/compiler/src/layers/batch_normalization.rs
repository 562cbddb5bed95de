//! `BatchNormalization(axis, momentum, epsilon, center, scale, …)`: γ (x − mean) / √(variance + epsilon) + β of each channel, over the batch in training, by moving averages in inference.

use std::rc::Rc;

use super::args::Arity;
use super::normalized::WEIGHTS;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, Shape, ValueId, ops};

pub(super) struct BatchNormalization;

impl Layer for BatchNormalization {
    fn spec(&self) -> &'static Spec {
        const ARGS: [(&str, Kind); 17] = {
            let [center, scale, beta, gamma, e, f, g, h] = WEIGHTS;
            const RENORM: &str = "batch renormalization is not there yet";
            let renorm = Kind::Absent(RENORM);
            [
                ("axis", Kind::Int(-1)),
                ("momentum", Kind::Number(0.99)),
                ("epsilon", Kind::NotNegative(1e-3)),
                center,
                scale,
                beta,
                gamma,
                ("moving_mean_initializer", Kind::Initializer("Zeros")),
                ("moving_variance_initializer", Kind::Initializer("Ones")),
                e,
                f,
                g,
                h,
                ("renorm", Kind::Off(RENORM)),
                ("renorm_clipping", renorm),
                ("renorm_momentum", renorm),
                ("synchronized", Kind::Off("the statistics are those of this process")),
            ]
        };
        &Spec { name: "BatchNormalization", inputs: Arity::One, args: &ARGS }
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let shape = cx.shape(inputs[0]);
        let axis = cx.axes(args, "axis", &[args.int("axis", -1)], shape.rank())?[0];
        let dims = [shape.dims[axis].clone()];
        let mask = cx.mask_of(inputs[0]);
        if let Some(mask) = mask
            && (axis + 1 != shape.rank() || cx.shape(mask).rank() != axis)
        {
            let message = "`BatchNormalization`: with a mask, which says of each step whether it counts, `axis` must be \
                           the last one";
            cx.error(args.span, message);
            return None;
        }
        let ([gamma, beta], mut params) = cx.factors(args, &dims)?;
        for (name, default) in [("moving_mean", "Zeros"), ("moving_variance", "Ones")] {
            let state = cx.along_dims(args, name, default, &dims)?;
            cx.freeze(state);
            params.push(state);
        }
        let (epsilon, momentum) = (cx.number(args, "epsilon", 1e-3).tokens, cx.number(args, "momentum", 0.99).tokens);
        let [channels] = dims;
        let masked = mask.is_some();
        let trainable = args.bool("trainable", true);
        let op = |cx: &mut Lower<'_>, shape: &Shape| {
            let both = channels.mul(&Num::Lit(2));
            let [stats, sums] = [both.add(&Num::Lit(1)), both].map(|len| cx.value(Shape::new(vec![len]), None));
            // They are read over the whole batch, so they lie where all rows do.
            cx.graph.regions.extend([stats, sums]);
            let positions = shape.outer();
            let op = ops::BatchNormalization {
                positions, channels, epsilon, momentum, gamma, beta, masked, trainable, stats, sums
            };
            Rc::new(op) as Rc<dyn ops::Op>
        };
        let y = cx.along_with(inputs[0], &[axis], params, op, |n| n);
        if let (Some(mask), Some(node)) = (mask, cx.graph.ops.last_mut()) {
            node.inputs.push(mask);
        }
        Some(vec![y])
    }
}
