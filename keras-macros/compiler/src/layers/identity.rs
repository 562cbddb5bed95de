//! `Identity()`: the same numbers.

use super::kinds::Arity;
use super::{Args, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;

pub(super) struct Identity;

impl Layer for Identity {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Identity", inputs: Arity::One, args: &[] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, _: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let shape = cx.shape(inputs[0]);
        Some(vec![cx.alias(inputs[0], shape)])
    }
}
