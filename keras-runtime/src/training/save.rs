//! A training in a file, and back.

use std::path::Path;

use keras_kernels::memory::Boxed;

use crate::Result;
use crate::compile::Compiled;
use crate::model::Model;
use crate::optimizer::Optimizer;
use crate::weights::{self, Load, State};

impl<M: Model, O: Optimizer, L, Ms, Ws> Compiled<M, O, L, Ms, Ws> {
    /// Saves the weights and the optimizer's state to a `.safetensors` file, so that [`Compiled::load`] can go on from
    /// here. For the weights alone there is [`ModelExt::save_weights`](crate::ModelExt::save_weights).
    ///
    /// # Errors
    /// If the file cannot be written; one that was there before is then still there.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let names = self.optimizer.slot_names();
        // Before the first step there is no state yet: it begins as zeros.
        let zeros = Boxed::<M>::zeroed();
        let slot = |i: usize| self.memory.slots.get(i).unwrap_or(&zeros).as_slice();
        let slots = names.into_iter().enumerate().map(|(i, name)| (name, slot(i))).collect();
        let (iteration, learning_rate) = (self.memory.iterations, self.optimizer.learning_rate());
        weights::save_with_optimizer(M::GRAPH, self.model.as_slice(), &State { iteration, learning_rate, slots }, path)
    }

    /// Goes on from where [`Compiled::save`] or a `ModelCheckpoint` was: weights, the optimizer's state, its number of
    /// steps and its learning rate.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or is of another model or optimizer; then nothing has changed.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let names = self.optimizer.slot_names();
        let mut slots: Vec<Boxed<M>> = names.iter().map(|_| Boxed::zeroed()).collect();
        let mut named: Vec<_> = names.into_iter().zip(slots.iter_mut().map(|slot| slot.as_mut_slice())).collect();
        let (iterations, learning_rate) = weights::load_optimizer(M::GRAPH, &mut named, path)?;
        weights::load(M::GRAPH, self.model.as_mut_slice(), path, Load::new())?;
        self.memory.slots = slots;
        self.memory.iterations = iterations;
        self.memory.steps = iterations;
        self.optimizer.set_learning_rate(learning_rate);
        Ok(())
    }
}
