//! `Flatten()`: all dimensions in one. No op: the same numbers under another shape.

use super::args::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ValueId;

pub(super) struct Flatten;

impl Layer for Flatten {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "Flatten", inputs: Arity::One, args: &[("data_format", Kind::DataFormat)] }
    }

    fn any_rank(&self) -> bool {
        true
    }

    fn lower(&self, _: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let shape = cx.shape(inputs[0]);
        let flat = shape.with_dims(vec![shape.len()]);
        Some(vec![cx.alias(inputs[0], flat)])
    }
}
