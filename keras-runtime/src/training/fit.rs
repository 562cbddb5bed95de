//! `fit`.

use super::class_weight;
use super::data::{Batches, Part};
use super::feed::Set;
use super::hooks::Hooks;
use super::options::{Plan, check_positive, check_verbose};
use super::run::Run;
use super::{Fit, IntoBatch, Losses, Metrics, TargetSet, ValidationData};
use crate::callback::Logs;
use crate::compile::Compiled;
use crate::history::History;
use crate::model::{Model, Samples};
use crate::optimizer::Optimizer;
use crate::progress::Logger;
use crate::{Error, Result};

impl<M, O, L, Ms, Ws> Compiled<M, O, L, Ms, Ws>
where
    M: Model,
    O: Optimizer,
{
    /// Trains for some epochs.
    ///
    /// The model, its optimizer's state and its random sequences go on from where they are; a new training in the same
    /// process begins with a new model.
    ///
    /// # Errors
    /// If the data are empty, differ in length or hold a label that is no class; if an argument makes no sense; or if a
    /// callback fails. In the first two cases nothing has been trained.
    pub fn fit<'a, Y, V>(&mut self, x: <M::Input as Samples>::Batch<'a>, y: Y, options: Fit<'a, V>) -> Result<History>
    where
        Y: IntoBatch<'a, Sample: TargetSet>,
        V: ValidationData<'a, M::Input, Y::Sample>,
        L: Losses<M::Output, Y::Sample>,
        Ms: Metrics<M::Output, Y::Sample>,
        Ws: Metrics<M::Output, Y::Sample>,
    {
        let Fit { plan, validation_data } = options;
        let (validation, weights) = match validation_data.parts() {
            Some((x, y, weights)) => (Some((x, y)), Some(weights)),
            None => (None, None),
        };
        self.run((x, y.into_batch()), validation, |run| {
            let history = run.fit(plan, weights);
            // Also what has been trained before something failed.
            #[cfg(feature = "cuda")]
            run.fetch()?;
            history
        })
    }
}

impl Run<'_> {
    /// `validation` is there if there are data to validate with: the weights of their samples.
    fn fit(&mut self, plan: Plan<'_>, validation: Option<Option<&[f32]>>) -> Result<History> {
        let Plan { epochs, batch_size, verbose, callbacks, initial_epoch, steps_per_epoch, .. } = plan;
        check_verbose(verbose)?;
        check_positive("steps_per_epoch", steps_per_epoch)?;
        check_positive("validation_steps", plan.validation_steps)?;
        check_positive("validation_freq", plan.validation_freq.every())?;
        check_positive("steps_per_execution", Some(self.memory.steps_per_execution))?;
        self.prepare()?;
        let graph = self.graph;

        let data = Part::new("fit", graph, self.steps, Set::Given, plan.sample_weight)?;
        data.check_labels(graph, self.steps)?;
        let (mut data, validation) = match validation {
            Some(weights) => {
                let validation = Part::new("fit: validation data", graph, self.steps, Set::Validation, weights)?;
                validation.check_labels(graph, self.steps)?;
                (data, Some(validation))
            }
            None => split(data, plan.validation_split)?,
        };
        let class_weights = class_weight::of_samples(graph, self.steps, &data, &plan.class_weight)?;
        data.weights = class_weights.as_deref().or(data.weights);
        let validation_batch_size = plan.validation_batch_size.unwrap_or(batch_size);
        let carried = &self.memory.carried;
        let size = carried.check("fit", graph, (data.rows.len(), batch_size), None)?;
        if let Some(validation) = &validation {
            let sizes = (validation.rows.len(), validation_batch_size);
            carried.check("fit: validation data", graph, sizes, size)?;
        }
        let mut batches = Batches::new(data, batch_size)?;
        let mut validation = validation.map(|data| Batches::new(data, validation_batch_size)).transpose()?;
        #[cfg(feature = "cuda")]
        self.begin_on_device(&mut batches, validation.as_mut(), true)?;

        let steps = steps_per_epoch.unwrap_or(batches.len());
        let mut hooks = Hooks::new(callbacks, true, epochs, steps);
        let mut progress = Logger::new(verbose, epochs, steps);
        let mut history = History::default();
        let mut logs = Logs::new();
        // The next batch; where an epoch has fewer steps than there are batches, the next one goes on from here.
        let mut next = 0;
        self.call(&mut hooks, &mut |c, t, _| c.on_train_begin(t))?;
        for epoch in initial_epoch..epochs {
            self.reset()?;
            self.call(&mut hooks, &mut |c, t, _| c.on_epoch_begin(t, epoch))?;
            if let Some(progress) = &mut progress {
                progress.epoch(epoch);
            }
            if next == 0 && plan.shuffle {
                batches.shuffle(self.memory.seed, epoch)?;
            }
            self.epoch(&mut batches, &mut next, steps, &mut hooks, &mut progress)?;
            self.collect()?;
            logs = self.measure.tally.logs();
            let names: Vec<String> = logs.keys().cloned().collect();
            if let Some(validation) = &mut validation
                && plan.validation_freq.includes(epoch)
            {
                self.test(validation, plan.validation_steps, &mut hooks, &mut None)?;
                logs.extend(self.measure.tally.sorted().map(|(name, value)| (format!("val_{name}"), value)));
            }
            self.call(&mut hooks, &mut |c, t, _| c.on_epoch_end(t, epoch, &mut logs))?;
            history.add(epoch, &logs);
            if let Some(progress) = &mut progress {
                progress.finish(in_order(&names, &logs));
            }
            if hooks.stop {
                break;
            }
        }
        #[cfg(feature = "cuda")]
        self.fetch()?;
        self.finalize();
        self.call(&mut hooks, &mut |c, t, _| c.on_train_end(t, &logs))?;
        Ok(history)
    }

    /// The batches of one epoch.
    fn epoch(
        &mut self,
        batches: &mut Batches<'_>,
        next: &mut usize,
        steps: usize,
        hooks: &mut Hooks<'_>,
        progress: &mut Option<Logger>,
    ) -> Result<()> {
        let at_once = self.memory.steps_per_execution;
        for first in (0..steps).step_by(at_once) {
            if *next >= batches.len() {
                eprintln!("warning: fit: steps_per_epoch = {steps}, but the data were used up after {first}");
                break;
            }
            let last = first + at_once - 1;
            self.call_batch(hooks, &mut |c, t, _| c.on_train_batch_begin(t, first))?;
            let end = batches.len().min(*next + at_once.min(steps - first));
            self.batches(batches, *next..end, true)?;
            *next = end;
            self.refresh(hooks)?;
            self.call_batch(hooks, &mut |c, t, logs| c.on_train_batch_end(t, last, logs))?;
            self.show(progress, last + 1)?;
            if hooks.stop {
                break;
            }
        }
        if *next >= batches.len() {
            *next = 0;
        }
        Ok(())
    }
}

/// The figures of an epoch as they are shown: those of training, those of validation, and what callbacks added.
fn in_order<'a>(names: &'a [String], logs: &'a Logs) -> impl Iterator<Item = (&'a str, f64)> {
    let part = |key: &str| match key.strip_prefix("val_").map(|key| names.iter().any(|name| name == key)) {
        Some(true) => 1,
        _ => {
            if names.iter().any(|name| name == key) {
                0
            } else {
                2
            }
        }
    };
    (0..3).flat_map(move |wanted| {
        logs.iter().filter(move |(key, _)| part(key) == wanted).map(|(key, &value)| (key.as_str(), value))
    })
}

/// The data to train on, and those behind them to validate with.
fn split(data: Part<'_>, share: f64) -> Result<(Part<'_>, Option<Part<'_>>)> {
    let refuse =
        |reason: String| Err(Error::Argument { argument: "validation_split", value: share.to_string(), reason });
    if share == 0.0 {
        return Ok((data, None));
    }
    if !(share > 0.0 && share < 1.0) {
        return refuse("give a share between 0 and 1, such as 0.1 for the last tenth of the data".into());
    }
    let rows = data.rows.len();
    let at = (rows as f64 * (1.0 - share)).floor() as usize;
    if at == 0 || at == rows {
        return refuse(format!("{rows} samples are too few to be split so"));
    }
    let behind = Part { rows: at..rows, ..data.clone() };
    Ok((Part { rows: 0..at, ..data }, Some(behind)))
}
