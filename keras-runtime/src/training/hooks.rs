//! The callbacks of one call of `fit`, `evaluate` or `predict`.

use super::scores::Tally;
use crate::Result;
use crate::callback::{Callback, Logs, Training};
use crate::compile::{Memory, slices};
use crate::model::Graph;
use crate::optimizer::Optimizer;

/// Callbacks, and what they are told.
pub(crate) struct Hooks<'a> {
    callbacks: Vec<Box<dyn Callback + 'a>>,
    /// Whether one of them wants to see the logs of each batch.
    pub(crate) batch_logs: bool,
    /// Set by a callback to stop training.
    pub(crate) stop: bool,
    /// Whether the optimizer takes part.
    train: bool,
    epochs: usize,
    pub(crate) steps: usize,
    /// The logs of the last batch, if they are wanted.
    pub(crate) logs: Logs,
}

/// A hook, called for each callback in turn with the logs of the last batch.
pub(crate) type Hook<'h> = dyn FnMut(&mut (dyn Callback + '_), &mut Training<'_>, &Logs) -> Result<()> + 'h;

/// What callbacks see and may change.
pub(crate) struct Seen<'a> {
    pub(crate) graph: &'static Graph,
    pub(crate) weights: &'a mut [f32],
    pub(crate) optimizer: &'a mut dyn Optimizer,
    pub(crate) memory: &'a mut Memory,
    pub(crate) tally: &'a Tally,
}

impl<'a> Hooks<'a> {
    pub(crate) fn new(callbacks: Vec<Box<dyn Callback + 'a>>, train: bool, epochs: usize, steps: usize) -> Hooks<'a> {
        let batch_logs = callbacks.iter().any(|c| c.wants_batch_logs());
        Hooks { callbacks, batch_logs, stop: false, train, epochs, steps, logs: Logs::new() }
    }

    /// Whether there are no callbacks.
    #[cfg(feature = "cuda")]
    pub(crate) fn is_empty(&self) -> bool {
        self.callbacks.is_empty()
    }

    /// Calls a hook of all callbacks, in order; `hook` is also given the logs of the last batch.
    pub(crate) fn call(&mut self, seen: Seen<'_>, hook: &mut Hook<'_>) -> Result<()> {
        let Seen { graph, weights, optimizer, memory, tally } = seen;
        let larger = |key: &str| tally.larger_is_better(key);
        for callback in &mut self.callbacks {
            let (mut slots, used) = slices(&mut memory.slots);
            let mut training = Training {
                graph,
                weights,
                optimizer: if self.train { Some(&mut *optimizer) } else { None },
                slots: &mut slots[..used],
                iterations: &mut memory.iterations,
                loss_scale: memory.loss_scale.as_mut(),
                carried: &mut memory.carried,
                stop: &mut self.stop,
                epochs: self.epochs,
                steps: self.steps,
                larger_is_better: &larger,
            };
            hook(&mut **callback, &mut training, &self.logs)?;
        }
        Ok(())
    }
}
