//! `evaluate`, and training and testing on single batches.

use super::data::{Batches, Part};
use super::feed::Set;
use super::hooks::Hooks;
use super::options::{check_positive, check_verbose};
use super::run::Run;
use super::{Evaluate, IntoBatch, Losses, Metrics, Scores, TargetSet};
use crate::Result;
use crate::compile::Compiled;
use crate::model::{Model, Samples};
use crate::optimizer::Optimizer;
use crate::progress::Logger;

impl<M, O, L, Ms, Ws> Compiled<M, O, L, Ms, Ws>
where
    M: Model,
    O: Optimizer,
{
    /// The loss and metrics of the model on these data. The last argument is a batch size, or [`Evaluate`].
    ///
    /// # Errors
    /// If the data are empty, differ in length or hold a label that is no class; if an argument makes no sense; or if a
    /// callback fails.
    pub fn evaluate<'a, Y>(
        &mut self,
        x: <M::Input as Samples>::Batch<'a>,
        y: Y,
        options: impl Into<Evaluate<'a>>,
    ) -> Result<Scores>
    where
        Y: IntoBatch<'a, Sample: TargetSet>,
        L: Losses<M::Output, Y::Sample>,
        Ms: Metrics<M::Output, Y::Sample>,
        Ws: Metrics<M::Output, Y::Sample>,
    {
        let options = options.into();
        self.run((x, y.into_batch()), None, |run| {
            let scores = run.evaluate(options);
            // States of stateful layers have changed.
            #[cfg(feature = "cuda")]
            run.fetch()?;
            scores
        })
    }

    /// Trains on one batch, as a loop of one's own does. Gives the scores of this batch; after the first call it
    /// allocates nothing.
    ///
    /// # Errors
    /// If the data are empty, differ in length or hold a label that is no class; nothing has been trained then.
    pub fn train_on_batch<'a, Y>(&mut self, x: <M::Input as Samples>::Batch<'a>, y: Y) -> Result<&Scores>
    where
        Y: IntoBatch<'a, Sample: TargetSet>,
        L: Losses<M::Output, Y::Sample>,
        Ms: Metrics<M::Output, Y::Sample>,
        Ws: Metrics<M::Output, Y::Sample>,
    {
        self.on_batch(x, y, None, true)
    }

    /// [`Compiled::train_on_batch`] with a weight for each sample.
    ///
    /// # Errors
    /// As there.
    pub fn train_on_weighted_batch<'a, Y>(
        &mut self,
        x: <M::Input as Samples>::Batch<'a>,
        y: Y,
        sample_weight: &'a [f32],
    ) -> Result<&Scores>
    where
        Y: IntoBatch<'a, Sample: TargetSet>,
        L: Losses<M::Output, Y::Sample>,
        Ms: Metrics<M::Output, Y::Sample>,
        Ws: Metrics<M::Output, Y::Sample>,
    {
        self.on_batch(x, y, Some(sample_weight), true)
    }

    /// The scores of one batch, without training on it.
    ///
    /// # Errors
    /// If the data are empty, differ in length or hold a label that is no class.
    pub fn test_on_batch<'a, Y>(&mut self, x: <M::Input as Samples>::Batch<'a>, y: Y) -> Result<&Scores>
    where
        Y: IntoBatch<'a, Sample: TargetSet>,
        L: Losses<M::Output, Y::Sample>,
        Ms: Metrics<M::Output, Y::Sample>,
        Ws: Metrics<M::Output, Y::Sample>,
    {
        self.on_batch(x, y, None, false)
    }

    fn on_batch<'a, Y>(
        &mut self,
        x: <M::Input as Samples>::Batch<'a>,
        y: Y,
        weights: Option<&'a [f32]>,
        train: bool,
    ) -> Result<&Scores>
    where
        Y: IntoBatch<'a, Sample: TargetSet>,
        L: Losses<M::Output, Y::Sample>,
        Ms: Metrics<M::Output, Y::Sample>,
        Ws: Metrics<M::Output, Y::Sample>,
    {
        self.run((x, y.into_batch()), None, |run| run.on_batch(weights, train))?;
        Ok(self.measure.tally.scores())
    }
}

impl Run<'_> {
    fn evaluate(&mut self, options: Evaluate<'_>) -> Result<Scores> {
        let Evaluate { batch_size, verbose, callbacks, sample_weight, steps } = options;
        check_verbose(verbose)?;
        check_positive("steps", steps)?;
        check_positive("steps_per_execution", Some(self.memory.steps_per_execution))?;
        self.prepare()?;
        let data = Part::new("evaluate", self.graph, self.steps, Set::Given, sample_weight)?;
        data.check_labels(self.graph, self.steps)?;
        let taken = data.rows.len().min(steps.unwrap_or(usize::MAX).saturating_mul(batch_size));
        self.memory.carried.check("evaluate", self.graph, (taken, batch_size), None)?;
        let mut batches = Batches::new(data, batch_size)?;
        #[cfg(feature = "cuda")]
        self.begin_on_device(&mut batches, None, false)?;
        let all = steps.unwrap_or(batches.len());
        let mut hooks = Hooks::new(callbacks, false, 1, all);
        let mut progress = Logger::new(verbose, 1, all);
        self.test(&mut batches, steps, &mut hooks, &mut progress)?;
        Ok(self.measure.tally.scores().clone())
    }

    /// Goes through data without training on them; the scores are in the tally.
    pub(crate) fn test(
        &mut self,
        batches: &mut Batches<'_>,
        steps: Option<usize>,
        hooks: &mut Hooks<'_>,
        progress: &mut Option<Logger>,
    ) -> Result<()> {
        if let Some(progress) = progress {
            progress.begin();
        }
        self.call(hooks, &mut |c, t, _| c.on_test_begin(t))?;
        self.reset()?;
        let steps = steps.unwrap_or(usize::MAX).min(batches.len());
        let at_once = self.memory.steps_per_execution;
        for first in (0..steps).step_by(at_once) {
            let last = first + at_once - 1;
            self.call_batch(hooks, &mut |c, t, _| c.on_test_batch_begin(t, first))?;
            self.batches(batches, first..steps.min(first + at_once), false)?;
            self.refresh(hooks)?;
            self.call_batch(hooks, &mut |c, t, logs| c.on_test_batch_end(t, last, logs))?;
            self.show(progress, last + 1)?;
        }
        self.collect()?;
        let logs = self.measure.tally.logs();
        self.call(hooks, &mut |c, t, _| c.on_test_end(t, &logs))?;
        if let Some(progress) = progress {
            progress.finish(self.measure.tally.sorted());
        }
        Ok(())
    }

    /// Trains on all of the data as one batch, or tests; the scores are in the tally.
    fn on_batch(&mut self, weights: Option<&[f32]>, train: bool) -> Result<()> {
        if !self.measure.tally.is_named() {
            self.prepare()?;
        }
        let call = if train { "train_on_batch" } else { "test_on_batch" };
        let part = Part::new(call, self.graph, self.steps, Set::Given, weights)?;
        let rows = part.rows.len();
        let mut batches = Batches::new(part, rows)?;
        #[cfg(feature = "cuda")]
        self.begin_on_device(&mut batches, None, train)?;
        self.reset()?;
        self.batches(&mut batches, 0..1, train)?;
        #[cfg(feature = "cuda")]
        self.fetch()?;
        self.collect()
    }
}
