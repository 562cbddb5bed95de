//! What generated code calls of a layer of the user's.

use core::marker::PhantomData;

use keras_kernels::memory::{Block, Sample, Sink, Use};
use keras_kernels::penalty;
use keras_kernels::philox::Key;
use keras_shapes::Shape;

use super::{Backward, Call, Layer, Weights};
use crate::model::Context;
use crate::model::graph::Param;

/// A layer `L` for one kind of samples, in terms of slices of floats.
///
/// Generated code names the trait in the one const that makes this, so that a layer that does not fit its place gives one
/// error.
pub struct Own<L: 'static, X: Sample<Elem = f32>> {
    /// The shape of the output.
    pub output: Shape,
    /// The shapes of a sample, of its output, and of what is kept of it.
    pub shapes: [Shape; 3],
    /// Floats of the weights.
    pub weights: usize,
    /// Floats kept for each row.
    pub saved: usize,
    /// None: layers within it are its own business.
    pub layers: &'static [crate::model::graph::Layer],
    /// The weights, by array.
    pub params: &'static [Param],
    forward: fn(&L, &Call, Flat<'_>, &mut [f32], &mut [f32], usize),
    data: fn(&L, &Call, Flat<'_>, &mut [f32], usize),
    gradients: fn(&L, &Call, Flat<'_>, &mut [f32], usize),
    state: fn(&L, &Call, Flat<'_>, &mut [f32], usize),
    #[cfg(feature = "cuda")]
    cuda: fn(&L) -> Option<super::Cuda>,
    samples: PhantomData<X>,
}

/// The way to the weights of a layer, by how many floats they are.
///
/// Where the const that says so is a mistake, rustc knows no type to find fault with, so that the mistake is told once.
pub struct Weighing<const FLOATS: usize>;

/// The weights of `L` for samples of type `X`.
pub trait Weighs<L, X> {
    /// The struct of weights.
    type Weights;
}

impl<X: Sample<Elem = f32>, L: Layer<X>, const FLOATS: usize> Weighs<L, X> for Weighing<FLOATS> {
    type Weights = L::Weights;
}

/// What a phase of a layer reads, as slices of floats. Those that the phase does not read are empty.
#[derive(Clone, Copy, Debug)]
pub struct Flat<'a> {
    /// Weights.
    pub w: &'a [f32],
    /// Inputs.
    pub x: &'a [f32],
    /// Outputs.
    pub y: &'a [f32],
    /// What was kept.
    pub saved: &'a [f32],
    /// The gradient of the outputs.
    pub dy: &'a [f32],
}

impl<'a> Flat<'a> {
    /// Nothing.
    pub const EMPTY: Flat<'static> = Flat { w: &[], x: &[], y: &[], saved: &[], dy: &[] };

    fn pass<X: Sample<Elem = f32>, L: Layer<X>>(&self, n: usize) -> Backward<'a, X, L> {
        Backward {
            x: X::rows(self.x, n),
            y: L::Output::rows(self.y, n),
            saved: L::Saved::rows(self.saved, n),
            dy: L::Output::rows(self.dy, n),
        }
    }
}

impl<L: 'static, X: Sample<Elem = f32>> Own<L, X> {
    /// The layer for samples of type `X`.
    #[must_use]
    pub const fn of() -> Own<L, X>
    where
        L: Layer<X>,
    {
        Own {
            output: L::Output::SHAPE,
            shapes: [X::SHAPE, L::Output::SHAPE, L::Saved::SHAPE],
            weights: L::Weights::FLOATS,
            saved: L::Saved::LEN,
            layers: &[],
            params: L::Weights::PARAMS,
            forward: |layer, call, flat, y, saved, n| {
                let (y, saved) = (L::Output::rows_mut(y, n), L::Saved::rows_mut(saved, n));
                layer.forward(call, L::Weights::from_slice(flat.w), X::rows(flat.x, n), y, saved);
            },
            data: |layer, call, flat, dx, n| {
                let w = L::Weights::from_slice(flat.w);
                layer.backward_data(call, w, flat.pass::<X, L>(n), X::rows_mut(dx, n));
            },
            gradients: |layer, call, flat, dw, n| {
                let (w, dw) = (L::Weights::from_slice(flat.w), L::Weights::from_mut_slice(dw));
                layer.backward_params(call, w, flat.pass::<X, L>(n), dw);
            },
            state: |layer, call, flat, w, n| {
                layer.update_state(call, flat.pass::<X, L>(n), L::Weights::from_mut_slice(w));
            },
            #[cfg(feature = "cuda")]
            cuda: |layer| layer.cuda(),
            samples: PhantomData,
        }
    }

    /// The forward pass of some rows.
    #[inline]
    pub fn forward(&self, layer: &L, call: &Call, flat: Flat<'_>, y: &mut [f32], saved: &mut [f32], rows: usize) {
        (self.forward)(layer, call, flat, y, saved, rows);
    }

    /// The gradient of the input of some rows, added to what `dx` holds if `acc`.
    #[inline]
    pub fn backward_data(&self, layer: &L, call: &Call, flat: Flat<'_>, dx: &mut [f32], rows: usize, acc: bool) {
        if !acc {
            dx.fill(0.0);
        }
        (self.data)(layer, call, flat, dx, rows);
    }

    /// Its body for CUDA, if it has one.
    #[cfg(feature = "cuda")]
    pub fn cuda(&self, layer: &L) -> Option<super::Cuda> {
        (self.cuda)(layer)
    }

    /// Adds the gradients of the weights over the whole batch to `dw`.
    pub fn gradients(&self, layer: &L, call: &Call, flat: Flat<'_>, dw: &mut [f32], rows: usize) {
        (self.gradients)(layer, call, flat, dw, rows);
    }

    /// Sets the state in the weights `w` anew.
    pub fn update_state(&self, layer: &L, call: &Call, flat: Flat<'_>, w: &mut [f32], rows: usize) {
        (self.state)(layer, call, flat, w, rows);
    }

    /// The gradients of the weights over the whole batch, to `sink`, which is the layer's part of the model's; and its
    /// state.
    pub fn backward_params(&self, layer: &L, call: &Call, flat: Flat<'_>, sink: &mut Sink<'_>) {
        let rows = call.batch;
        let last =
            to_sink(call, self.params, sink, |w, dw| (self.gradients)(layer, call, Flat { w, ..flat }, dw, rows));
        if last && call.training && self.params.iter().any(|param| !param.trainable) {
            (self.state)(layer, call, flat, sink.state(0, self.weights), rows);
        }
    }
}

/// Has `gradients` add to the gradients of these weights, which it is given with the weights, and finishes them behind the
/// last contribution to them: whether this was it.
pub(crate) fn to_sink(
    call: &Call,
    params: &[Param],
    sink: &mut Sink<'_>,
    gradients: impl FnOnce(&[f32], &mut [f32]),
) -> bool {
    let uses = sink.uses();
    let (w, dw) = sink.gradients();
    if matches!(uses, Use::Only | Use::First) {
        dw.fill(0.0);
    }
    gradients(w, dw);
    if !matches!(uses, Use::Only | Use::Last) {
        return false;
    }
    for (i, param) in params.iter().enumerate().filter(|(_, param)| param.trainable) {
        let len = param.shape.iter().product();
        if let (Some(factors), Some(out)) = (param.regularizer, sink.param(i, param.at, len, Use::Middle)) {
            penalty::backward(call.isa, out, factors);
        }
        sink.finish(i, param.at, len);
    }
    true
}

impl Call {
    /// The circumstances of a call for the rows from `first` on of a batch of `batch`, which draws from `stream`.
    #[must_use]
    pub fn new(cx: &Context, stream: u32, first: usize, batch: usize) -> Call {
        let key = Key { seed: cx.seed, step: cx.step, stream };
        Call { isa: cx.isa, training: cx.training, first, batch, key }
    }
}
