//! `Average()(a, b, …)`.

use super::kinds::Arity;
use super::{Args, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;
use crate::graph::ops::Merge;

pub(super) struct Average;

impl Layer for Average {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Average", inputs: Arity::Several, args: &[] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Own
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        cx.merge(args, inputs, Merge::Average)
    }
}
