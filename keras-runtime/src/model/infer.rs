//! Inference in memory of the caller's: without a heap, on any machine.

use keras_kernels::Isa;
use keras_kernels::memory::Values;

use super::{Context, Model, Outputs, Samples};

/// Predictions for one sample, in memory of the caller's.
///
/// ```text
/// let mut memory = [0.0; Mlp::MEMORY];
/// let classes = model.infer_one(&sample, &mut memory);
/// ```
pub trait Infer: Model {
    /// How many floats a prediction needs.
    const MEMORY: usize = Self::GRAPH.infer.layout.floats(1, 1) + if Self::GRAPH.is_mixed() { Self::FLOATS } else { 0 };

    /// How many floats the states of stateful layers are; 0 where no layer is stateful.
    const STATES: usize = Self::GRAPH.carried;

    /// The prediction for one sample. It uses no memory but this, and the stack for its result. That a layer is stateful is an
    /// error of the compiler here.
    ///
    /// # Panics
    /// If the memory is less than [`Infer::MEMORY`] floats.
    fn infer_one(&self, x: &Self::Input, memory: &mut [f32]) -> Self::Output {
        const {
            assert!(
                Self::GRAPH.carried == 0,
                "a model with stateful layers needs memory for their states: `model.infer_next(&x, &mut states, &mut memory)`"
            );
        }
        self.infer_next(x, &mut [], memory)
    }

    /// The prediction for one sample, in which stateful layers go on from `states`, and leave there what the next one goes on
    /// from: zeros before the first sample.
    ///
    /// # Panics
    /// If there are less than [`Infer::STATES`] states, or the memory is less than [`Infer::MEMORY`] floats.
    fn infer_next(&self, x: &Self::Input, states: &mut [f32], memory: &mut [f32]) -> Self::Output {
        let isa = Isa::current();
        if let Some(y) = self.infer_tiny(isa, x) {
            return y;
        }
        let cx = Context::inference(isa);
        let (memory, rounded) = memory.split_at_mut(Self::GRAPH.infer.layout.floats(1, 1));
        let model = if const { Self::GRAPH.is_mixed() } {
            let rounded = &mut rounded[..Self::FLOATS];
            Self::GRAPH.weigh(isa, self.as_slice(), rounded);
            Self::from_slice(rounded)
        } else {
            self
        };
        let values = Values::new(memory, Self::GRAPH.infer.layout, 1, 1);
        let mut values = values.carrying(states, Self::GRAPH.carried);
        let mut rows = values.rows();
        model.infer(&cx, Self::Input::one(x), &mut rows);
        let mut y = Self::Output::zero();
        for (i, output) in Self::GRAPH.outputs.iter().enumerate() {
            let buf = Self::GRAPH.buffer(Self::GRAPH.infer.values, output.value);
            Self::Output::put(&mut Self::Output::one_mut(&mut y), i, 0, rows.step([], [buf]).1[0]);
        }
        y
    }
}

impl<M: Model> Infer for M {}
