//! `ELU(alpha)`.

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;

pub(super) struct Elu;

impl Layer for Elu {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "ELU", inputs: Arity::One, args: &[("alpha", Kind::Positive(1.0))] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let alpha = cx.number(args, "alpha", 1.0);
        Some(vec![cx.elementwise(inputs[0], &super::activations::elu(&alpha))])
    }
}
