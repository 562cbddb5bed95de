//! `predict` with callbacks and a progress line.

use std::ops::Range;

use keras_kernels::memory::Boxed;

use super::hooks::{Hook, Hooks, Seen};
use super::options::{check_positive, check_verbose};
use super::scores::Tally;
use super::{Predicting, rows};
use crate::compile::{Compiled, Memory};
use crate::model::{Graph, Model, Samples, Uneven};
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
    /// Stateful layers go on from the states that the last batch has left, be it one of training.
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
        let Run { graph, steps, optimizer, memory, tally } = self;
        hooks.call(Seen { graph, weights: steps.weights(), optimizer: &mut **optimizer, memory, tally }, hook)
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
        for step in 0..steps {
            self.call(&mut hooks, &mut |c, t, _| c.on_predict_batch_begin(t, step))?;
            let batch = step * batch_size..rows.min((step + 1) * batch_size);
            self.steps.predict(batch, &mut self.memory.carried)?;
            self.call(&mut hooks, &mut |c, t, _| c.on_predict_batch_end(t, step))?;
            if let Some(progress) = &mut progress
                && let Some(now) = progress.is_due(step + 1)
            {
                progress.draw(now, step + 1, std::iter::empty());
            }
        }
        self.call(&mut hooks, &mut |c, t, _| c.on_predict_end(t))?;
        if let Some(progress) = &mut progress {
            progress.finish(std::iter::empty());
        }
        Ok(())
    }
}
