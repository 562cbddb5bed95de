//! What a phase of a model is told about the step it is part of.

use keras_kernels::Isa;
use keras_kernels::dropout::Key;

/// The circumstances of a step.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The instruction set for kernels.
    pub isa: Isa,
    /// Whether layers that differ between training and inference (dropout, batch normalization) train.
    pub training: bool,
    /// Seed of everything random in the step.
    pub seed: u64,
    /// How many steps this model has trained; random layers draw anew in each.
    pub step: u64,
    /// Whether the gradient of the inputs is wanted.
    pub input_gradients: bool,
    /// Bit `i`: the loss of output `i` has written the gradient of its logits, so that the backward pass leaves out the
    /// output's softmax or sigmoid.
    pub fused_heads: u32,
    /// The forward pass of training ends behind this op, whose output is asked for.
    pub until: u32,
}

impl Context {
    /// The circumstances of inference.
    #[must_use]
    pub fn inference(isa: Isa) -> Context {
        Context { isa, training: false, seed: 0, step: 0, input_gradients: false, fused_heads: 0, until: u32::MAX }
    }

    /// Whether the loss of output `i` has written the gradient of its logits.
    #[inline]
    #[must_use]
    pub const fn fused_head(&self, i: u32) -> bool {
        self.fused_heads >> i & 1 == 1
    }

    /// The key of a stream of random numbers; none where nothing is random.
    #[inline]
    #[must_use]
    pub fn key(&self, stream: u32) -> Option<Key> {
        self.key_of(self.seed, stream)
    }

    /// The same with a seed of its own.
    #[inline]
    #[must_use]
    pub fn key_of(&self, seed: u64, stream: u32) -> Option<Key> {
        self.training.then_some(Key { seed, step: self.step, stream })
    }
}
