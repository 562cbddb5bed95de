//! One step: a batch forward, its loss, and for training backward.

use std::ops::Range;

use keras_kernels::Isa;

use super::data::Batches;
use super::feed::To;
use super::measure::Measure;
use super::run::Run;
use super::threads::{by_rows, count, rounds};
use crate::compile::{Memory, slices};
use crate::model::Context;
use crate::optimizer::Step;
use crate::{Result, constraint, regularizer};

impl Run<'_> {
    /// Trains on these batches, or tests.
    pub(crate) fn batches(&mut self, batches: &mut Batches<'_>, which: Range<usize>, train: bool) -> Result<()> {
        #[cfg(feature = "cuda")]
        if self.is_on_device() {
            return self.on_device(batches, which, train);
        }
        for i in which {
            let (rows, weights) = batches.choose(i, self.steps);
            if train {
                self.train_step(rows, weights)?;
            } else {
                self.test_step(rows, weights)?;
            }
        }
        Ok(())
    }

    /// Trains on the batch, of so many rows with these weights. The scores are collected by the caller.
    pub(crate) fn train_step(&mut self, rows: usize, weights: Option<&[f32]>) -> Result<()> {
        let Run { graph, steps, objectives, optimizer, measure, memory } = self;
        memory.grow(steps.weights().len(), optimizer.slots());
        let Memory { workspace, grads, slots, frozen, iterations, steps: trained, seed, threads, .. } = &mut **memory;
        let Some(grads) = grads else { return Ok(()) };
        let cx = Context {
            isa: Isa::current(),
            training: true,
            seed: *seed,
            step: *trained,
            input_gradients: false,
            fused_heads: measure.fused_heads(graph, *objectives),
            until: u32::MAX,
        };

        let block = threads.block(Measure::is_whole(*objectives));
        let mut team = threads.team(graph, rows)?;
        let mut loss = f64::from(regularizer::value(graph, frozen, steps.weights()));
        let (mut slots, used) = slices(slots);
        let slots = &mut slots[..used];
        let mut step = optimizer.step(*iterations);
        for range in rounds(block, count(&team), rows) {
            let values = workspace.batch(graph.train.layout, range.len(), count(&team)).frozen(frozen);
            let values = &mut values.within(range.start, rows);
            let pass = &**steps;
            by_rows(values, &mut team, &|ws| ws.blocks(block, |ws| pass.forward(&cx, ws)));
            measure.round(graph, *objectives, pass, &cx, (values, block), weights, true, &mut loss)?;
            by_rows(values, &mut team, &|ws| ws.blocks(block, |ws| pass.backward_data(&cx, ws)));
            let (slots, rule) = match &step {
                Step::Elementwise(rule) => (&mut *slots, Some(*rule)),
                Step::Tensors(_) => (&mut [][..], None),
            };
            steps.backward_params(&cx, values, (&mut team, block), To { grads, frozen, slots }, rule);
        }
        measure.add(rows, loss);
        if let Step::Tensors(rule) = &mut step {
            rule.update(graph.params, frozen, steps.weights(), grads, slots);
        }
        constraint::apply(graph, frozen, steps.weights());
        *iterations += 1;
        *trained += 1;
        Ok(())
    }

    /// Takes the batch into account without training on it.
    pub(crate) fn test_step(&mut self, rows: usize, weights: Option<&[f32]>) -> Result<()> {
        let Run { graph, steps, objectives, measure, memory, .. } = self;
        let cx = Context::inference(Isa::current());
        let block = memory.threads.block(Measure::is_whole(*objectives));
        let mut team = memory.threads.team(graph, rows)?;
        let mut loss = f64::from(regularizer::value(graph, &memory.frozen, steps.weights()));
        for range in rounds(block, count(&team), rows) {
            let values = memory.workspace.batch(graph.train.layout, range.len(), count(&team));
            let values = &mut values.within(range.start, rows);
            let pass = &**steps;
            by_rows(values, &mut team, &|ws| ws.blocks(block, |ws| pass.forward(&cx, ws)));
            measure.round(graph, *objectives, pass, &cx, (values, block), weights, false, &mut loss)?;
        }
        measure.add(rows, loss);
        Ok(())
    }

    /// Puts averaged weights in the place of the last ones, if the optimizer keeps any.
    pub(crate) fn finalize(&mut self) {
        let (mut slots, used) = slices(&mut self.memory.slots);
        if used >= self.optimizer.slots() {
            let frozen = &self.memory.frozen;
            self.optimizer.finalize(self.graph.params, frozen, self.steps.weights(), &mut slots[..used]);
        }
    }
}
