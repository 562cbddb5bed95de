//! `UnitNormalization(axis)`: rows of length 1.

use std::rc::Rc;

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{ValueId, ops};

pub(super) struct UnitNormalization;

impl Layer for UnitNormalization {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "UnitNormalization", inputs: Arity::One, args: &[("axis", Kind::Axes)] }
    }

    fn masks(&self) -> Masks {
        Masks::Kept
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let rank = cx.shape(inputs[0]).rank();
        let axes = cx.axes(args, "axis", args.ints("axis").unwrap_or(&[-1]), rank)?;
        let op = |n| Rc::new(ops::UnitNormalization(n)) as Rc<dyn ops::Op>;
        Some(vec![cx.along(inputs[0], &axes, op, |n| n)])
    }
}
