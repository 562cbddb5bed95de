//! `Maximum()(a, b, …)`.

use super::kinds::Arity;
use super::{Args, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;
use crate::graph::ops::Merge;

pub(super) struct Maximum;

impl Layer for Maximum {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Maximum", inputs: Arity::Several, args: &[] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Own
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        cx.merge(args, inputs, Merge::Maximum)
    }
}
