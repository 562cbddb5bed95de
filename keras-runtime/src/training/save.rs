//! A training in a file, and back.

use std::path::Path;

use keras_kernels::memory::Floats;

use crate::Result;
use crate::compile::{Compiled, Memory};
use crate::model::{Graph, Model};
use crate::optimizer::Optimizer;
use crate::weights::{self, Load, State};

impl<M: Model, O: Optimizer, L, Ms, Ws> Compiled<M, O, L, Ms, Ws> {
    /// Saves the weights and the optimizer's state to a `.safetensors` file, so that [`Compiled::load`] can go on from
    /// here. For the weights alone there is [`ModelExt::save_weights`](crate::ModelExt::save_weights).
    ///
    /// # Errors
    /// If the file cannot be written; one that was there before is then still there.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        save(M::GRAPH, self.model.as_slice(), &self.optimizer, &self.memory, path.as_ref())
    }

    /// Goes on from where [`Compiled::save`] or a `ModelCheckpoint` was: weights, the optimizer's state, its number of
    /// steps, its learning rate, and the scale of the loss if that follows the gradients.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or is of another model or optimizer; then nothing has changed.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<()> {
        load(M::GRAPH, self.model.as_mut_slice(), &mut self.optimizer, &mut self.memory, path.as_ref())
    }
}

fn save(graph: &Graph, weights: &[f32], optimizer: &dyn Optimizer, memory: &Memory, path: &Path) -> Result<()> {
    let names = optimizer.slot_names();
    // Before the first step there is no state yet: it begins as zeros.
    let zeros = Floats::zeroed(weights.len());
    let slot = |i: usize| &**memory.slots.get(i).unwrap_or(&zeros);
    let slots = names.into_iter().enumerate().map(|(i, name)| (name, slot(i))).collect();
    let (iteration, learning_rate) = (memory.iterations, optimizer.learning_rate());
    let state = State { iteration, learning_rate, loss_scale: memory.loss_scale.as_ref(), slots };
    weights::save_with_optimizer(graph, weights, &state, path)
}

fn load(
    graph: &Graph,
    weights: &mut [f32],
    optimizer: &mut dyn Optimizer,
    memory: &mut Memory,
    path: &Path,
) -> Result<()> {
    let names = optimizer.slot_names();
    let mut slots: Vec<Floats> = names.iter().map(|_| Floats::zeroed(weights.len())).collect();
    let mut named: Vec<_> = names.into_iter().zip(slots.iter_mut().map(|slot| &mut **slot)).collect();
    let mut loss_scale = memory.loss_scale.clone();
    let (iterations, learning_rate) = weights::load_optimizer(graph, &mut named, loss_scale.as_mut(), path)?;
    weights::load(graph, weights, path, Load::new())?;
    memory.slots = slots;
    memory.iterations = iterations;
    memory.loss_scale = loss_scale;
    memory.steps = iterations;
    optimizer.set_learning_rate(learning_rate);
    Ok(())
}
