//! Cells: one step of a recurrent layer, in one, one after the other, or by themselves.

use super::own_cell::OwnCell;
use super::recurrent::{Course, Way};
use super::wrapped::Inner;
use super::{Args, Lower};
use crate::graph::ops::{Cell, Output};
use crate::graph::{Num, Shape, ValueId};
use crate::syntax::{Call, Callee};

/// A cell, and the layer that has its weights.
pub(super) enum Part {
    /// A cell of keras, and its arguments.
    Known { cell: Cell, units: Num, inner: Inner },
    /// A cell of the user's.
    Own(OwnCell),
}

impl Lower<'_> {
    /// The cells in part number `nth` of the layer at hand, which is a cell or has several. Nothing after a mistake.
    pub(super) fn parts(&mut self, args: &Args, call: &Call, nth: usize, built: bool) -> Option<Vec<Part>> {
        if let Callee::Path(path) = &call.callee {
            return Some(vec![Part::Own(self.own_cell(path, call, nth)?)]);
        }
        let inner = self.inner(call, "", nth)?;
        if let Some(cell) = inner.layer.cell(&inner.args) {
            return Some(vec![Part::Known { cell, units: inner.args.size("units")?, inner }]);
        }
        let Some(calls) = inner.args.layers("cells") else {
            let (layer, found) = (args.spec.name, inner.class());
            let message = format!("`{layer}`: expected a cell, such as `LSTMCell(32)`, found `{found}`");
            self.error(inner.args.span, message);
            return None;
        };
        let mut parts = Vec::new();
        for (nth, call) in calls.iter().enumerate() {
            parts.extend(self.within(&inner, built, |cx| cx.parts(&inner.args, call, nth, built))?);
        }
        Some(parts)
    }

    /// How many states each of these cells has: of those of the user's as many as are left of all that there are. Nothing
    /// after a mistake.
    fn states_of(&mut self, args: &Args, parts: &[Part], way: &Way, course: Course) -> Option<Vec<usize>> {
        let own = parts.iter().filter(|part| part.states().is_none()).count();
        let all = if way.initial.is_empty() { way.states } else { way.initial.len() };
        let (named, layer) = (course.states || !way.initial.is_empty(), args.spec.name);
        if own > 1 && (named || course.stateful) {
            let message = format!(
                "`{layer}`: which states are those of which cell is not known where several are of one's own: leave out \
                 `return_state`, `initial_state` and `stateful`"
            );
            self.error(args.span, message);
            return None;
        }
        if own == 1 && course.stateful && !named {
            let message = format!(
                "`{layer}`: `stateful = true` needs to know how many states a cell of one's own has, which their names say: \
                 `let (y, h) = {layer}(…, stateful = true, return_state = true)(x);` in `model!`"
            );
            self.error(args.span_of("stateful"), message);
            return None;
        }
        let known: usize = parts.iter().filter_map(Part::states).sum();
        Some(parts.iter().map(|part| part.states().unwrap_or(all.saturating_sub(known))).collect())
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
        let counts = self.states_of(args, parts, way, course)?;
        let known = |part: &Part| match part {
            Part::Known { cell, units, .. } => Some((*cell, Shape::new(vec![units.clone()]))),
            Part::Own(_) => None,
        };
        let all_known: Option<Vec<(Cell, Shape)>> = parts.iter().map(known).collect();
        if let Some(cells) = &all_known {
            self.initial(args, cells, &way.initial)?;
        }
        // In the order of time, so that all of them have the same mask.
        let between = Course { output: Output::InTime, zero_masked: false, ..course };
        let (mut y, mut states, mut initial) = (x, Vec::new(), way.initial.iter().copied());
        for (i, (part, count)) in parts.iter().zip(counts).enumerate() {
            let way = Way { initial: initial.by_ref().take(count).collect(), ..way.clone() };
            let course = if i + 1 < parts.len() { between } else { course };
            let built = self.shared;
            let results = match part {
                Part::Known { cell, inner, .. } => {
                    if let (None, Some(cell)) = (&all_known, known(part)) {
                        self.initial(args, &[cell], &way.initial)?;
                    }
                    self.within(inner, built, |cx| cx.steps(&inner.args, *cell, y, &way, course))?
                }
                Part::Own(cell) => {
                    let sequence = self.sequence(args.span, args.spec.name, y)?;
                    if i == 0 {
                        self.built_for(args.span, &cell.class, cell.id, &sequence)?;
                    }
                    self.own_steps(args.span, cell, &sequence, &way, course, count)?
                }
            };
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
    /// How many states it has, if that is known.
    pub(super) fn states(&self) -> Option<usize> {
        match self {
            Part::Known { cell, .. } => Some(cell.states()),
            Part::Own(_) => None,
        }
    }
}

/// A cell that is called by itself.
pub(super) const ONCE: Course =
    Course { output: Output::Last, states: true, stateful: false, backwards: false, zero_masked: false };
