//! `Add()(a, b, …)`, which is also what `a + b` means.

use std::rc::Rc;

use super::kinds::Arity;
use super::{Args, Layer, Lower, Masks, Spec};
use crate::graph::{ValueId, ops};

pub(super) struct Add;

impl Layer for Add {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Add", inputs: Arity::Several, args: &[] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Merged
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let (values, shape) = cx.broadcast(args, inputs, 0)?;
        Some(vec![cx.op(Rc::new(ops::Add(values.len())), values, vec![], shape)])
    }
}
