//! `Masking(mask_value)`: steps of which all features are equal to a value do not count.

use std::rc::Rc;

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{ValueId, ops};

pub(super) struct Masking;

impl Layer for Masking {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Masking", inputs: Arity::One, args: &[("mask_value", Kind::Number(0.0))] }
    }

    fn masks(&self) -> Masks {
        Masks::Own
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let x = inputs[0];
        let shape = cx.shape(x);
        if shape.rank() < 2 {
            let message = "`Masking` needs an input of 2 or more dimensions (steps, features), found one of 1";
            cx.error(args.span, message);
            return None;
        }
        let n = shape.last();
        let steps = shape.with_dims(shape.dims[..shape.rank() - 1].to_vec());
        let value = cx.number(args, "mask_value", 0.0).tokens;
        let value = cx.constant(value);
        let mask = cx.op(Rc::new(ops::NotEqual { n: n.clone(), value }), vec![x], vec![], steps);
        let y = cx.op(Rc::new(ops::Mask { n, fill: 0.0 }), vec![x, mask], vec![], shape);
        cx.mask(y, mask);
        Some(vec![y])
    }
}
