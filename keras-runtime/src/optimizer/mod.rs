//! Optimizers: one file each.
//!
//! | in Keras | here |
//! |---|---|
//! | `SGD(learning_rate=0.01, momentum=0.9, nesterov=True)` | `Sgd::new(0.01).momentum(0.9).nesterov(true)` |
//! | `Adam(ExponentialDecay(0.01, 1000, 0.9), weight_decay=1e-4)` | `Adam::new(ExponentialDecay::new(0.01, 1000, 0.9)).weight_decay(1e-4)` |
//! | `LossScaleOptimizer(Adam(), initial_scale=1024)` | `LossScaleOptimizer::new(Adam::default()).initial_scale(1024.0)` |
//! | `"adam"` | `"adam".parse::<Box<dyn Optimizer>>()?` |
//!
//! The arguments that all optimizers of Keras have (weight decay, clipping, moving averages, accumulation) are in
//! [`Base`].

mod apply;
mod base;
mod elementwise;
mod loss_scale;
mod loss_scale_optimizer;
pub mod schedule;

pub(crate) use apply::{Blocks, Counts, apply};
pub use base::{Base, LearningRate};
pub use elementwise::Elementwise;
pub use loss_scale::LossScale;
pub(crate) use loss_scale::SCALARS;
pub use loss_scale_optimizer::LossScaleOptimizer;
pub use schedule::Schedule;

use core::str::FromStr;

use keras_kernels::memory::Rule;

use crate::Result;
#[cfg(feature = "cuda")]
use crate::device::{Update, memory::Control};
use crate::error::Error;
use crate::model::graph::Param;

/// Each optimizer: its file, its type, its name.
macro_rules! optimizers {
    ($($file:ident::$optimizer:ident $name:literal;)*) => {
        $(mod $file; pub use $file::$optimizer;)*

        impl FromStr for Box<dyn Optimizer> {
            type Err = Error;

            /// The optimizer of this name (`"sgd"`, `"Adam"`) with its default arguments.
            fn from_str(name: &str) -> Result<Box<dyn Optimizer>> {
                $(if crate::named::means(name, $name) {
                    return Ok(Box::new($optimizer::default()));
                })*
                Err(crate::named::unknown("optimizer", name, &[$($name),*]))
            }
        }
    };
}

optimizers! {
    sgd::Sgd "sgd";
    adam::Adam "adam";
}

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
    /// Sets the learning rate; an optimizer with a [`Schedule`] keeps its own.
    fn set_learning_rate(&mut self, learning_rate: f32);
    /// Whether the learning rate follows a [`Schedule`], so that it cannot be set.
    fn is_scheduled(&self) -> bool {
        false
    }
    /// Whether its arguments make sense; asked before training.
    ///
    /// # Errors
    /// If they do not.
    fn check(&self) -> Result<()> {
        Ok(())
    }
    /// How many floats of state it keeps for each weight; where [`Optimizer::step`] is elementwise at most
    /// [`MAX_SLOTS`](keras_kernels::memory::MAX_SLOTS). They begin as zeros.
    fn slots(&self) -> usize {
        0
    }
    /// The names of the slots, for files: `momentum`.
    fn slot_names(&self) -> Vec<&str> {
        Vec::new()
    }
    /// How many numbers of state it keeps besides the slots: the count of its steps, and a learning rate that can be set.
    fn scalars(&self) -> usize {
        2
    }
    /// What the loss of the first step is multiplied by; nothing if it stays as it is. The gradients of a step are divided by it
    /// before the step is begun, and a step may then be left out.
    fn loss_scale(&self) -> Option<LossScale> {
        None
    }
    /// The rule of the step with this number, counted from 0.
    fn step(&mut self, iteration: u64) -> Step<'_>;
    /// After the last epoch of `fit`: puts averaged weights in the place of the last ones, if it keeps any. Arguments as
    /// for [`TensorRule::update`].
    #[allow(unused_variables)]
    fn finalize(&self, params: &[Param], frozen: &[bool], weights: &mut [f32], slots: &mut [&mut [f32]]) {}
    /// What [devices](crate::device) know it as.
    ///
    /// # Errors
    /// What of it they have no kernels for.
    #[cfg(feature = "cuda")]
    fn device_update(&self) -> Result<Update, String> {
        Err(format!("the optimizer `{}`, which is not one of keras's own", self.name()))
    }
    /// What a device has to know of the step with this number, as [`Control`] has it.
    #[cfg(feature = "cuda")]
    #[allow(unused_variables)]
    fn device_control(&mut self, iteration: u64) -> [f32; Control::LEN] {
        [self.learning_rate(), 0.0, 0.0, 0.0, 1.0]
    }
    /// Says how many steps a device has made in all, where it has left out some of those that it was told of.
    #[cfg(feature = "cuda")]
    #[allow(unused_variables)]
    fn device_made(&mut self, steps: u64) {}
}

impl Optimizer for Box<dyn Optimizer> {
    fn name(&self) -> &str {
        (**self).name()
    }
    fn learning_rate(&self) -> f32 {
        (**self).learning_rate()
    }
    fn set_learning_rate(&mut self, learning_rate: f32) {
        (**self).set_learning_rate(learning_rate);
    }
    fn is_scheduled(&self) -> bool {
        (**self).is_scheduled()
    }
    fn check(&self) -> Result<()> {
        (**self).check()
    }
    fn slots(&self) -> usize {
        (**self).slots()
    }
    fn slot_names(&self) -> Vec<&str> {
        (**self).slot_names()
    }
    fn scalars(&self) -> usize {
        (**self).scalars()
    }
    fn loss_scale(&self) -> Option<LossScale> {
        (**self).loss_scale()
    }
    fn step(&mut self, iteration: u64) -> Step<'_> {
        (**self).step(iteration)
    }
    fn finalize(&self, params: &[Param], frozen: &[bool], weights: &mut [f32], slots: &mut [&mut [f32]]) {
        (**self).finalize(params, frozen, weights, slots);
    }
    #[cfg(feature = "cuda")]
    fn device_update(&self) -> Result<Update, String> {
        (**self).device_update()
    }
    #[cfg(feature = "cuda")]
    fn device_control(&mut self, iteration: u64) -> [f32; Control::LEN] {
        (**self).device_control(iteration)
    }
    #[cfg(feature = "cuda")]
    fn device_made(&mut self, steps: u64) {
        (**self).device_made(steps);
    }
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
