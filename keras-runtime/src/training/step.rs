//! One step: a batch forward, its loss, and for training backward.

use keras_kernels::Isa;
use keras_kernels::memory::Sink;

use super::data::Data;
use super::measure::penalties;
use super::{Losses, Metrics, TargetSet};
use crate::compile::{Compiled, Memory, slices};
use crate::model::{Context, Model};
use crate::optimizer::{Optimizer, Step};
use crate::{Result, constraint};

impl<M, O, L, Ms, Ws> Compiled<M, O, L, Ms, Ws>
where
    M: Model,
    O: Optimizer,
{
    /// Trains on one batch. The scores are collected by the caller.
    pub(crate) fn train_step<T>(&mut self, data: Data<'_, M::Input, T>) -> Result<()>
    where
        T: TargetSet,
        L: Losses<M::Output, T>,
        Ms: Metrics<M::Output, T>,
        Ws: Metrics<M::Output, T>,
    {
        let Data { x, y, weights, rows } = data;
        let Compiled { model, optimizer, measure, memory } = self;
        memory.grow(optimizer.slots());
        let Memory { workspace, grads, slots, frozen, iterations, steps, seed, .. } = memory;
        let Some(grads) = grads else { return Ok(()) };
        let cx = Context {
            isa: Isa::current(),
            training: true,
            seed: *seed,
            step: *steps,
            input_gradients: false,
            fused_heads: measure.fused_heads::<M, T>(),
        };

        let mut values = workspace.batch(M::GRAPH.train.layout, rows, 1);
        model.forward(&cx, x, &mut values.rows());
        let loss = measure.batch::<M, T>(&cx, &mut values, y, weights, true)?;
        measure.add(rows, loss + penalties::<M>(model, frozen, &cx, &values));
        model.backward_data(&cx, x, &mut values.rows());

        let (mut slots, used) = slices(slots);
        let slots = &mut slots[..used];
        let weights = model.as_mut_slice();
        match optimizer.step(*iterations) {
            Step::Elementwise(rule) => {
                let mut sink = Sink::update(weights, grads.as_mut_slice(), frozen, rule, slots);
                M::backward_params(&cx, x, &mut values.whole(), &mut sink);
            }
            Step::Tensors(rule) => {
                let mut sink = Sink::store(weights, grads.as_mut_slice(), frozen);
                M::backward_params(&cx, x, &mut values.whole(), &mut sink);
                rule.update(M::GRAPH.params, frozen, weights, grads.as_mut_slice(), slots);
            }
        }
        constraint::apply(M::GRAPH, frozen, weights);
        *iterations += 1;
        *steps += 1;
        Ok(())
    }

    /// Takes one batch into account without training on it.
    pub(crate) fn test_step<T>(&mut self, data: Data<'_, M::Input, T>) -> Result<()>
    where
        T: TargetSet,
        L: Losses<M::Output, T>,
        Ms: Metrics<M::Output, T>,
        Ws: Metrics<M::Output, T>,
    {
        let Data { x, y, weights, rows } = data;
        let Compiled { model, measure, memory, .. } = self;
        let cx = Context::inference(Isa::current());
        let mut values = memory.workspace.batch(M::GRAPH.train.layout, rows, 1);
        model.forward(&cx, x, &mut values.rows());
        let loss = measure.batch::<M, T>(&cx, &mut values, y, weights, false)?;
        measure.add(rows, loss + penalties::<M>(model, &memory.frozen, &cx, &values));
        Ok(())
    }

    /// Puts averaged weights in the place of the last ones, if the optimizer keeps any.
    pub(crate) fn finalize(&mut self) {
        let (mut slots, used) = slices(&mut self.memory.slots);
        if used >= self.optimizer.slots() {
            let frozen = &self.memory.frozen;
            self.optimizer.finalize(M::GRAPH.params, frozen, self.model.as_mut_slice(), &mut slots[..used]);
        }
    }
}
