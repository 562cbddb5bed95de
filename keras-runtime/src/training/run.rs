//! One call of `fit`, `evaluate` or the like.

use super::feed::{Feed, Pair, Steps};
use super::hooks::{Hook, Hooks, Seen};
use super::measure::Measure;
use super::objectives::{Objectives, Typed};
use super::{Losses, Metrics, TargetSet};
use crate::Result;
use crate::compile::{Compiled, Memory};
use crate::model::{Graph, Model};
use crate::optimizer::Optimizer;
use crate::progress::Logger;

/// A compiled model and its data, whatever their types: what the training loop works on. The loop is thus compiled once,
/// with keras, and not in the user's crate.
pub(crate) struct Run<'a> {
    pub(crate) graph: &'static Graph,
    pub(crate) steps: &'a mut dyn Steps,
    pub(crate) objectives: &'a mut dyn Objectives,
    pub(crate) optimizer: &'a mut dyn Optimizer,
    pub(crate) measure: &'a mut Measure,
    pub(crate) memory: &'a mut Memory,
}

impl<M, O, L, Ms, Ws> Compiled<M, O, L, Ms, Ws>
where
    M: Model,
    O: Optimizer,
{
    /// Does something with these data, and with data to validate with.
    pub(crate) fn run<'d, T, R>(
        &mut self,
        given: Pair<'d, M::Input, T>,
        validation: Option<Pair<'d, M::Input, T>>,
        work: impl FnOnce(&mut Run<'_>) -> R,
    ) -> R
    where
        T: TargetSet,
        L: Losses<M::Output, T>,
        Ms: Metrics<M::Output, T>,
        Ws: Metrics<M::Output, T>,
    {
        let Compiled { model, optimizer, losses, metrics, weighted, measure, memory } = self;
        let mut feed = Feed::<M, T>::new(model, std::mem::take(&mut memory.weighed), given, validation);
        let done = work(&mut Run {
            graph: M::GRAPH,
            steps: &mut feed,
            objectives: &mut Typed::<_, _, _, M::Output, T>::new(losses, metrics, weighted),
            optimizer,
            measure,
            memory,
        });
        memory.weighed = feed.weighed;
        done
    }
}

impl Run<'_> {
    /// Calls a hook of all callbacks.
    pub(crate) fn call(&mut self, hooks: &mut Hooks<'_>, hook: &mut Hook<'_>) -> Result<()> {
        #[cfg(feature = "cuda")]
        if self.is_on_device() && !hooks.is_empty() {
            self.fetch()?;
            self.touch();
        }
        self.call_as_it_is(hooks, hook)
    }

    /// Calls a hook of all callbacks that is about a batch. On a device weights are brought back for it only if a callback
    /// wants to know of batches.
    pub(crate) fn call_batch(&mut self, hooks: &mut Hooks<'_>, hook: &mut Hook<'_>) -> Result<()> {
        if hooks.batch_logs { self.call(hooks, hook) } else { self.call_as_it_is(hooks, hook) }
    }

    fn call_as_it_is(&mut self, hooks: &mut Hooks<'_>, hook: &mut Hook<'_>) -> Result<()> {
        let Run { graph, steps, optimizer, measure, memory, .. } = self;
        let tally = &measure.tally;
        hooks.call(Seen { graph, weights: steps.weights(), optimizer: &mut **optimizer, memory, tally }, hook)
    }

    /// Gets ready for these targets.
    pub(crate) fn prepare(&mut self) -> Result<()> {
        self.measure.prepare(self.graph, self.objectives)
    }

    /// Losses and metrics begin anew.
    pub(crate) fn reset(&mut self) -> Result<()> {
        self.measure.tally.reset();
        self.objectives.reset();
        #[cfg(feature = "cuda")]
        self.reset_device()?;
        Ok(())
    }

    /// Works out the scores of all that came since the last reset.
    pub(crate) fn collect(&mut self) -> Result<()> {
        #[cfg(feature = "cuda")]
        self.collect_from_device()?;
        self.measure.tally.collect(self.objectives);
        Ok(())
    }

    /// Brings the logs of the last batch up to date, if a callback wants to see them.
    pub(crate) fn refresh(&mut self, hooks: &mut Hooks<'_>) -> Result<()> {
        if !hooks.batch_logs {
            return Ok(());
        }
        self.collect()?;
        if hooks.logs.is_empty() {
            hooks.logs = self.measure.tally.logs();
        } else {
            self.measure.tally.refresh(&mut hooks.logs);
        }
        Ok(())
    }

    /// Draws the progress line, if it is time to.
    pub(crate) fn show(&mut self, progress: &mut Option<Logger>, seen: usize) -> Result<()> {
        if let Some(progress) = progress
            && let Some(now) = progress.is_due(seen)
        {
            self.collect()?;
            progress.draw(now, seen, self.measure.tally.sorted());
        }
        Ok(())
    }
}
