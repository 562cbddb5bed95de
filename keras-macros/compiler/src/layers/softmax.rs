//! `Softmax(axis)`.

use super::activations::{Activated, Rows};
use super::args::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;

pub(super) struct Softmax;

impl Layer for Softmax {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Softmax", inputs: Arity::One, args: &[("axis", Kind::OptionalInts)] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let axes = args.ints("axis").unwrap_or(&[-1]).to_vec();
        Some(vec![cx.activated(inputs[0], &Activated::Rows(Rows::Softmax, axes), args, "axis")?])
    }
}
