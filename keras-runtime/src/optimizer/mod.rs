//! Optimizers: one file each.

use keras_kernels::memory::Rule;

use crate::model::graph::Param;

/// A rule that changes weights by their gradients.
///
/// # Example
/// Plain gradient descent:
/// ```
/// use keras_kernels::memory::{Rule, Slots};
/// use keras_runtime::optimizer::{Optimizer, Step};
///
/// struct Descent(f32);
///
/// impl Rule for Descent {
///     fn update(&self, w: &mut [f32], g: &[f32], _: Slots<'_>) {
///         for (w, g) in w.iter_mut().zip(g) {
///             *w -= self.0 * g;
///         }
///     }
/// }
///
/// impl Optimizer for Descent {
///     fn name(&self) -> &str {
///         "descent"
///     }
///     fn learning_rate(&self) -> f32 {
///         self.0
///     }
///     fn set_learning_rate(&mut self, learning_rate: f32) {
///         self.0 = learning_rate;
///     }
///     fn step(&mut self, _iteration: u64) -> Step<'_> {
///         Step::Elementwise(self)
///     }
/// }
/// ```
pub trait Optimizer: Send + Sync {
    /// Its name in Keras: `sgd`.
    fn name(&self) -> &str;
    /// The learning rate of the next step.
    fn learning_rate(&self) -> f32;
    /// Sets the learning rate; an optimizer with a schedule keeps its own.
    fn set_learning_rate(&mut self, learning_rate: f32);
    /// How many floats of state it keeps for each weight, at most [`MAX_SLOTS`](keras_kernels::memory::MAX_SLOTS). They
    /// begin as zeros.
    fn slots(&self) -> usize {
        0
    }
    /// The names of the slots, for files: `momentum`.
    fn slot_names(&self) -> &[&str] {
        &[]
    }
    /// The rule of the step with this number, counted from 0.
    fn step(&mut self, iteration: u64) -> Step<'_>;
}

/// How an optimizer updates weights.
pub enum Step<'a> {
    /// Each weight by its own gradient alone: it can be done while the gradient is computed.
    Elementwise(&'a dyn Rule),
    /// Whole tensors, or all of them: gradients are computed first, then this.
    Tensors(&'a mut dyn TensorRule),
}

/// A rule that needs whole tensors, or all of them.
pub trait TensorRule {
    /// Updates `weights` by `grads`; both, and each slot, are laid out as `params` says. Parameters whose `frozen` is
    /// set have no gradient and stay.
    fn update(
        &mut self,
        params: &[Param],
        frozen: &[bool],
        weights: &mut [f32],
        grads: &mut [f32],
        slots: &mut [&mut [f32]],
    );
}
