//! A smaller learning rate when nothing gets better.

use super::monitor::{Mode, Monitor, improves};
use super::{Callback, Logs, Training, say, settable};
use crate::{Error, Result};

/// Lowers the learning rate when a figure has not become better for some epochs, and adds `learning_rate` to the logs.
///
/// ```
/// use keras_runtime::callback::ReduceLROnPlateau;
/// let reduce = ReduceLROnPlateau::new("val_loss").factor(0.2).patience(5).min_lr(1e-3);
/// ```
#[derive(Clone, Debug)]
pub struct ReduceLROnPlateau {
    monitor: Monitor,
    factor: f32,
    patience: usize,
    min_delta: f64,
    cooldown: usize,
    min_lr: f32,
    verbose: u8,
    wait: usize,
    cooling: usize,
    best: Option<f64>,
}

impl Default for ReduceLROnPlateau {
    fn default() -> ReduceLROnPlateau {
        ReduceLROnPlateau::new("val_loss")
    }
}

impl ReduceLROnPlateau {
    /// Watches a figure of the logs: `val_loss`, `accuracy`.
    #[must_use]
    pub fn new(monitor: impl Into<String>) -> ReduceLROnPlateau {
        ReduceLROnPlateau {
            monitor: Monitor::new("ReduceLROnPlateau", monitor),
            factor: 0.1,
            patience: 10,
            min_delta: 1e-4,
            cooldown: 0,
            min_lr: 0.0,
            verbose: 0,
            wait: 0,
            cooling: 0,
            best: None,
        }
    }

    /// What the learning rate is multiplied by, less than 1.
    #[must_use]
    pub fn factor(mut self, factor: f32) -> Self {
        self.factor = factor;
        self
    }

    /// After how many epochs without improvement the learning rate is lowered.
    #[must_use]
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// A change that is not larger is none.
    #[must_use]
    pub fn min_delta(mut self, min_delta: f64) -> Self {
        self.min_delta = min_delta;
        self
    }

    /// Whether the figure is to become smaller or larger, where it does not say so itself.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.mode = mode;
        self
    }

    /// How many epochs are not watched after the learning rate was lowered.
    #[must_use]
    pub fn cooldown(mut self, epochs: usize) -> Self {
        self.cooldown = epochs;
        self
    }

    /// The smallest learning rate.
    #[must_use]
    pub fn min_lr(mut self, min_lr: f32) -> Self {
        self.min_lr = min_lr;
        self
    }

    /// 1: says when it lowers the learning rate.
    #[must_use]
    pub fn verbose(mut self, verbose: u8) -> Self {
        self.verbose = verbose;
        self
    }
}

impl Callback for ReduceLROnPlateau {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        if self.factor.is_nan() || self.factor >= 1.0 {
            return Err(Error::Argument {
                argument: "factor",
                value: self.factor.to_string(),
                reason: "ReduceLROnPlateau lowers the learning rate; give a factor less than 1".into(),
            });
        }
        (self.wait, self.cooling, self.best) = (0, 0, None);
        settable(training, "ReduceLROnPlateau")
    }

    fn on_epoch_end(&mut self, training: &mut Training<'_>, epoch: usize, logs: &mut Logs) -> Result<()> {
        let larger = self.monitor.larger_is_better(training)?;
        let Some(optimizer) = &mut training.optimizer else { return Ok(()) };
        let rate = optimizer.learning_rate();
        logs.insert("learning_rate".into(), rate.into());
        let Some(value) = self.monitor.value(logs) else { return Ok(()) };
        if self.cooling > 0 {
            self.cooling -= 1;
            self.wait = 0;
        }
        // Unlike that of the other callbacks, its best value begins as infinity, which NaN is not better than.
        let nothing = if larger { f64::NEG_INFINITY } else { f64::INFINITY };
        if improves(value, Some(self.best.unwrap_or(nothing)), larger, self.min_delta) {
            self.best = Some(value);
            self.wait = 0;
        } else if self.cooling == 0 {
            self.wait += 1;
            if self.wait >= self.patience && rate > self.min_lr {
                let lower = (rate * self.factor).max(self.min_lr);
                optimizer.set_learning_rate(lower);
                if self.verbose > 0 {
                    say(&format!("\nEpoch {}: ReduceLROnPlateau reducing learning rate to {lower}.", epoch + 1));
                }
                (self.cooling, self.wait) = (self.cooldown, 0);
            }
        }
        Ok(())
    }

    fn wants_batch_logs(&self) -> bool {
        false
    }
}
