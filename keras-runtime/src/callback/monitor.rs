//! What callbacks watch.

use super::{Logs, Training};
use crate::{Error, Result};

/// Whether a figure is to become smaller or larger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// What the figure itself says: losses and errors smaller, accuracies larger.
    #[default]
    Auto,
    /// Smaller is better.
    Min,
    /// Larger is better.
    Max,
}

/// A figure that a callback watches.
#[derive(Clone, Debug)]
pub(super) struct Monitor {
    pub(super) key: String,
    pub(super) mode: Mode,
    /// The name of the callback, for messages.
    callback: &'static str,
    warned: bool,
}

impl Monitor {
    pub(super) fn new(callback: &'static str, key: impl Into<String>) -> Monitor {
        Monitor { key: key.into(), mode: Mode::Auto, callback, warned: false }
    }

    /// Its value; without one there is a warning, once.
    pub(super) fn value(&mut self, logs: &Logs) -> Option<f64> {
        let value = logs.get(&self.key).copied();
        if value.is_none() && !self.warned {
            self.warned = true;
            let known: Vec<_> = logs.keys().map(String::as_str).collect();
            eprintln!("warning: {} watches `{}`, but the logs have {}", self.callback, self.key, known.join(", "));
        }
        value
    }

    /// Whether larger is better.
    pub(super) fn larger_is_better(&self, training: &Training<'_>) -> Result<bool> {
        match self.mode {
            Mode::Min => return Ok(false),
            Mode::Max => return Ok(true),
            Mode::Auto => {}
        }
        let name = self.key.strip_prefix("val_").unwrap_or(&self.key);
        (training.larger_is_better)(name).ok_or_else(|| Error::Argument {
            argument: "monitor",
            value: self.key.clone(),
            reason: format!(
                "{} cannot tell whether it is to become smaller or larger: it is not the loss or a metric of this \
                 model, or a metric that does not say; give `mode` if it is meant",
                self.callback
            ),
        })
    }
}

/// Whether `value` is better than `reference` by more than `min_delta`; anything is better than nothing.
pub(super) fn improves(value: f64, reference: Option<f64>, larger_is_better: bool, min_delta: f64) -> bool {
    match reference {
        None => true,
        Some(reference) if larger_is_better => value - min_delta > reference,
        Some(reference) => value + min_delta < reference,
    }
}
