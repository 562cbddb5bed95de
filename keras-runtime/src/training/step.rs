//! One step: a batch forward, its loss, and for training backward.

use keras_kernels::Isa;

use super::feed::To;
use super::measure::penalties;
use super::run::Run;
use super::threads::{by_rows, count};
use crate::compile::{Memory, slices};
use crate::model::Context;
use crate::optimizer::Step;
use crate::{Result, constraint};

impl Run<'_> {
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

        let block = threads.block();
        let mut team = threads.team(graph, rows)?;
        let mut values = workspace.batch(graph.train.layout, rows, count(&team)).frozen(frozen);
        let pass = &**steps;
        by_rows(&mut values, &mut team, &|ws| ws.blocks(block, |ws| pass.forward(&cx, ws)));
        let loss = measure.batch(graph, *objectives, pass, &cx, &mut values, weights, true)?;
        measure.add(rows, loss + penalties(graph, steps.weights(), frozen, &cx, &values));
        let pass = &**steps;
        by_rows(&mut values, &mut team, &|ws| ws.blocks(block, |ws| pass.backward_data(&cx, ws)));

        let (mut slots, used) = slices(slots);
        let slots = &mut slots[..used];
        match optimizer.step(*iterations) {
            Step::Elementwise(rule) => {
                steps.backward_params(&cx, &mut values, team, To { grads, frozen, slots }, Some(rule));
            }
            Step::Tensors(rule) => {
                steps.backward_params(&cx, &mut values, team, To { grads, frozen, slots: &mut [] }, None);
                rule.update(graph.params, frozen, steps.weights(), grads, slots);
            }
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
        let block = memory.threads.block();
        let mut team = memory.threads.team(graph, rows)?;
        let mut values = memory.workspace.batch(graph.train.layout, rows, count(&team));
        let pass = &**steps;
        by_rows(&mut values, &mut team, &|ws| ws.blocks(block, |ws| pass.forward(&cx, ws)));
        let loss = measure.batch(graph, *objectives, pass, &cx, &mut values, weights, false)?;
        measure.add(rows, loss + penalties(graph, steps.weights(), &memory.frozen, &cx, &values));
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
