//! `StackedRNNCells(cells)`: cells one after the other, as one: each is given the output of the one before.

use super::cells::{ONCE, Part};
use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ValueId;

pub(super) struct StackedRnnCells;

impl Layer for StackedRnnCells {
    fn spec(&self) -> &'static Spec {
        &Spec { name: "StackedRNNCells", inputs: Arity::States, args: &[("cells", Kind::Cells)] }
    }

    fn keywords(&self) -> &'static [&'static str] {
        &["states"]
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let mut parts = Vec::new();
        for (nth, call) in args.layers("cells")?.iter().enumerate() {
            let inner = cx.inner(call, "", nth)?;
            parts.extend(cx.parts(args, inner, cx.shared)?);
        }
        let (x, way) = cx.one_step(args, inputs, parts.iter().map(Part::states).sum())?;
        cx.stacked(args, &parts, x, &way, ONCE)
    }
}
