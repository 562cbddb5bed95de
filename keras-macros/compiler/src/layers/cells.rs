//! Cells: one step of a recurrent layer, in one, one after the other, or by themselves.

use super::recurrent::{Course, Way};
use super::wrapped::Inner;
use super::{Args, Lower};
use crate::graph::ops::{Cell, Output};
use crate::graph::{Num, Shape, ValueId};

/// A cell, its arguments, and the layer that has its weights.
pub(super) struct Part {
    cell: Cell,
    units: Num,
    inner: Inner,
}

impl Lower<'_> {
    /// The cells in a layer within the one at hand, which is a cell or has several. Nothing after a mistake.
    pub(super) fn parts(&mut self, args: &Args, inner: Inner, built: bool) -> Option<Vec<Part>> {
        if let Some(cell) = inner.layer.cell(&inner.args) {
            return Some(vec![Part { cell, units: inner.args.size("units")?, inner }]);
        }
        let Some(calls) = inner.args.layers("cells") else {
            let (layer, found) = (args.spec.name, inner.class());
            let message = format!("`{layer}`: expected a cell, such as `LSTMCell(32)`, found `{found}`");
            self.error(inner.args.span, message);
            return None;
        };
        let each = |cx: &mut Self| -> Option<Vec<Inner>> {
            calls.iter().enumerate().map(|(nth, call)| cx.inner(call, "", nth)).collect()
        };
        let cells = self.within(&inner, built, each)?;
        let mut parts = Vec::new();
        for cell in cells {
            parts.extend(self.within(&inner, built, |cx| cx.parts(&inner.args, cell, built))?);
        }
        Some(parts)
    }

    /// Cells that go through time, each with the output of the one before: the output of the last one, and the states of
    /// all if they come out. Nothing after a mistake.
    pub(super) fn stacked(
        &mut self,
        args: &Args,
        parts: &[Part],
        x: ValueId,
        way: &Way,
        course: Course,
    ) -> Option<Vec<ValueId>> {
        let shape = |part: &Part| (part.cell, Shape::new(vec![part.units.clone()]));
        let cells: Vec<(Cell, Shape)> = parts.iter().map(shape).collect();
        self.initial(args, &cells, &way.initial)?;
        // In the order of time, so that all of them have the same mask.
        let between = Course { output: Output::InTime, zero_masked: false, ..course };
        let (mut y, mut states, mut initial) = (x, Vec::new(), way.initial.iter().copied());
        for (i, part) in parts.iter().enumerate() {
            let way = Way { initial: initial.by_ref().take(part.cell.states()).collect(), ..way.clone() };
            let course = if i + 1 < parts.len() { between } else { course };
            let (args, built) = (&part.inner.args, self.shared);
            let results = self.within(&part.inner, built, |cx| cx.steps(args, part.cell, y, &way, course))?;
            y = results[0];
            states.extend(&results[1..]);
        }
        Some([y].into_iter().chain(states).collect())
    }

    /// What a cell is given that is called by itself, as a sequence of one step: x, and its states. Nothing after a
    /// mistake.
    pub(super) fn one_step(&mut self, args: &Args, inputs: &[ValueId], states: usize) -> Option<(ValueId, Way)> {
        let shape = self.rank(args, inputs[0], 1, "features")?;
        let given = self.keyword("states").unwrap_or_default();
        let initial: Vec<ValueId> = inputs[1..].iter().copied().chain(given).collect();
        if initial.len() != states {
            let (layer, found) = (args.spec.name, initial.len());
            let s = if states == 1 { "" } else { "s" };
            let message = format!(
                "`{layer}` takes x and {states} state{s}, found {found}: `{layer}(…)(x, states = [h, …])` in `model!`; \
                 `RNN` has a cell go through all steps"
            );
            self.error(args.span, message);
            return None;
        }
        let x = self.alias(inputs[0], shape.with_dims(vec![Num::Lit(1), shape.last()]));
        Some((x, Way { initial, ..Way::default() }))
    }

    /// A cell that is called by itself: its output, and its states. Nothing after a mistake.
    pub(super) fn single(&mut self, args: &Args, cell: Cell, inputs: &[ValueId]) -> Option<Vec<ValueId>> {
        let (x, way) = self.one_step(args, inputs, cell.states())?;
        self.initial(args, &[(cell, Shape::new(vec![args.size("units")?]))], &way.initial)?;
        self.steps(args, cell, x, &way, ONCE)
    }
}

impl Part {
    /// How many states it has.
    pub(super) fn states(&self) -> usize {
        self.cell.states()
    }
}

/// A cell that is called by itself.
pub(super) const ONCE: Course = Course { output: Output::Last, states: true, backwards: false, zero_masked: false };
