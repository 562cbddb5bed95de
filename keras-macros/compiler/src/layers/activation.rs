//! `Activation(activation)`.

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;

pub(super) struct Activation;

impl Layer for Activation {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Activation", inputs: Arity::One, args: &[("activation", Kind::RequiredActivation)] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let y = cx.activate(inputs[0], args, "activation")?;
        if y == inputs[0] {
            let shape = cx.shape(y);
            return Some(vec![cx.alias(y, shape)]);
        }
        Some(vec![y])
    }
}
