//! `Minimum()(a, b, …)`.

use super::kinds::Arity;
use super::{Args, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;
use crate::graph::ops::Merge;

pub(super) struct Minimum;

impl Layer for Minimum {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Minimum", inputs: Arity::Several, args: &[] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Own
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        cx.merge(args, inputs, Merge::Minimum)
    }
}
