//! Cells of one's own: one step of a recurrent layer.
//!
//! `RNN` has a cell go through all steps of a sequence: `RNN(LSTMCell(8))`. A cell that Keras does not have is a type that
//! implements [`Cell`] for each kind of sample that a step can be. In a model it stands by a path:
//! `RNN(self::Minimal::<8>, return_sequences = true)`.
//!
//! ```
//! # // In a model: docs/book/src/own-layers.md.
//! use keras_runtime::cell::{Backward, Cell, Next, Step, Taken};
//!
//! /// What it was before, a little less of it, and x: h' = decay · h + x.
//! pub struct Leaky(pub f32);
//!
//! impl<const N: usize> Cell<[f32; N]> for Leaky {
//!     type States = [f32; N];
//!     type Output = [f32; N];
//!     type Weights = ();
//!     type Saved = [f32; 0];
//!
//!     fn forward(&self, _: &Step, _: &(), x: &[f32; N], h: &[f32; N], next: Next<'_, [f32; N], Self>) {
//!         *next.states = std::array::from_fn(|i| self.0 * h[i] + x[i]);
//!         *next.y = *next.states;
//!     }
//!
//!     fn backward_data(
//!         &self, _: &Step, _: &(), pass: Backward<'_, [f32; N], Self>, dx: &mut [f32; N], dh: &mut [f32; N],
//!     ) {
//!         for i in 0..N {
//!             let d = pass.dy[i] + pass.dnext[i];
//!             dx[i] += d;
//!             dh[i] += self.0 * d;
//!         }
//!     }
//! }
//! ```
//!
//! A cell sees one step of one sample. What goes around it, [`Steps`] does: the order of the steps, masks, initial states,
//! which outputs come out, and the way back through time.

mod states;
mod steps;

pub use states::States;
pub use steps::{Course, Held, Output, Steps, Weighs};

use keras_kernels::Isa;
use keras_kernels::memory::Sample;
use keras_kernels::philox::{self, Key};

use crate::layer::{Call, Weights};

/// A cell of one's own, for steps of type `X`.
///
/// It has the phases of a [`Layer`](crate::layer::Layer), each for one step of one sample: [`Cell::forward`];
/// [`Cell::backward_data`], from the last step to the first; and [`Cell::backward_params`], when all steps of all samples
/// have gone back.
///
/// The value of the cell, `self::Leaky(0.9)`, is a constant; what training changes is in [`Cell::Weights`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a cell for steps of type `{X}`",
    label = "not a cell for these steps",
    note = "a cell of one's own implements `keras::Cell<{X}>`; `TimeDistributed` has a layer work on each step by itself"
)]
pub trait Cell<X: Sample<Elem = f32>>: Sized + Send + Sync + 'static {
    /// What it remembers from step to step: one array of `f32`, or a struct of arrays with `#[derive(keras::States)]`.
    type States: States;
    /// What a step gives.
    type Output: Sample<Elem = f32>;
    /// Weights: a struct with `#[derive(keras::Weights)]`, or `()` if there are none.
    type Weights: Weights;
    /// What the phases leave for each other of one step of one sample: an array of `f32`, or `[f32; 0]` for nothing.
    type Saved: Sample<Elem = f32>;

    /// Writes all of `next`: the output, the states after the step, and what is to be kept. What it holds before means
    /// nothing.
    fn forward(&self, step: &Step, w: &Self::Weights, x: &X, states: &Self::States, next: Next<'_, X, Self>);

    /// Adds the gradients of x and of the states before the step to `dx` and `dstates`.
    ///
    /// It may write over [`Backward::saved`]: what it leaves there is what [`Cell::backward_params`] is given.
    fn backward_data(
        &self,
        step: &Step,
        w: &Self::Weights,
        pass: Backward<'_, X, Self>,
        dx: &mut X,
        dstates: &mut Self::States,
    );

    /// Adds the gradients of the weights by one step to `dw`.
    ///
    /// A cell without weights leaves this out.
    fn backward_params(&self, step: &Step, w: &Self::Weights, pass: Taken<'_, X, Self>, dw: &mut Self::Weights) {
        let _ = (step, w, pass, dw);
    }
}

/// What a step writes.
#[derive(Debug)]
pub struct Next<'a, X: Sample<Elem = f32>, C: Cell<X>> {
    /// The output.
    pub y: &'a mut C::Output,
    /// The states after the step.
    pub states: &'a mut C::States,
    /// What is kept.
    pub saved: &'a mut C::Saved,
}

/// A step on the way back, as the forward pass left it, and the gradients that come to it.
#[derive(Debug)]
pub struct Backward<'a, X: Sample<Elem = f32>, C: Cell<X>> {
    /// What the step was given.
    pub x: &'a X,
    /// The states before the step.
    pub states: &'a C::States,
    /// The states after it.
    pub next: &'a C::States,
    /// What was kept, to be written over.
    pub saved: &'a mut C::Saved,
    /// The gradient of the loss by the output of this step.
    pub dy: &'a C::Output,
    /// The gradient of the loss by the states after this step, by way of the steps behind it.
    pub dnext: &'a C::States,
}

/// A step that was taken and went back.
#[derive(Debug)]
pub struct Taken<'a, X: Sample<Elem = f32>, C: Cell<X>> {
    /// What the step was given.
    pub x: &'a X,
    /// The states before the step.
    pub states: &'a C::States,
    /// The states after it.
    pub next: &'a C::States,
    /// What [`Cell::backward_data`] left.
    pub saved: &'a C::Saved,
}

impl<X: Sample<Elem = f32>, C: Cell<X>> Clone for Taken<'_, X, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X: Sample<Elem = f32>, C: Cell<X>> Copy for Taken<'_, X, C> {}

/// The circumstances of one step of one sample.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The instruction set for kernels.
    pub isa: Isa,
    /// Whether the layer trains.
    pub training: bool,
    /// The sample's row in the batch.
    pub row: usize,
    /// Which step of the sequence this is, in the order of time.
    pub t: usize,
    key: Key,
}

impl Step {
    pub(crate) fn new(call: &Call, row: usize, t: usize) -> Step {
        Step { isa: call.isa, training: call.training, row: call.first + row, t, key: call.key }
    }

    /// A random number in [0, 1): number `i` of this sample.
    ///
    /// It depends on the seed, the step of training, the layer, the row and `i` alone. So all phases draw the same, and all
    /// steps of a sequence too, as the recurrent dropout of Keras does; with `t` in `i` they differ. `i` is below 2²⁰.
    #[must_use]
    pub fn uniform(&self, i: usize) -> f32 {
        philox::uniform(self.key, (self.row as u64) << 20 | (i as u64 & 0xF_FFFF))
    }
}
