//! Callbacks: one file each.
//!
//! Hooks, their order and the contents of the logs are those of Keras.
//!
//! | in Keras | here |
//! |---|---|
//! | `EarlyStopping("val_loss", patience=3, restore_best_weights=True)` | `EarlyStopping::new("val_loss").patience(3).restore_best_weights(true)` |
//! | `ModelCheckpoint("{epoch:02d}-{val_loss:.2f}.keras")` | `ModelCheckpoint::new("{epoch:02d}-{val_loss:.2f}.safetensors")` |
//! | `class Mine(Callback):` | `impl Callback for Mine` |

mod csv_logger;
mod early_stopping;
mod lambda_callback;
mod learning_rate_scheduler;
#[cfg(feature = "safetensors")]
mod model_checkpoint;
mod monitor;
mod reduce_lr_on_plateau;
#[cfg(feature = "safetensors")]
mod template;
mod terminate_on_nan;

pub use csv_logger::CSVLogger;
pub use early_stopping::EarlyStopping;
pub use lambda_callback::LambdaCallback;
pub use learning_rate_scheduler::LearningRateScheduler;
#[cfg(feature = "safetensors")]
pub use model_checkpoint::{ModelCheckpoint, SaveFreq};
pub use monitor::Mode;
pub use reduce_lr_on_plateau::ReduceLROnPlateau;
pub use terminate_on_nan::TerminateOnNaN;

use std::io::Write;

use crate::model::Graph;
use crate::optimizer::{LossScale, Optimizer};
use crate::{Carried, Result};

/// Figures by name, sorted by name: `accuracy`, `loss`, `val_loss`.
pub type Logs = std::collections::BTreeMap<String, f64>;

/// What a callback sees of the training that it is part of, and may change.
pub struct Training<'a> {
    /// The model.
    pub graph: &'static Graph,
    /// All weights, in the order of `graph.params`.
    pub weights: &'a mut [f32],
    /// The optimizer, absent in `evaluate` and `predict`.
    pub optimizer: Option<&'a mut dyn Optimizer>,
    /// The optimizer's state, a block of the weights' layout for each of its slots; none before the first step.
    pub slots: &'a mut [&'a mut [f32]],
    /// How many steps the optimizer has made.
    pub iterations: &'a mut u64,
    /// What the loss is multiplied by, if it is.
    pub loss_scale: Option<&'a mut LossScale>,
    /// The states of stateful layers, which some want to reset between epochs.
    pub carried: &'a mut Carried,
    /// Set it to stop training after this batch or epoch.
    pub stop: &'a mut bool,
    /// How many epochs were asked for.
    pub epochs: usize,
    /// Batches in an epoch.
    pub steps: usize,
    /// Whether larger is better, for metrics that say so, by log key without `val_`.
    pub larger_is_better: &'a dyn Fn(&str) -> Option<bool>,
}

/// Something that is told how training goes. All hooks do nothing unless overridden; epochs and batches count from 0.
///
/// An error from a hook ends the call of `fit` with that error.
///
/// ```
/// use keras_runtime::Result;
/// use keras_runtime::callback::{Callback, Logs, Training};
///
/// /// Stops as soon as the model is good enough.
/// struct GoodEnough(f64);
///
/// impl Callback for GoodEnough {
///     fn on_epoch_end(&mut self, training: &mut Training<'_>, _epoch: usize, logs: &mut Logs) -> Result<()> {
///         if logs.get("val_accuracy").is_some_and(|accuracy| *accuracy >= self.0) {
///             *training.stop = true;
///         }
///         Ok(())
///     }
///
///     fn wants_batch_logs(&self) -> bool {
///         false
///     }
/// }
/// ```
#[allow(unused_variables)]
pub trait Callback {
    /// Before the first epoch.
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        Ok(())
    }
    /// After the last epoch, with its logs.
    fn on_train_end(&mut self, training: &mut Training<'_>, logs: &Logs) -> Result<()> {
        Ok(())
    }
    /// Before an epoch.
    fn on_epoch_begin(&mut self, training: &mut Training<'_>, epoch: usize) -> Result<()> {
        Ok(())
    }
    /// After an epoch and its validation; later callbacks and the history see what is added to the logs.
    fn on_epoch_end(&mut self, training: &mut Training<'_>, epoch: usize, logs: &mut Logs) -> Result<()> {
        Ok(())
    }
    /// Before a batch of training.
    fn on_train_batch_begin(&mut self, training: &mut Training<'_>, batch: usize) -> Result<()> {
        Ok(())
    }
    /// After a batch of training, with the loss and metrics of the epoch so far.
    fn on_train_batch_end(&mut self, training: &mut Training<'_>, batch: usize, logs: &Logs) -> Result<()> {
        Ok(())
    }
    /// Whether `on_train_batch_end` wants logs that are not empty; collecting them costs time in every step. On a device, batch
    /// hooks see the weights of the last step, and may change them, only if this is so.
    fn wants_batch_logs(&self) -> bool {
        true
    }
    /// Before `evaluate`, and before the validation of an epoch.
    fn on_test_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        Ok(())
    }
    /// After `evaluate`, and after the validation of an epoch.
    fn on_test_end(&mut self, training: &mut Training<'_>, logs: &Logs) -> Result<()> {
        Ok(())
    }
    /// Before a batch of `evaluate`.
    fn on_test_batch_begin(&mut self, training: &mut Training<'_>, batch: usize) -> Result<()> {
        Ok(())
    }
    /// After a batch of `evaluate`, with the loss and metrics so far.
    fn on_test_batch_end(&mut self, training: &mut Training<'_>, batch: usize, logs: &Logs) -> Result<()> {
        Ok(())
    }
    /// Before `predict`.
    fn on_predict_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        Ok(())
    }
    /// After `predict`.
    fn on_predict_end(&mut self, training: &mut Training<'_>) -> Result<()> {
        Ok(())
    }
    /// Before a batch of `predict`.
    fn on_predict_batch_begin(&mut self, training: &mut Training<'_>, batch: usize) -> Result<()> {
        Ok(())
    }
    /// After a batch of `predict`.
    fn on_predict_batch_end(&mut self, training: &mut Training<'_>, batch: usize) -> Result<()> {
        Ok(())
    }
}

/// Prints what a callback was asked to tell. What cannot be printed is no reason to end a training.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Refuses a callback that sets the learning rate where a schedule does.
fn settable(training: &Training<'_>, callback: &'static str) -> Result<()> {
    match &training.optimizer {
        Some(optimizer) if optimizer.is_scheduled() => Err(crate::Error::Argument {
            argument: "learning_rate",
            value: "a schedule".into(),
            reason: format!(
                "{callback} sets the learning rate, which the optimizer takes from its schedule; give it a number"
            ),
        }),
        _ => Ok(()),
    }
}

/// A number as Python writes it: `1.0`, `1e-05`.
fn python(value: f64) -> String {
    let text = if value.is_nan() { "nan".to_owned() } else { format!("{value:?}") };
    match text.split_once('e') {
        None => text,
        Some((digits, exponent)) => {
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |e| ('-', e));
            format!("{digits}e{sign}{exponent:0>2}")
        }
    }
}

/// Passes all hooks on.
macro_rules! forward {
    ($($(#[$doc:meta])* $callback:ty;)*) => {
        $($(#[$doc])*
        impl<C: Callback + ?Sized> Callback for $callback {
            fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
                (**self).on_train_begin(training)
            }
            fn on_train_end(&mut self, training: &mut Training<'_>, logs: &Logs) -> Result<()> {
                (**self).on_train_end(training, logs)
            }
            fn on_epoch_begin(&mut self, training: &mut Training<'_>, epoch: usize) -> Result<()> {
                (**self).on_epoch_begin(training, epoch)
            }
            fn on_epoch_end(&mut self, training: &mut Training<'_>, epoch: usize, logs: &mut Logs) -> Result<()> {
                (**self).on_epoch_end(training, epoch, logs)
            }
            fn on_train_batch_begin(&mut self, training: &mut Training<'_>, batch: usize) -> Result<()> {
                (**self).on_train_batch_begin(training, batch)
            }
            fn on_train_batch_end(&mut self, training: &mut Training<'_>, batch: usize, logs: &Logs) -> Result<()> {
                (**self).on_train_batch_end(training, batch, logs)
            }
            fn wants_batch_logs(&self) -> bool {
                (**self).wants_batch_logs()
            }
            fn on_test_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
                (**self).on_test_begin(training)
            }
            fn on_test_end(&mut self, training: &mut Training<'_>, logs: &Logs) -> Result<()> {
                (**self).on_test_end(training, logs)
            }
            fn on_test_batch_begin(&mut self, training: &mut Training<'_>, batch: usize) -> Result<()> {
                (**self).on_test_batch_begin(training, batch)
            }
            fn on_test_batch_end(&mut self, training: &mut Training<'_>, batch: usize, logs: &Logs) -> Result<()> {
                (**self).on_test_batch_end(training, batch, logs)
            }
            fn on_predict_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
                (**self).on_predict_begin(training)
            }
            fn on_predict_end(&mut self, training: &mut Training<'_>) -> Result<()> {
                (**self).on_predict_end(training)
            }
            fn on_predict_batch_begin(&mut self, training: &mut Training<'_>, batch: usize) -> Result<()> {
                (**self).on_predict_batch_begin(training, batch)
            }
            fn on_predict_batch_end(&mut self, training: &mut Training<'_>, batch: usize) -> Result<()> {
                (**self).on_predict_batch_end(training, batch)
            }
        })*
    };
}

forward! {
    /// A callback that is looked at after training: `Fit::epochs(5).callback(&mut stopping)`.
    &mut C;
    /// A callback that is chosen at run time.
    Box<C>;
}
