//! `stateful = true`: the states after a batch are those before the next one.
//!
//! A layer's cells know nothing of it: they are given what the batch before has left as their initial states, and what they
//! end with is left for the next one. All calls of a layer go on from one state, each from that of the call before; within a
//! batch the gradient goes with it.

use std::rc::Rc;

use proc_macro2::Span;

use super::Lower;
use super::given::require;
use crate::graph::{Carried, Num, Shape, ValueId, ops};

impl Lower<'_> {
    /// The states that the layer at hand goes on from, of these shapes.
    pub(super) fn recalled(&mut self, shapes: &[Shape]) -> Vec<ValueId> {
        let recalled = shapes.iter().enumerate().map(|(nth, shape)| {
            let Carried { at, last, .. } = self.slot(nth, shape);
            let (at, last) = (at.clone(), *last);
            last.unwrap_or_else(|| self.op(Rc::new(ops::Recall { at }), vec![], vec![], shape.clone()))
        });
        recalled.collect()
    }

    /// Leaves the states of the layer at hand for its next call and for the next batch.
    pub(super) fn carry(&mut self, states: &[ValueId]) {
        for (nth, &state) in states.iter().enumerate() {
            let shape = self.shape(state);
            let slot = self.slot(nth, &shape);
            slot.last = Some(state);
            let at = slot.at.clone();
            self.op(Rc::new(ops::Carry { at }), vec![state], vec![], shape);
        }
    }

    /// Where the states of a model that is a layer begin, of which each row has so many floats.
    pub(super) fn carried_by(&mut self, floats: Num) -> Num {
        self.slot(0, &Shape::new(vec![floats])).at.clone()
    }

    /// Checks that states of this shape can go on from those that an earlier call of the layer at hand has left. Nothing after
    /// a mistake.
    pub(super) fn goes_on(&mut self, span: Span, shape: &Shape) -> Option<()> {
        let layer = self.layer;
        if let Some(first) = self.graph.carried.iter().find(|carried| carried.layer == layer) {
            let (shape, first) = (shape.clone(), first.shape.clone());
            require!(self, span, initial_state(shape, first, 0))?;
        }
        Some(())
    }

    /// State number `nth` of the layer at hand.
    fn slot(&mut self, nth: usize, shape: &Shape) -> &mut Carried {
        let (layer, all, at) = (self.layer, self.graph.carried.len(), self.graph.carries());
        let carried = &mut self.graph.carried;
        let mut own = (0..all).filter(|&i| carried[i].layer == layer);
        let slot = own.nth(nth).unwrap_or(all);
        if slot == all {
            carried.push(Carried { layer, at, shape: shape.clone(), last: None });
        }
        &mut carried[slot]
    }
}
