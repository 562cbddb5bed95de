//! `ReLU(max_value, negative_slope, threshold)`.

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;

pub(super) struct ReLU;

impl Layer for ReLU {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "ReLU",
            inputs: Arity::One,
            args: &[
                ("max_value", Kind::Limit),
                ("negative_slope", Kind::NotNegative(0.0)),
                ("threshold", Kind::NotNegative(0.0)),
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
        let max = args.float("max_value").map(|_| cx.number(args, "max_value", 0.0));
        let (slope, threshold) = (cx.number(args, "negative_slope", 0.0), cx.number(args, "threshold", 0.0));
        let act = super::activations::relu(&slope, max.as_ref(), &threshold);
        Some(vec![cx.elementwise(inputs[0], &act)])
    }
}
