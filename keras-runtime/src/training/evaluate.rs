//! `evaluate`, and training and testing on single batches.

use super::data::{Batches, Data};
use super::hooks::Hooks;
use super::options::{check_positive, check_verbose};
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
        let Evaluate { batch_size, verbose, callbacks, sample_weight, steps } = options.into();
        check_verbose(verbose)?;
        check_positive("steps", steps)?;
        check_positive("steps_per_execution", Some(self.memory.steps_per_execution))?;
        self.measure.prepare::<M, Y::Sample>()?;
        let data = Data::<M::Input, Y::Sample>::new("evaluate", M::GRAPH, x, y.into_batch(), sample_weight)?;
        data.check_labels(M::GRAPH)?;
        let mut batches = Batches::new(data, batch_size)?;
        let all = steps.unwrap_or(batches.len());
        let mut hooks = Hooks::new(callbacks, false, 1, all);
        let mut progress = Logger::new(verbose, 1, all);
        self.run(&mut batches, steps, &mut hooks, &mut progress)?;
        Ok(self.measure.tally.scores().clone())
    }

    /// Goes through data without training on them; the scores are in the tally.
    pub(crate) fn run<T>(
        &mut self,
        batches: &mut Batches<'_, M::Input, T>,
        steps: Option<usize>,
        hooks: &mut Hooks<'_>,
        progress: &mut Option<Logger>,
    ) -> Result<()>
    where
        T: TargetSet,
        L: Losses<M::Output, T>,
        Ms: Metrics<M::Output, T>,
        Ws: Metrics<M::Output, T>,
    {
        if let Some(progress) = progress {
            progress.begin();
        }
        self.call(hooks, &mut |c, t, _| c.on_test_begin(t))?;
        self.measure.reset::<M, T>();
        let steps = steps.unwrap_or(usize::MAX).min(batches.len());
        let at_once = self.memory.steps_per_execution;
        for first in (0..steps).step_by(at_once) {
            let last = first + at_once - 1;
            self.call(hooks, &mut |c, t, _| c.on_test_batch_begin(t, first))?;
            for i in first..steps.min(first + at_once) {
                self.test_step::<T>(batches.get(i))?;
            }
            self.refresh::<T>(hooks);
            self.call(hooks, &mut |c, t, logs| c.on_test_batch_end(t, last, logs))?;
            self.show::<T>(progress, last + 1);
        }
        self.measure.collect::<M, T>();
        let logs = self.measure.tally.logs();
        self.call(hooks, &mut |c, t, _| c.on_test_end(t, &logs))?;
        if let Some(progress) = progress {
            progress.finish(self.measure.tally.sorted());
        }
        Ok(())
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
        if !self.measure.tally.is_named() {
            self.measure.prepare::<M, Y::Sample>()?;
        }
        let call = if train { "train_on_batch" } else { "test_on_batch" };
        let data = Data::<M::Input, Y::Sample>::new(call, M::GRAPH, x, y.into_batch(), weights)?;
        self.measure.reset::<M, Y::Sample>();
        if train {
            self.train_step::<Y::Sample>(data)?;
        } else {
            self.test_step::<Y::Sample>(data)?;
        }
        self.measure.collect::<M, Y::Sample>();
        Ok(self.measure.tally.scores())
    }
}
