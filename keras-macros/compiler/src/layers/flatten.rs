//! `Flatten(data_format)`: all dimensions in one. No op: the same numbers under another shape, unless the channels come
//! first; they are then brought to the end, so that the order is that of channels which come last.

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ValueId;

pub(super) struct Flatten;

impl Layer for Flatten {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Flatten", inputs: Arity::One, args: &[("data_format", Kind::Channels)] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let shape = cx.shape(inputs[0]);
        let mut x = inputs[0];
        if args.bool("data_format", false) {
            if shape.opaque.is_some() {
                cx.rank_unknown(args.span_of("data_format"), args.spec.name);
                return None;
            }
            let order: Vec<usize> = (1..shape.rank()).chain([0]).collect();
            x = cx.permute(x, &order);
        }
        let flat = shape.with_dims(vec![shape.len()]);
        Some(vec![cx.alias(x, flat)])
    }
}
