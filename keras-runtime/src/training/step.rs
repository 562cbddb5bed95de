//! One step: a batch forward, its loss, and for training backward.

use std::ops::Range;

use keras_kernels::Isa;
use keras_kernels::memory::{Values, Workspace};

use super::data::Batches;
use super::feed::{Steps, To};
use super::measure::Measure;
use super::objectives::Objectives;
use super::run::Run;
use super::threads::{Shared, by_rows, count, rounds};
use crate::compile::{Memory, slices};
use crate::model::Context;
use crate::model::graph::Graph;
use crate::optimizer::{Blocks, Counts, LossScale, Step, apply};
use crate::{Result, constraint, regularizer};

/// A batch on its way through a step.
struct Passage<'a> {
    graph: &'static Graph,
    objectives: &'a mut dyn Objectives,
    measure: &'a mut Measure,
    workspace: &'a mut Workspace,
    /// The states of stateful layers.
    carried: &'a mut [f32],
    frozen: &'a [bool],
    team: Shared<'a>,
    /// How many rows a thread works on at once.
    block: usize,
    rows: usize,
    /// What each row counts.
    weights: Option<&'a [f32]>,
    /// What the loss is multiplied by before its gradients are computed.
    loss_scale: f32,
}

impl<'a> Passage<'a> {
    /// Takes the batch through the model and its losses round by round, each of which `backward` is given then, with the
    /// threads and the rows that they work on at once. The batch's loss is taken into account. Gives the threads back.
    fn through(
        mut self,
        steps: &mut dyn Steps,
        cx: &Context,
        mut backward: impl FnMut(&mut dyn Steps, &mut Values<'_>, (&mut Shared<'_>, usize)),
    ) -> Result<Shared<'a>> {
        steps.weigh();
        let (block, rows, threads) = (self.block, self.rows, count(&self.team));
        let mut loss = f64::from(regularizer::value(self.graph, self.frozen, steps.weights()));
        for range in rounds(block, threads, rows) {
            let values = self.workspace.batch(self.graph.train.layout, range.len(), threads).frozen(self.frozen);
            let values = values.within(range.start, rows).carrying(&mut *self.carried, self.graph.carried);
            let values = &mut values.scaled(self.loss_scale);
            let pass = &*steps;
            by_rows(values, &mut self.team, &|ws| ws.blocks(block, |ws| pass.forward(cx, ws)));
            let of_round = (&mut *values, block);
            self.measure.round(
                self.graph,
                self.objectives,
                pass,
                cx,
                of_round,
                self.weights,
                cx.training,
                &mut loss,
            )?;
            backward(steps, values, (&mut self.team, block));
        }
        self.measure.add(rows, loss);
        Ok(self.team)
    }
}

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
        let Memory {
            workspace,
            carried,
            grads,
            slots,
            frozen,
            iterations,
            steps: trained,
            seed,
            threads,
            loss_scale,
            ..
        } = &mut **memory;
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
        let team = threads.team(graph, rows)?;
        let carried = carried.batch("train_on_batch", graph, rows)?;
        let (mut slots, used) = slices(slots);
        let slots = &mut slots[..used];
        // Whether a step with a scaled loss is made is only known from all of its gradients.
        let mut step = loss_scale.is_none().then(|| optimizer.step(*iterations));
        let scale = loss_scale.as_ref().map_or(1.0, LossScale::scale);
        let passage = Passage {
            graph,
            objectives: *objectives,
            measure,
            workspace,
            carried,
            frozen,
            team,
            block,
            rows,
            weights,
            loss_scale: scale,
        };
        let team = passage.through(*steps, &cx, |steps, values, (team, block)| {
            let pass = &*steps;
            by_rows(values, team, &|ws| ws.blocks(block, |ws| pass.backward_data(&cx, ws)));
            let (slots, rule) = match &step {
                Some(Step::Elementwise(rule)) => (&mut *slots, Some(*rule)),
                Some(Step::Tensors(_)) | None => (&mut [][..], None),
            };
            steps.backward_params(&cx, values, (team, block), To { grads, frozen, slots }, rule);
        })?;
        let weights = steps.weights();
        match &mut step {
            None => {
                let counts = Counts { iterations, loss_scale: loss_scale.as_mut() };
                apply(graph, &mut **optimizer, counts, Blocks { weights, grads, slots, frozen }, team);
            }
            Some(step) => {
                if let Step::Tensors(rule) = step {
                    rule.update(graph.params, frozen, weights, grads, slots);
                }
                constraint::apply(graph, frozen, weights);
                *iterations += 1;
            }
        }
        *trained += 1;
        Ok(())
    }

    /// Takes the batch into account without training on it.
    pub(crate) fn test_step(&mut self, rows: usize, weights: Option<&[f32]>) -> Result<()> {
        let Run { graph, steps, objectives, measure, memory, .. } = self;
        let Memory { workspace, carried, frozen, threads, .. } = &mut **memory;
        let cx = Context::inference(Isa::current());
        let block = threads.block(Measure::is_whole(*objectives));
        let team = threads.team(graph, rows)?;
        let carried = carried.batch("test_on_batch", graph, rows)?;
        let passage = Passage {
            graph,
            objectives: *objectives,
            measure,
            workspace,
            carried,
            frozen,
            team,
            block,
            rows,
            weights,
            loss_scale: 1.0,
        };
        passage.through(*steps, &cx, |_, _, _| ()).map(drop)
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
