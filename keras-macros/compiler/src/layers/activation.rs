//! `Activation(activation)`.

use super::args::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ValueId;

pub(super) struct Activation;

impl Layer for Activation {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Activation", inputs: Arity::One, args: &[("activation", Kind::RequiredActivation)] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let shape = cx.shape(inputs[0]);
        match args.activation("activation") {
            super::words::Activated::Linear => Some(vec![cx.alias(inputs[0], shape)]),
            act => Some(vec![cx.activate(inputs[0], act)]),
        }
    }
}
