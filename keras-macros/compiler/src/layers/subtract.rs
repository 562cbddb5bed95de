//! `Subtract()(a, b)`.

use super::kinds::Arity;
use super::{Args, Layer, Lower, Masks, Spec};
use crate::graph::ValueId;
use crate::graph::ops::Merge;

pub(super) struct Subtract;

impl Layer for Subtract {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Subtract", inputs: Arity::Several, args: &[] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Own
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        if inputs.len() != 2 {
            cx.error(args.span, format!("`Subtract` takes two inputs, found {}", inputs.len()));
            return None;
        }
        cx.merge(args, inputs, Merge::Subtract)
    }
}
