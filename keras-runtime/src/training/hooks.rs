//! The callbacks of one call of `fit`, `evaluate` or `predict`.

use crate::Result;
use crate::callback::{Callback, Logs, Training};
use crate::compile::{Compiled, slices};
use crate::model::Model;
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

impl<'a> Hooks<'a> {
    pub(crate) fn new(callbacks: Vec<Box<dyn Callback + 'a>>, train: bool, epochs: usize, steps: usize) -> Hooks<'a> {
        let batch_logs = callbacks.iter().any(|c| c.wants_batch_logs());
        Hooks { callbacks, batch_logs, stop: false, train, epochs, steps, logs: Logs::new() }
    }
}

/// A hook, called for each callback in turn with the logs of the last batch.
type Hook<'h> = dyn FnMut(&mut (dyn Callback + '_), &mut Training<'_>, &Logs) -> Result<()> + 'h;

impl<M: Model, O: Optimizer, L, Ms, Ws> Compiled<M, O, L, Ms, Ws> {
    /// Calls a hook of all callbacks, in order; `hook` is also given the logs of the last batch.
    ///
    /// The hook is a trait object so that this is compiled once for each model and not once for each hook.
    pub(crate) fn call(&mut self, hooks: &mut Hooks<'_>, hook: &mut Hook<'_>) -> Result<()> {
        if hooks.callbacks.is_empty() {
            return Ok(());
        }
        let larger = |key: &str| self.measure.tally.larger_is_better(key);
        for callback in &mut hooks.callbacks {
            let (mut slots, used) = slices(&mut self.memory.slots);
            let mut training = Training {
                graph: M::GRAPH,
                weights: self.model.as_mut_slice(),
                optimizer: if hooks.train { Some(&mut self.optimizer) } else { None },
                slots: &mut slots[..used],
                iterations: &mut self.memory.iterations,
                stop: &mut hooks.stop,
                epochs: hooks.epochs,
                steps: hooks.steps,
                larger_is_better: &larger,
            };
            hook(&mut **callback, &mut training, &hooks.logs)?;
        }
        Ok(())
    }
}
