//! `TimeDistributed(layer)`: the same layer at each step of a sequence.

use std::rc::Rc;

use super::kinds::Arity;
use super::wrapped::Inner;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, Shape, ValueId, ops};

pub(super) struct TimeDistributed;

/// Layers that do to all steps at once what they would do to each.
const AT_ONCE: [&str; 9] =
    ["Dense", "Dropout", "ELU", "GaussianDropout", "GaussianNoise", "Identity", "LeakyReLU", "ReLU", "Rescaling"];

impl Layer for TimeDistributed {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "TimeDistributed", inputs: Arity::One, args: &[("layer", Kind::Layer)] }
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let (x, shape) = (inputs[0], cx.shape(inputs[0]));
        if shape.rank() < 2 {
            let message = "`TimeDistributed` needs an input of 2 or more dimensions (steps, …), found one of 1";
            cx.error(args.span, message);
            return None;
        }
        let inner = cx.inner(args.layer("layer")?, "", 0)?;
        let built = cx.shared;
        // A mask of the dropout for each step comes with a mask for all of them, but not with one of a shape of its own.
        let at_once = AT_ONCE.contains(&inner.class()) && inner.args.noise_shape("noise_shape").is_none();
        if at_once && !inner.args.has_rows("activation") {
            return cx.call_within(&inner, built, x);
        }
        let Some(steps) = shape.dims[0].known() else {
            let message = "`TimeDistributed`: the number of steps must be a plain number for this layer";
            cx.error(args.span, message);
            return None;
        };
        by_steps(&inner, x, &shape, steps, cx)
    }
}

/// The layer once for each step. Nothing after a mistake.
fn by_steps(inner: &Inner, x: ValueId, shape: &Shape, steps: usize, cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
    let step = shape.with_dims(shape.dims[1..].to_vec());
    let flat = cx.alias(x, shape.with_dims(vec![shape.len()]));
    let (mut outputs, mut built) = (Vec::new(), cx.shared);
    for t in 0..steps {
        let x = cx.piece(flat, &step.len().mul(&Num::Lit(t)), step.clone());
        let results = cx.call_within(inner, built, x)?;
        let [y] = results[..] else {
            cx.error(inner.args.span, "`TimeDistributed`: the layer within must give one result");
            return None;
        };
        outputs.push(y);
        built = true;
    }
    let out = cx.shape(*outputs.first()?);
    let op = ops::Concatenate { outer: Num::Lit(1), widths: vec![out.len(); steps] };
    Some(vec![cx.op(Rc::new(op), outputs, vec![], out.with_first(Num::Lit(steps)))])
}
