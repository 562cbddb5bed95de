//! What a loss is multiplied by, so that small gradients are not lost.

use core::sync::atomic::{AtomicBool, Ordering};

use keras_kernels::memory::Sink;

use super::apply::by_params;
#[cfg(feature = "cuda")]
use crate::device::Scaling;
use crate::model::graph::Param;
use crate::training::Shared;

/// What the loss of each step is multiplied by, with its penalties; its gradients are divided by it before the optimizer sees
/// them. So gradients that half precision would round to 0 are not.
///
/// A dynamic scale follows the gradients, as that of Keras's `LossScaleOptimizer`: where one is infinite or no number, the step is
/// left out and the scale is halved; after so many steps without that it is doubled. The scale of each loss is decided by the
/// steps before it.
#[derive(Clone, Debug, PartialEq)]
pub struct LossScale {
    pub(crate) scale: f32,
    /// Steps since the scale has changed.
    pub(crate) step_counter: u64,
    /// How many of them double a dynamic scale.
    growth_steps: Option<u64>,
}

/// How many numbers Keras's `LossScaleOptimizer` keeps besides those of the optimizer within: scale and counter, and a count of steps
/// and a learning rate that nothing uses.
pub(crate) const SCALARS: usize = 4;

impl Default for LossScale {
    /// As in Keras: 2¹⁵, doubled after 2000 steps.
    fn default() -> LossScale {
        LossScale::dynamic(32768.0, 2000)
    }
}

impl LossScale {
    /// A scale that follows the gradients.
    ///
    /// ```
    /// use keras_runtime::optimizer::LossScale;
    /// assert_eq!(LossScale::dynamic(32768.0, 2000), LossScale::default());
    /// ```
    #[must_use]
    pub const fn dynamic(initial_scale: f32, dynamic_growth_steps: u64) -> LossScale {
        LossScale { scale: initial_scale, step_counter: 0, growth_steps: Some(dynamic_growth_steps) }
    }

    /// A scale that stays; no step is left out.
    ///
    /// ```
    /// use keras_runtime::optimizer::LossScale;
    /// assert_eq!(LossScale::fixed(8.0).scale(), 8.0);
    /// ```
    #[must_use]
    pub const fn fixed(factor: f32) -> LossScale {
        LossScale { scale: factor, step_counter: 0, growth_steps: None }
    }

    /// What the loss of the next step is multiplied by.
    #[must_use]
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// How many steps there have been since a dynamic scale has changed.
    #[must_use]
    pub fn step_counter(&self) -> u64 {
        self.step_counter
    }

    /// After how many steps a dynamic scale is doubled; nothing for one that stays.
    #[must_use]
    pub fn dynamic_growth_steps(&self) -> Option<u64> {
        self.growth_steps
    }

    /// Whether the scale follows the gradients.
    pub(crate) fn is_dynamic(&self) -> bool {
        self.growth_steps.is_some()
    }

    /// How kernels scale by it.
    #[cfg(feature = "cuda")]
    pub(crate) fn scaling(&self) -> Scaling {
        // A scale that is doubled after more steps than kernels count is never doubled.
        let dynamic = |steps| Scaling::Dynamic { growth_steps: u32::try_from(steps).unwrap_or(u32::MAX) };
        self.growth_steps.map_or(Scaling::Fixed, dynamic)
    }

    /// Divides the gradients of trained weights by the scale. False if one was infinite or no number and the scale is dynamic: what the
    /// gradients hold then means nothing. Those of weights that a layer reads in half precision are infinite where that has no number of
    /// their size, as in Keras, which computes them in it.
    pub(crate) fn unscale(&self, params: &[Param], sink: &mut Sink<'_>, threads: &mut Shared<'_>) -> bool {
        /// How many gradients are looked at at once.
        const PIECE: usize = 1024;
        let finite = AtomicBool::new(true);
        by_params(params, sink, threads, &|param, mut out| {
            let limit = param.precision.overflow();
            for g in out.sum().chunks_mut(PIECE) {
                // All of a piece, so that they are looked at in lanes.
                if !g.iter().fold(true, |finite, g| finite & (g.abs() < limit)) {
                    finite.store(false, Ordering::Relaxed);
                }
                g.iter_mut().for_each(|g| *g /= self.scale);
            }
        });
        finite.into_inner() || !self.is_dynamic()
    }

    /// Goes on from a step that was made, or left out.
    pub(crate) fn count(&mut self, made: bool) {
        let Some(growth_steps) = self.growth_steps else { return };
        (self.scale, self.step_counter) = match made {
            false => (self.scale * 0.5, 0),
            true if self.step_counter.saturating_add(1) == growth_steps => (self.scale * 2.0, 0),
            true => (self.scale, self.step_counter.saturating_add(1)),
        };
    }
}
