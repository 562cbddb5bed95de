//! `fit`.

use super::data::{Batches, Data};
use super::hooks::Hooks;
use super::options::{check_positive, check_verbose};
use super::{Fit, IntoBatch, Losses, Metrics, TargetSet, ValidationData, class_weight};
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
        let Fit { epochs, batch_size, verbose, callbacks, initial_epoch, steps_per_epoch, .. } = options;
        check_verbose(verbose)?;
        check_positive("steps_per_epoch", steps_per_epoch)?;
        check_positive("validation_steps", options.validation_steps)?;
        check_positive("validation_freq", options.validation_freq.every())?;
        check_positive("steps_per_execution", Some(self.memory.steps_per_execution))?;
        self.measure.prepare::<M, Y::Sample>()?;
        let graph = M::GRAPH;

        let data = Data::<M::Input, Y::Sample>::new("fit", graph, x, y.into_batch(), options.sample_weight)?;
        data.check_labels(graph)?;
        let (data, validation) = match options.validation_data.parts() {
            Some((x, y, weights)) => {
                let validation = Data::new("fit: validation data", graph, x, y, weights)?;
                validation.check_labels(graph)?;
                (data, Some(validation))
            }
            None => split(data, options.validation_split)?,
        };
        let class_weights = class_weight::of_samples::<M, Y::Sample>(&data, &options.class_weight)?;
        let data = Data { weights: class_weights.as_deref().or(data.weights), ..data.slice(0..data.rows) };
        let mut batches = Batches::new(data, batch_size)?;
        let validation_batch_size = options.validation_batch_size.unwrap_or(batch_size);
        let mut validation = validation.map(|data| Batches::new(data, validation_batch_size)).transpose()?;

        let steps = steps_per_epoch.unwrap_or(batches.len());
        let mut hooks = Hooks::new(callbacks, true, epochs, steps);
        let mut progress = Logger::new(verbose, epochs, steps);
        let mut history = History::default();
        let mut logs = Logs::new();
        // The next batch; where an epoch has fewer steps than there are batches, the next one goes on from here.
        let mut next = 0;
        self.call(&mut hooks, &mut |c, t, _| c.on_train_begin(t))?;
        for epoch in initial_epoch..epochs {
            self.measure.reset::<M, Y::Sample>();
            self.call(&mut hooks, &mut |c, t, _| c.on_epoch_begin(t, epoch))?;
            if let Some(progress) = &mut progress {
                progress.epoch(epoch);
            }
            if next == 0 && options.shuffle {
                batches.shuffle(self.memory.seed, epoch)?;
            }
            self.epoch(&mut batches, &mut next, steps, &mut hooks, &mut progress)?;
            self.measure.collect::<M, Y::Sample>();
            logs = self.measure.tally.logs();
            let names: Vec<String> = logs.keys().cloned().collect();
            if let Some(validation) = &mut validation
                && options.validation_freq.includes(epoch)
            {
                self.run(validation, options.validation_steps, &mut hooks, &mut None)?;
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
        self.finalize();
        self.call(&mut hooks, &mut |c, t, _| c.on_train_end(t, &logs))?;
        Ok(history)
    }

    /// The batches of one epoch.
    fn epoch<T>(
        &mut self,
        batches: &mut Batches<'_, M::Input, T>,
        next: &mut usize,
        steps: usize,
        hooks: &mut Hooks<'_>,
        progress: &mut Option<Logger>,
    ) -> Result<()>
    where
        T: TargetSet,
        L: Losses<M::Output, T>,
        Ms: Metrics<M::Output, T>,
        Ws: Metrics<M::Output, T>,
    {
        let at_once = self.memory.steps_per_execution;
        for first in (0..steps).step_by(at_once) {
            if *next >= batches.len() {
                eprintln!("warning: fit: steps_per_epoch = {steps}, but the data were used up after {first}");
                break;
            }
            let last = first + at_once - 1;
            self.call(hooks, &mut |c, t, _| c.on_train_batch_begin(t, first))?;
            let end = batches.len().min(*next + at_once.min(steps - first));
            for i in *next..end {
                self.train_step::<T>(batches.get(i))?;
            }
            *next = end;
            self.refresh::<T>(hooks);
            self.call(hooks, &mut |c, t, logs| c.on_train_batch_end(t, last, logs))?;
            self.show::<T>(progress, last + 1);
            if hooks.stop {
                break;
            }
        }
        if *next >= batches.len() {
            *next = 0;
        }
        Ok(())
    }

    /// Brings the logs of the last batch up to date, if a callback wants to see them.
    pub(crate) fn refresh<T>(&mut self, hooks: &mut Hooks<'_>)
    where
        T: TargetSet,
        L: Losses<M::Output, T>,
        Ms: Metrics<M::Output, T>,
        Ws: Metrics<M::Output, T>,
    {
        if !hooks.batch_logs {
            return;
        }
        self.measure.collect::<M, T>();
        if hooks.logs.is_empty() {
            hooks.logs = self.measure.tally.logs();
        } else {
            self.measure.tally.refresh(&mut hooks.logs);
        }
    }

    /// Draws the progress line, if it is time to.
    pub(crate) fn show<T>(&mut self, progress: &mut Option<Logger>, seen: usize)
    where
        T: TargetSet,
        L: Losses<M::Output, T>,
        Ms: Metrics<M::Output, T>,
        Ws: Metrics<M::Output, T>,
    {
        if let Some(progress) = progress
            && let Some(now) = progress.is_due(seen)
        {
            self.measure.collect::<M, T>();
            progress.draw(now, seen, self.measure.tally.sorted());
        }
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
#[allow(clippy::type_complexity)]
fn split<'a, X: Samples, T: TargetSet>(
    data: Data<'a, X, T>,
    share: f64,
) -> Result<(Data<'a, X, T>, Option<Data<'a, X, T>>)> {
    let refuse =
        |reason: String| Err(Error::Argument { argument: "validation_split", value: share.to_string(), reason });
    if share == 0.0 {
        return Ok((data, None));
    }
    if !(share > 0.0 && share < 1.0) {
        return refuse("give a share between 0 and 1, such as 0.1 for the last tenth of the data".into());
    }
    let at = (data.rows as f64 * (1.0 - share)).floor() as usize;
    if at == 0 || at == data.rows {
        return refuse(format!("{} samples are too few to be split so", data.rows));
    }
    Ok((data.slice(0..at), Some(data.slice(at..data.rows))))
}
