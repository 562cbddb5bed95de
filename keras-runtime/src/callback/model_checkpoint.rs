//! Saving while training.

use std::path::{Path, PathBuf};

use super::monitor::{Mode, Monitor, improves};
use super::{Callback, Logs, Training, say, template};
use crate::weights::{self, State};
use crate::{Error, Result};

/// When a checkpoint is saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SaveFreq {
    /// After each epoch.
    #[default]
    Epoch,
    /// After every so many batches, counted across epochs.
    Batches(usize),
}

/// Saves the model while it is trained.
///
/// In the path `{epoch}` and `{batch}`, counted from 1, and figures of the logs are replaced by their values:
/// `model-{epoch:02d}-{val_loss:.2f}.safetensors`. Folders that are not there are made. A file is written beside its place
/// and then moved there, so that a full disk or a killed process leaves the one before whole.
///
/// ```
/// use keras_runtime::callback::ModelCheckpoint;
/// let checkpoint = ModelCheckpoint::new("best.safetensors").monitor("val_accuracy").save_best_only(true);
/// ```
#[derive(Clone, Debug)]
pub struct ModelCheckpoint {
    path: String,
    monitor: Monitor,
    save_best_only: bool,
    save_weights_only: bool,
    save_freq: SaveFreq,
    initial_value_threshold: Option<f64>,
    verbose: u8,
    best: Option<f64>,
    epoch: usize,
    batches: usize,
    last_batch: Option<usize>,
}

impl ModelCheckpoint {
    /// Where to save; the path ends in `.safetensors`.
    #[must_use]
    pub fn new(filepath: impl Into<String>) -> ModelCheckpoint {
        ModelCheckpoint {
            path: filepath.into(),
            monitor: Monitor::new("ModelCheckpoint", "val_loss"),
            save_best_only: false,
            save_weights_only: false,
            save_freq: SaveFreq::Epoch,
            initial_value_threshold: None,
            verbose: 0,
            best: None,
            epoch: 0,
            batches: 0,
            last_batch: None,
        }
    }

    /// The figure that says which model is best; `val_loss` unless given.
    #[must_use]
    pub fn monitor(mut self, monitor: impl Into<String>) -> Self {
        self.monitor.key = monitor.into();
        self
    }

    /// Whether the figure is to become smaller or larger, where it does not say so itself.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.mode = mode;
        self
    }

    /// Whether only a model that is better than all before is saved. As in Keras one without the figure is saved, too.
    #[must_use]
    pub fn save_best_only(mut self, best_only: bool) -> Self {
        self.save_best_only = best_only;
        self
    }

    /// Whether the optimizer's state, without which training cannot go on as it was, is left out.
    #[must_use]
    pub fn save_weights_only(mut self, weights_only: bool) -> Self {
        self.save_weights_only = weights_only;
        self
    }

    /// After each epoch, or after so many batches.
    #[must_use]
    pub fn save_freq(mut self, freq: SaveFreq) -> Self {
        self.save_freq = freq;
        self
    }

    /// What the first model must be better than.
    #[must_use]
    pub fn initial_value_threshold(mut self, value: f64) -> Self {
        self.initial_value_threshold = Some(value);
        self.best = Some(value);
        self
    }

    /// 1: says what it saves.
    #[must_use]
    pub fn verbose(mut self, verbose: u8) -> Self {
        self.verbose = verbose;
        self
    }

    /// The best value so far.
    #[must_use]
    pub fn best(&self) -> Option<f64> {
        self.best
    }

    fn save(&mut self, training: &mut Training<'_>, batch: Option<usize>, logs: &Logs) -> Result<()> {
        let epoch = self.epoch + 1;
        let mut whole = vec![("epoch", epoch)];
        whole.extend(batch.map(|batch| ("batch", batch + 1)));
        let path = template::fill(&self.path, &whole, logs).map_err(|reason| Error::Argument {
            argument: "filepath",
            value: self.path.clone(),
            reason,
        })?;
        if self.save_best_only {
            let larger = self.monitor.larger_is_better(training)?;
            if let Some(value) = self.monitor.value(logs) {
                let (key, best) = (&self.monitor.key, self.best);
                let before = best.map_or("inf".to_owned(), |best| format!("{best:.5}"));
                if !improves(value, best, larger, 0.0) {
                    if self.verbose > 0 {
                        say(&format!("\nEpoch {epoch}: {key} did not improve from {before}"));
                    }
                    return Ok(());
                }
                if self.verbose > 0 {
                    say(&format!(
                        "\nEpoch {epoch}: {key} improved from {before} to {value:.5}, saving model to {path}"
                    ));
                }
                self.best = Some(value);
            }
        } else if self.verbose > 0 {
            say(&format!("\nEpoch {epoch}: saving model to {path}"));
        }
        self.write(training, Path::new(&path))
    }

    fn write(&self, training: &mut Training<'_>, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            let io = |source| Error::Io { path: PathBuf::from(folder), source };
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        match &training.optimizer {
            Some(optimizer) if !self.save_weights_only => {
                let slots = optimizer.slot_names().into_iter().zip(training.slots.iter().map(|slot| &**slot)).collect();
                let (iteration, learning_rate) = (*training.iterations, optimizer.learning_rate());
                let loss_scale = training.loss_scale.as_deref();
                let state = State { iteration, learning_rate, loss_scale, slots };
                weights::save_with_optimizer(training.graph, training.weights, &state, path)
            }
            _ => weights::save(training.graph, training.weights, path),
        }
    }
}

impl Callback for ModelCheckpoint {
    fn on_train_begin(&mut self, _: &mut Training<'_>) -> Result<()> {
        let refuse =
            |argument, value: String, reason: &str| Err(Error::Argument { argument, value, reason: reason.into() });
        if !self.path.ends_with(".safetensors") {
            return refuse("filepath", self.path.clone(), "the path of a checkpoint ends in `.safetensors`");
        }
        if self.save_freq == SaveFreq::Batches(0) {
            return refuse("save_freq", "0".into(), "give a number of batches, at least 1");
        }
        Ok(())
    }

    fn on_epoch_begin(&mut self, _: &mut Training<'_>, epoch: usize) -> Result<()> {
        self.epoch = epoch;
        // Batches count from 0 again.
        self.last_batch = None;
        Ok(())
    }

    fn on_train_batch_end(&mut self, training: &mut Training<'_>, batch: usize, logs: &Logs) -> Result<()> {
        let SaveFreq::Batches(freq) = self.save_freq else { return Ok(()) };
        // With steps_per_execution the hook is called for several batches at once.
        self.batches += self.last_batch.map_or(batch + 1, |last| batch.saturating_sub(last));
        self.last_batch = Some(batch);
        if self.batches >= freq {
            self.batches = 0;
            self.save(training, Some(batch), logs)?;
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, training: &mut Training<'_>, _: usize, logs: &mut Logs) -> Result<()> {
        if self.save_freq == SaveFreq::Epoch { self.save(training, None, logs) } else { Ok(()) }
    }

    fn wants_batch_logs(&self) -> bool {
        self.save_freq != SaveFreq::Epoch
    }
}
