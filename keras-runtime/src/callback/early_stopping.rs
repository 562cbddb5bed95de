//! Stopping when nothing gets better.

use super::monitor::{Mode, Monitor, improves};
use super::{Callback, Logs, Training, say};
use crate::Result;

/// Stops training when a figure has not become better for some epochs.
///
/// ```
/// use keras_runtime::callback::EarlyStopping;
/// let stopping = EarlyStopping::new("val_loss").patience(3).restore_best_weights(true);
/// ```
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    monitor: Monitor,
    min_delta: f64,
    patience: usize,
    baseline: Option<f64>,
    restore_best_weights: bool,
    start_from_epoch: usize,
    verbose: u8,
    wait: usize,
    best: Option<f64>,
    best_epoch: usize,
    best_weights: Option<Vec<f32>>,
    stopped_epoch: Option<usize>,
}

impl Default for EarlyStopping {
    fn default() -> EarlyStopping {
        EarlyStopping::new("val_loss")
    }
}

impl EarlyStopping {
    /// Watches a figure of the logs: `val_loss`, `accuracy`.
    #[must_use]
    pub fn new(monitor: impl Into<String>) -> EarlyStopping {
        EarlyStopping {
            monitor: Monitor::new("EarlyStopping", monitor),
            min_delta: 0.0,
            patience: 0,
            baseline: None,
            restore_best_weights: false,
            start_from_epoch: 0,
            verbose: 0,
            wait: 0,
            best: None,
            best_epoch: 0,
            best_weights: None,
            stopped_epoch: None,
        }
    }

    /// A change that is not larger is none.
    #[must_use]
    pub fn min_delta(mut self, min_delta: f64) -> Self {
        self.min_delta = min_delta.abs();
        self
    }

    /// After how many epochs without improvement training stops. As in Keras 0 and 1 act alike.
    #[must_use]
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// Whether the figure is to become smaller or larger, where it does not say so itself.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.mode = mode;
        self
    }

    /// A value that must be reached for an improvement to end the waiting.
    #[must_use]
    pub fn baseline(mut self, baseline: f64) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Whether the model ends with the weights of its best epoch; it does so even if it was not stopped early.
    #[must_use]
    pub fn restore_best_weights(mut self, restore: bool) -> Self {
        self.restore_best_weights = restore;
        self
    }

    /// The first epoch that is watched, counted from 0.
    #[must_use]
    pub fn start_from_epoch(mut self, epoch: usize) -> Self {
        self.start_from_epoch = epoch;
        self
    }

    /// 1: says when it stops training and which weights it restores.
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

    /// The epoch of the best value, counted from 0.
    #[must_use]
    pub fn best_epoch(&self) -> usize {
        self.best_epoch
    }

    /// The epoch after which it stopped training, counted from 0, if it did.
    #[must_use]
    pub fn stopped_epoch(&self) -> Option<usize> {
        self.stopped_epoch
    }

    fn keep(&mut self, training: &Training<'_>) {
        if self.restore_best_weights {
            let kept = self.best_weights.get_or_insert_default();
            kept.clear();
            kept.extend_from_slice(training.weights);
        }
    }
}

impl Callback for EarlyStopping {
    fn on_train_begin(&mut self, _: &mut Training<'_>) -> Result<()> {
        self.wait = 0;
        self.best = None;
        self.best_epoch = 0;
        self.best_weights = None;
        self.stopped_epoch = None;
        Ok(())
    }

    fn on_epoch_end(&mut self, training: &mut Training<'_>, epoch: usize, logs: &mut Logs) -> Result<()> {
        let larger = self.monitor.larger_is_better(training)?;
        let Some(value) = self.monitor.value(logs) else { return Ok(()) };
        if epoch < self.start_from_epoch {
            return Ok(());
        }
        if self.restore_best_weights && self.best_weights.is_none() {
            self.keep(training);
            self.best_epoch = epoch;
        }
        self.wait += 1;
        if improves(value, self.best, larger, self.min_delta) {
            self.best = Some(value);
            self.best_epoch = epoch;
            self.keep(training);
            if self.baseline.is_none() || improves(value, self.baseline, larger, self.min_delta) {
                self.wait = 0;
            }
        } else if self.wait >= self.patience && epoch > 0 {
            self.stopped_epoch = Some(epoch);
            *training.stop = true;
        }
        Ok(())
    }

    fn on_train_end(&mut self, training: &mut Training<'_>, _: &Logs) -> Result<()> {
        if let Some(epoch) = self.stopped_epoch
            && self.verbose > 0
        {
            say(&format!("Epoch {}: early stopping", epoch + 1));
        }
        if let Some(best) = &self.best_weights {
            if self.verbose > 0 {
                say(&format!("Restoring model weights from the end of the best epoch: {}.", self.best_epoch + 1));
            }
            training.weights.copy_from_slice(best);
        }
        Ok(())
    }

    fn wants_batch_logs(&self) -> bool {
        false
    }
}
