//! `ActivityRegularization(l1, l2)`: the same numbers, with a penalty on them.

use std::rc::Rc;

use quote::quote;

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{ValueId, ops};

pub(super) struct ActivityRegularization;

impl Layer for ActivityRegularization {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "ActivityRegularization",
            inputs: Arity::One,
            args: &[("l1", Kind::NotNegative(0.0)), ("l2", Kind::NotNegative(0.0))],
        }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let (l1, l2) = (cx.number(args, "l1", 0.0), cx.number(args, "l2", 0.0));
        let shape = cx.shape(inputs[0]);
        // The loss reads what it penalizes from the workspace, where the model's inputs are not.
        let y = match cx.graph.is_input(inputs[0]) {
            true => cx.op(Rc::new(ops::Activation(ops::Act::Linear)), vec![inputs[0]], vec![], shape),
            false => cx.alias(inputs[0], shape),
        };
        if l1.known != Some(0.0) || l2.known != Some(0.0) {
            let (l1, l2) = (l1.tokens, l2.tokens);
            cx.penalize(y, quote!(Penalty { l1: #l1, l2: #l2 }));
        }
        Some(vec![y])
    }
}
