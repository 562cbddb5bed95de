//! A learning rate by the epoch.

use super::{Callback, Logs, Training, say, settable};
use crate::Result;

/// Sets the learning rate at the beginning of each epoch, and adds `learning_rate` to the logs.
///
/// ```
/// use keras_runtime::callback::LearningRateScheduler;
/// let scheduler = LearningRateScheduler::new(|epoch, rate| if epoch < 10 { rate } else { rate * 0.9 });
/// ```
pub struct LearningRateScheduler<F> {
    schedule: F,
    verbose: u8,
}

impl<F: FnMut(usize, f32) -> f32> LearningRateScheduler<F> {
    /// `schedule` gives the learning rate of an epoch, counted from 0, from the one before.
    pub fn new(schedule: F) -> LearningRateScheduler<F> {
        LearningRateScheduler { schedule, verbose: 0 }
    }

    /// 1: says which learning rate it sets.
    #[must_use]
    pub fn verbose(mut self, verbose: u8) -> Self {
        self.verbose = verbose;
        self
    }
}

impl<F: FnMut(usize, f32) -> f32> Callback for LearningRateScheduler<F> {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        settable(training, "LearningRateScheduler")
    }

    fn on_epoch_begin(&mut self, training: &mut Training<'_>, epoch: usize) -> Result<()> {
        if let Some(optimizer) = &mut training.optimizer {
            let rate = (self.schedule)(epoch, optimizer.learning_rate());
            optimizer.set_learning_rate(rate);
            if self.verbose > 0 {
                say(&format!("\nEpoch {}: LearningRateScheduler setting learning rate to {rate}.", epoch + 1));
            }
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, training: &mut Training<'_>, _: usize, logs: &mut Logs) -> Result<()> {
        if let Some(optimizer) = &training.optimizer {
            logs.insert("learning_rate".into(), optimizer.learning_rate().into());
        }
        Ok(())
    }

    fn wants_batch_logs(&self) -> bool {
        false
    }
}
