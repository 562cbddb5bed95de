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
            parts.extend(cx.parts(args, call, nth, cx.shared)?);
        }
        let states: Option<usize> = parts.iter().map(Part::states).sum();
        let Some(states) = states else {
            let message = "`StackedRNNCells`: with cells of one's own they go through time, `RNN([…])`; a cell of one's \
                           own can be called by itself";
            cx.error(args.span, message);
            return None;
        };
        let (x, way) = cx.one_step(args, inputs, states)?;
        cx.stacked(args, &parts, x, &way, ONCE)
    }
}
