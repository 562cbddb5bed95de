//! An optimizer around another one, for losses that are scaled.

use super::{LossScale, Optimizer, SCALARS, Step};
use crate::Result;
#[cfg(feature = "cuda")]
use crate::device::{Update, memory::Control};
use crate::error::Error;
use crate::model::graph::Param;

/// An optimizer whose loss is multiplied by a scale that follows the gradients, as [`LossScale`] says; for layers that compute in half
/// precision. What a step does to the weights is the business of the optimizer within, which does not count steps that are left
/// out.
///
/// `compile` puts it around the optimizer of a model with layers of the policy `mixed_float16`, unless
/// [`Compiled::auto_scale_loss`](crate::Compiled::auto_scale_loss) says otherwise. Loops of one's own have
/// [`Built::scale_loss`](crate::Built::scale_loss).
///
/// ```
/// use keras_runtime::optimizer::{Adam, LossScaleOptimizer, Optimizer};
/// let adam = LossScaleOptimizer::new(Adam::default()).initial_scale(1024.0).dynamic_growth_steps(500);
/// assert_eq!(adam.slot_names(), ["momentum", "velocity"]);
/// assert_eq!(adam.loss_scale().unwrap().scale(), 1024.0);
/// ```
#[derive(Clone, Debug)]
pub struct LossScaleOptimizer<O> {
    inner: O,
    initial_scale: f32,
    dynamic_growth_steps: u64,
}

impl<O: Optimizer> LossScaleOptimizer<O> {
    /// Around an optimizer, whose own `loss_scale_factor` then counts for nothing.
    #[must_use]
    pub fn new(inner_optimizer: O) -> LossScaleOptimizer<O> {
        let LossScale { scale, .. } = LossScale::default();
        LossScaleOptimizer { inner: inner_optimizer, initial_scale: scale, dynamic_growth_steps: 2000 }
    }

    /// The scale of the first step, above 0; 2¹⁵ unless given. One that is too large is halved step by step until it is not, while one
    /// that is too small stays for long.
    #[must_use]
    pub fn initial_scale(mut self, scale: f32) -> Self {
        self.initial_scale = scale;
        self
    }

    /// After how many steps with finite gradients the scale is doubled, at least 1; 2000 unless given.
    #[must_use]
    pub fn dynamic_growth_steps(mut self, steps: u64) -> Self {
        self.dynamic_growth_steps = steps;
        self
    }

    /// The optimizer within.
    #[must_use]
    pub fn inner_optimizer(&self) -> &O {
        &self.inner
    }
}

impl<O: Optimizer> Optimizer for LossScaleOptimizer<O> {
    fn name(&self) -> &str {
        "loss_scale_optimizer"
    }
    fn learning_rate(&self) -> f32 {
        self.inner.learning_rate()
    }
    fn set_learning_rate(&mut self, learning_rate: f32) {
        self.inner.set_learning_rate(learning_rate);
    }
    fn is_scheduled(&self) -> bool {
        self.inner.is_scheduled()
    }
    fn check(&self) -> Result<()> {
        let refuse =
            |argument, value: String, reason: &str| Err(Error::Argument { argument, value, reason: reason.to_owned() });
        if !(self.initial_scale > 0.0 && self.initial_scale.is_finite()) {
            return refuse("initial_scale", self.initial_scale.to_string(), "give a number above 0");
        }
        if self.dynamic_growth_steps == 0 {
            return refuse("dynamic_growth_steps", "0".into(), "give a number of steps, at least 1");
        }
        if self.inner.loss_scale().is_some_and(|scale| scale.is_dynamic()) {
            let reason = "it scales the loss itself; give the optimizer that is within it";
            return refuse("inner_optimizer", self.inner.name().into(), reason);
        }
        self.inner.check()
    }
    fn slots(&self) -> usize {
        self.inner.slots()
    }
    fn slot_names(&self) -> Vec<&str> {
        self.inner.slot_names()
    }
    fn scalars(&self) -> usize {
        self.inner.scalars() + SCALARS
    }
    fn loss_scale(&self) -> Option<LossScale> {
        Some(LossScale::dynamic(self.initial_scale, self.dynamic_growth_steps))
    }
    fn step(&mut self, iteration: u64) -> Step<'_> {
        self.inner.step(iteration)
    }
    fn finalize(&self, params: &[Param], frozen: &[bool], weights: &mut [f32], slots: &mut [&mut [f32]]) {
        self.inner.finalize(params, frozen, weights, slots);
    }
    #[cfg(feature = "cuda")]
    fn device_update(&self) -> Result<Update, String> {
        self.inner.device_update()
    }
    #[cfg(feature = "cuda")]
    fn device_control(&mut self, iteration: u64) -> [f32; Control::LEN] {
        self.inner.device_control(iteration)
    }
    #[cfg(feature = "cuda")]
    fn device_made(&mut self, steps: u64) {
        self.inner.device_made(steps);
    }
}
