//! `BatchNormalization(axis, momentum, epsilon, center, scale, …)`: γ (x − mean) / √(variance + epsilon) + β of each channel,
//! over the batch in training, by moving averages in inference. A batch is never spread over several devices, so that
//! `synchronized` changes nothing.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::kinds::Arity;
use super::normalized::WEIGHTS;
use super::objects::float_tokens;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, ParamId, Shape, ValueId, ops};

pub(super) struct BatchNormalization;

impl Layer for BatchNormalization {
    fn spec(&self) -> &'static Spec {
        const ARGS: [(&str, Kind); 17] = {
            let [center, scale, beta, gamma, e, f, g, h] = WEIGHTS;
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
                ("renorm", Kind::Bool(false)),
                ("renorm_clipping", Kind::Clipping),
                ("renorm_momentum", Kind::Number(0.99)),
                ("synchronized", Kind::Bool(false)),
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
        let renorm = if args.bool("renorm", false) { Some(renormalized(args, &dims, &mut params, cx)?) } else { None };
        let (epsilon, momentum) = (cx.number(args, "epsilon", 1e-3).tokens, cx.number(args, "momentum", 0.99).tokens);
        let [channels] = dims;
        let masked = mask.is_some();
        let trainable = args.bool("trainable", true);
        let op = |cx: &mut Lower<'_>, shape: &Shape| {
            let both = channels.mul(&Num::Lit(2));
            let kept = if renorm.is_some() { channels.mul(&Num::Lit(5)) } else { both.clone() };
            let [stats, sums] = [kept.add(&Num::Lit(1)), both].map(|len| cx.value(Shape::new(vec![len]), None));
            // They are read over the whole batch, so they lie where all rows do.
            cx.graph.regions.extend([stats, sums]);
            let positions = shape.outer();
            let op = ops::BatchNormalization {
                positions,
                channels,
                epsilon,
                momentum,
                gamma,
                beta,
                masked,
                renorm,
                trainable,
                stats,
                sums,
            };
            Rc::new(op) as Rc<dyn ops::Op>
        };
        let y = cx.along_with(inputs[0], &[axis], params, op, |n| n);
        let normalizing = cx.graph.ops.iter_mut().rfind(|node| !node.params.is_empty());
        if let (Some(mask), Some(node)) = (mask, normalizing) {
            node.inputs.push(mask);
        }
        Some(vec![y])
    }
}

/// The params of batch renormalization, behind the others, and its constants: momentum, and the limits of r and d. Nothing
/// after a mistake.
fn renormalized(args: &Args, dims: &[Num], params: &mut Vec<ParamId>, cx: &mut Lower<'_>) -> Option<[TokenStream; 4]> {
    if cx.shared {
        let message = "`BatchNormalization` is called a second time, and with `renorm = true` can be called once: give each call \
                       a layer of its own, or leave out `renorm`";
        cx.error(args.span, message);
        return None;
    }
    let of =
        [("moving_stddev", "moving_variance"), ("renorm_mean", "moving_mean"), ("renorm_stddev", "moving_variance")];
    for (name, by) in of {
        let default = if by == "moving_mean" { "Zeros" } else { "Ones" };
        let state = cx.weight_by(args, name, by, dims.to_vec(), default);
        // A deviation begins as the root of the variance.
        if let Some(init) = args.object("moving_variance_initializer").filter(|_| by == "moving_variance") {
            cx.graph.params[state].init = quote!(Init::Root { of: &#init });
        }
        cx.freeze(state);
        params.push(state);
    }
    let limit = |at: usize, default: f64| match args.limits("renorm_clipping") {
        Some(limits) => limits[at].as_ref().map_or_else(|| float_tokens(default), |limit| limit.tokens.clone()),
        None => float_tokens(default),
    };
    let largest = f64::from(f32::MAX);
    let momentum = cx.number(args, "renorm_momentum", 0.99).tokens;
    Some([momentum, limit(0, 0.0), limit(1, largest), limit(2, largest)])
}
