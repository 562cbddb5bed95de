//! Stopping when the loss is no number any more.

use super::{Callback, Logs, Training, say};
use crate::{Error, Result};

/// Stops training after a batch whose loss is NaN or infinite.
///
/// ```
/// use keras_runtime::callback::TerminateOnNaN;
/// let terminate = TerminateOnNaN::new().raise_error(true);
/// ```
#[derive(Clone, Debug, Default)]
pub struct TerminateOnNaN {
    raise_error: bool,
    epoch: usize,
}

impl TerminateOnNaN {
    /// One that says so and stops.
    #[must_use]
    pub fn new() -> TerminateOnNaN {
        TerminateOnNaN::default()
    }

    /// Whether `fit` gives an error ([`Error::NotFinite`]) instead.
    #[must_use]
    pub fn raise_error(mut self, raise_error: bool) -> Self {
        self.raise_error = raise_error;
        self
    }
}

impl Callback for TerminateOnNaN {
    fn on_epoch_begin(&mut self, _: &mut Training<'_>, epoch: usize) -> Result<()> {
        self.epoch = epoch;
        Ok(())
    }

    fn on_train_batch_end(&mut self, training: &mut Training<'_>, batch: usize, logs: &Logs) -> Result<()> {
        match logs.get("loss") {
            Some(&loss) if !loss.is_finite() => {
                if self.raise_error {
                    return Err(Error::NotFinite { epoch: self.epoch + 1, batch: batch + 1, loss });
                }
                say(&format!("Batch {batch}: Invalid loss, terminating training"));
                *training.stop = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
