//! `predict` with callbacks and a progress line.

use std::ops::Range;

use keras_kernels::memory::Boxed;

use super::hooks::{Hook, Hooks, Seen};
use super::options::{check_positive, check_verbose};
use super::scores::Tally;
use super::{Predicting, rows};
use crate::compile::{Compiled, Memory};
#[cfg(feature = "cuda")]
use crate::device::{Control, Data, Row, Run as Kernel, Wanted, What};
use crate::model::{Graph, Model, Samples, Uneven};
#[cfg(feature = "cuda")]
use crate::model::{Outputs, graph::Output};
use crate::optimizer::Optimizer;
use crate::predict::infer;
use crate::progress::Logger;
use crate::{Carried, Result};

impl<M, O, L, Ms, Ws> Compiled<M, O, L, Ms, Ws>
where
    M: Model,
    O: Optimizer,
{
    /// The predictions for many samples, with callbacks and a progress line; without them there is
    /// [`Predict::predict`](crate::Predict::predict). With [`Predicting::steps`] it gives only those of so many batches.
    /// Stateful layers go on from the states that the last batch has left, be it one of training. A model that is on a device
    /// predicts there, as many batches at once as an execution has.
    ///
    /// # Errors
    /// If there are no samples or inputs differ in length; if an argument makes no sense; if a callback fails; or if a batch is
    /// of another size than those whose states stateful layers keep.
    pub fn predict_with<'a>(
        &mut self,
        x: <M::Input as Samples>::Batch<'_>,
        options: impl Into<Predicting<'a>>,
    ) -> Result<<M::Output as Samples>::Vecs> {
        let options = options.into();
        let rows = options.rows(M::GRAPH, M::Input::rows(x))?;
        self.memory.carried.check("predict_with", M::GRAPH, (rows, options.batch_size), None)?;
        let mut y = M::Output::zeros(rows);
        let Compiled { model, optimizer, measure, memory, .. } = self;
        {
            let mut feed = Feed::<M> { model, x, y: M::Output::batch_mut(&mut y) };
            let run = Run { graph: M::GRAPH, steps: &mut feed, optimizer, memory, tally: &measure.tally };
            run.predict(options, rows)?;
        }
        Ok(y)
    }
}

/// A model, its inputs, and where its outputs go, whatever their types.
trait Steps {
    fn weights(&mut self) -> &mut [f32];
    /// Predicts these rows as one batch.
    fn predict(&mut self, rows: Range<usize>, carried: &mut Carried) -> Result<()>;
    /// Copies the numbers of input `i`, of these rows.
    #[cfg(feature = "cuda")]
    fn input(&self, i: usize, rows: Range<usize>, to: &mut [f32]);
    /// Takes these numbers as output `i`, from a row on.
    #[cfg(feature = "cuda")]
    fn put(&mut self, i: usize, first: usize, values: &[f32]);
}

struct Feed<'m, 'x, 'y, M: Model> {
    model: &'m mut Boxed<M>,
    x: <M::Input as Samples>::Batch<'x>,
    y: <M::Output as Samples>::BatchMut<'y>,
}

impl<M: Model> Steps for Feed<'_, '_, '_, M> {
    fn weights(&mut self) -> &mut [f32] {
        self.model.as_mut_slice()
    }

    fn predict(&mut self, rows: Range<usize>, carried: &mut Carried) -> Result<()> {
        let n = rows.len();
        infer::<M>(self.model, self.x, rows, &mut self.y, n, carried.batch("predict_with", M::GRAPH, n)?);
        Ok(())
    }

    #[cfg(feature = "cuda")]
    fn input(&self, i: usize, rows: Range<usize>, to: &mut [f32]) {
        M::Input::floats(M::Input::slice(self.x, rows), i, to);
    }

    #[cfg(feature = "cuda")]
    fn put(&mut self, i: usize, first: usize, values: &[f32]) {
        M::Output::put(&mut self.y, i, first, values);
    }
}

impl Predicting<'_> {
    /// How many rows are to be predicted, of as many as were found.
    fn rows(&self, graph: &Graph, found: Result<usize, Uneven>) -> Result<usize> {
        check_verbose(self.verbose)?;
        check_positive("steps", self.steps)?;
        check_positive("batch_size", Some(self.batch_size))?;
        let rows = rows("predict", graph, found)?;
        Ok(self.steps.map_or(rows, |steps| rows.min(steps.saturating_mul(self.batch_size))))
    }
}

struct Run<'a> {
    graph: &'static Graph,
    steps: &'a mut dyn Steps,
    optimizer: &'a mut dyn Optimizer,
    memory: &'a mut Memory,
    tally: &'a Tally,
}

impl Run<'_> {
    fn call(&mut self, hooks: &mut Hooks<'_>, hook: &mut Hook<'_>) -> Result<()> {
        #[cfg(feature = "cuda")]
        if let Some(session) = self.memory.device.as_mut().filter(|_| !hooks.is_empty()) {
            session.touch();
        }
        let Run { graph, steps, optimizer, memory, tally } = self;
        hooks.call(Seen { graph, weights: steps.weights(), optimizer: &mut **optimizer, memory, tally }, hook)
    }

    /// How many batches are predicted between callbacks: one, or as many of an execution as a device takes at once.
    fn at_once(&self, batch: usize) -> usize {
        #[cfg(feature = "cuda")]
        if let Some(session) = &self.memory.device {
            return self.memory.steps_per_execution.clamp(1, session.at_once(Data::Asked, batch));
        }
        let _ = batch;
        1
    }

    /// Gets ready for so many rows, in batches of so many: a device is given them, if they fit.
    fn begin(&mut self, rows: usize, batch: usize) -> Result<()> {
        #[cfg(feature = "cuda")]
        if let Memory { device: Some(session), frozen, seed, steps_per_execution, .. } = &mut *self.memory {
            let graph = self.graph;
            let of = |output: &Output| graph.values[output.value].shape.iter().product();
            let row = Row { outputs: graph.outputs.iter().map(of).collect(), ..Row::of(graph) };
            let (batch, steps) = (batch.min(rows), rows.div_ceil(batch).min(*steps_per_execution));
            session.touch();
            session.build_for(frozen, *seed);
            session.make_room(steps, batch)?;
            session.make_room_for_outputs(steps, batch);
            session.make_room_for_weights(self.steps.weights().len(), None)?;
            let wanted = [Wanted { data: Data::Asked, row, rows, batch }];
            session.place(&wanted, steps, |session| session.usage(graph, (steps, batch), frozen, 0))?;
            return session.give(Data::Asked, rows, &mut |first, room| {
                let rows = first..first + room.rows();
                (0..graph.inputs.len()).for_each(|i| self.steps.input(i, rows.clone(), room.input(i)));
                Ok(())
            });
        }
        let _ = (rows, batch);
        Ok(())
    }

    /// Predicts batches of these rows, one behind the other.
    fn batches(&mut self, mut batches: impl Iterator<Item = Range<usize>> + Clone) -> Result<()> {
        #[cfg(feature = "cuda")]
        if let Some(session) = &mut self.memory.device {
            session.build_for(&self.memory.frozen, self.memory.seed);
            let (graph, carried) = (self.graph, &mut self.memory.carried);
            let (mut first, mut last) = (None, 0..0);
            session.begin();
            for rows in batches {
                carried.batch("predict_with", graph, rows.len())?;
                session.queue(rows.start as u32..rows.end as u32, [0.0; Control::LEN]);
                first.get_or_insert(rows.start);
                last = rows;
            }
            let first = first.unwrap_or(0);
            let carried = carried.batch("predict_with", graph, last.len())?;
            session.send_weights(self.steps.weights(), &[])?;
            let mut at = first;
            session.flush(
                What { graph, run: Kernel::Predict, data: Data::Asked, step: 0 },
                carried,
                None,
                &mut |_, room| {
                    let rows = at..at + room.rows();
                    at = rows.end;
                    (0..graph.inputs.len()).for_each(|i| self.steps.input(i, rows.clone(), room.input(i)));
                    Ok(())
                },
            )?;
            session.fetch_states(carried)?;
            for (i, output) in graph.outputs.iter().enumerate() {
                let len = graph.values[output.value].shape.iter().product();
                self.steps.put(i, first, &session.output(i, last.end - first, len)?);
            }
            return Ok(());
        }
        batches.try_for_each(|rows| self.steps.predict(rows, &mut self.memory.carried))
    }

    fn predict(mut self, options: Predicting<'_>, rows: usize) -> Result<()> {
        let Predicting { batch_size, verbose, callbacks, .. } = options;
        let steps = rows.div_ceil(batch_size);
        let mut hooks = Hooks::new(callbacks, false, 1, steps);
        let mut progress = Logger::new(verbose, 1, steps);
        if let Some(progress) = &mut progress {
            progress.begin();
        }
        self.call(&mut hooks, &mut |c, t, _| c.on_predict_begin(t))?;
        self.begin(rows, batch_size)?;
        let at_once = self.at_once(batch_size.min(rows));
        for first in (0..steps).step_by(at_once) {
            let all = first..steps.min(first + at_once);
            for step in all.clone() {
                self.call(&mut hooks, &mut |c, t, _| c.on_predict_batch_begin(t, step))?;
            }
            self.batches(all.clone().map(|step| step * batch_size..rows.min((step + 1) * batch_size)))?;
            for step in all.clone() {
                self.call(&mut hooks, &mut |c, t, _| c.on_predict_batch_end(t, step))?;
            }
            if let Some(progress) = &mut progress
                && let Some(now) = progress.is_due(all.end)
            {
                progress.draw(now, all.end, std::iter::empty());
            }
        }
        self.call(&mut hooks, &mut |c, t, _| c.on_predict_end(t))?;
        if let Some(progress) = &mut progress {
            progress.finish(std::iter::empty());
        }
        Ok(())
    }
}
