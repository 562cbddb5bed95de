//! `LeakyReLU(negative_slope)`.

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;

pub(super) struct LeakyReLU;

impl Layer for LeakyReLU {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "LeakyReLU", inputs: Arity::One, args: &[("negative_slope", Kind::NotNegative(0.3))] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let slope = cx.number(args, "negative_slope", 0.3);
        let act = super::activations::relu(&slope, None, &super::activations::known(0.0));
        Some(vec![cx.elementwise(inputs[0], &act)])
    }
}
