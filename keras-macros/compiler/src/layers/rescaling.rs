//! `Rescaling(scale, offset)`: x·scale + offset.

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;

pub(super) struct Rescaling;

impl Layer for Rescaling {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Rescaling", inputs: Arity::One, args: &[("scale", Kind::Float), ("offset", Kind::Number(0.0))] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn integers(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let (scale, offset) = (cx.number(args, "scale", 1.0), cx.number(args, "offset", 0.0));
        Some(vec![cx.elementwise(inputs[0], &super::activations::affine(&scale, &offset))])
    }
}
