//! Layers of one's own.
//!
//! What cannot be said with built-in layers is written in Rust: a type that implements [`Layer`] for each kind of sample
//! that it takes. In a model it stands as the call of its constructor, by a path: `self::Scale::new(0.5)`.
//!
//! ```
//! # // The same program with the macros is in the documentation of `keras::Layer`.
//! use keras_runtime::layer::{Backward, Call, Layer};
//!
//! /// Each number times a fixed factor.
//! pub struct Scale(pub f32);
//!
//! impl<const N: usize> Layer<[f32; N]> for Scale {
//!     type Output = [f32; N];
//!     type Weights = ();
//!     type Saved = [f32; 0];
//!
//!     fn forward(&self, _: &Call, _: &(), x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [[f32; 0]]) {
//!         for (y, x) in y.as_flattened_mut().iter_mut().zip(x.as_flattened()) {
//!             *y = self.0 * x;
//!         }
//!     }
//!
//!     fn backward_data(&self, _: &Call, _: &(), pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
//!         for (dx, dy) in dx.as_flattened_mut().iter_mut().zip(pass.dy.as_flattened()) {
//!             *dx += self.0 * dy;
//!         }
//!     }
//! }
//! ```

mod cuda;
mod nested;
mod own;
mod weights;

#[doc(hidden)]
pub use cuda::OnDevice;
pub use cuda::{Constant, Cuda};
pub use nested::{AsLayer, Nested, nested_seed};
pub(crate) use own::to_sink;
pub use own::{Flat, Own};
#[doc(hidden)]
pub use own::{Weighing, Weighs};
pub use weights::Weights;

use keras_kernels::Isa;
use keras_kernels::memory::Sample;
use keras_kernels::philox::{self, Key};

/// A layer of one's own, for samples of type `X`.
///
/// It has the same phases as a compiled model: [`Layer::forward`] and [`Layer::backward_data`] by rows, which do not depend
/// on each other, and [`Layer::backward_params`] over the whole batch. Batches are slices with one element for each row.
///
/// The value of the layer, `self::Scale::new(0.5)`, is a constant; what training changes is in [`Layer::Weights`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer for samples of type `{X}`",
    label = "not a layer for these samples",
    note = "a layer of one's own implements `keras::Layer<{X}>`; a model that is a layer is named without arguments"
)]
pub trait Layer<X: Sample<Elem = f32>>: Sized + Send + Sync + 'static {
    /// What one sample becomes.
    type Output: Sample<Elem = f32>;
    /// Weights and state: a struct with `#[derive(keras::Weights)]`, or `()` if there are none.
    type Weights: Weights;
    /// What the forward pass keeps of one sample for the backward pass, beside the sample and its output: an array of
    /// `f32`, or `[f32; 0]` for nothing.
    type Saved: Sample<Elem = f32>;

    /// Writes the outputs of some rows, and what is to be kept of them. What `y` and `saved` hold before means nothing.
    fn forward(&self, call: &Call, w: &Self::Weights, x: &[X], y: &mut [Self::Output], saved: &mut [Self::Saved]);

    /// Adds the gradient of the input to `dx`.
    fn backward_data(&self, call: &Call, w: &Self::Weights, pass: Backward<'_, X, Self>, dx: &mut [X]);

    /// Adds the gradients of the weights to `dw`, over the whole batch. The gradient of state means nothing.
    ///
    /// A layer without weights leaves this out.
    fn backward_params(&self, call: &Call, w: &Self::Weights, pass: Backward<'_, X, Self>, dw: &mut Self::Weights) {
        let _ = (call, w, pass, dw);
    }

    /// Sets the state anew after a step of training: the fields of the weights that are not trainable, and no others.
    ///
    /// A layer without state leaves this out.
    fn update_state(&self, call: &Call, pass: Backward<'_, X, Self>, w: &mut Self::Weights) {
        let _ = (call, pass, w);
    }

    /// The same in CUDA, with which a model that has the layer can be put on a device.
    ///
    /// A layer that leaves this out runs on the processor alone; [`Cuda`] says what there is to write.
    fn cuda(&self) -> Option<Cuda> {
        None
    }
}

/// What the backward pass of a layer is given: a batch as the forward pass left it, and the gradient of the output.
pub struct Backward<'a, X: Sample<Elem = f32>, L: Layer<X>> {
    /// The inputs.
    pub x: &'a [X],
    /// The outputs.
    pub y: &'a [L::Output],
    /// What was kept.
    pub saved: &'a [L::Saved],
    /// The gradient of the loss by the outputs.
    pub dy: &'a [L::Output],
}

impl<X: Sample<Elem = f32>, L: Layer<X>> Clone for Backward<'_, X, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X: Sample<Elem = f32>, L: Layer<X>> Copy for Backward<'_, X, L> {}

/// The circumstances of one call of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The instruction set for kernels.
    pub isa: Isa,
    /// Whether the layer trains.
    pub training: bool,
    /// The index of the first row within the batch.
    pub first: usize,
    /// How many rows the whole batch has.
    pub batch: usize,
    /// The random numbers of this layer in this step.
    pub(crate) key: Key,
}

impl Call {
    /// A random number in [0, 1): number `i` of row `row` of this call.
    ///
    /// It depends on the seed, the step, the layer, the row within the batch and `i` alone, so the backward pass draws
    /// the same numbers again, and no split of a batch over threads changes them. `i` is below 2²⁰.
    #[must_use]
    pub fn uniform(&self, row: usize, i: usize) -> f32 {
        philox::uniform(self.key, ((self.first + row) as u64) << 20 | (i as u64 & 0xF_FFFF))
    }
}
