//! `Add()(a, b, …)`, which is also what `a + b` means.

use std::rc::Rc;

use super::args::Arity;
use super::{Args, Layer, Lower, Spec};
use crate::graph::{ValueId, ops};

pub(super) struct Add;

impl Layer for Add {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Add", inputs: Arity::Several, args: &[] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let mut shape = cx.shape(inputs[0]);
        for &input in &inputs[1..] {
            let other = cx.shape(input);
            super::given::require!(cx, args.span, add(shape, other))?;
            shape = shape.and(&other);
        }
        Some(vec![cx.op(Rc::new(ops::Add(inputs.len())), inputs.to_vec(), vec![], shape)])
    }
}
