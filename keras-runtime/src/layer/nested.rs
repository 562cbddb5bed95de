//! What generated code calls of a model that is a layer of another one.

use keras_kernels::activation::{self, Act};
use keras_kernels::memory::{Block, Buf, Layout, Rows, Sample, Sink, Whole};
use keras_kernels::philox;
use keras_shapes::Shape;

use crate::model::graph::{Graph, Layer, Param, Plan};
use crate::model::{Context, Model, Samples};

/// A model that can be a layer: of one input and one output, both of `f32`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a layer",
    label = "not a model of one input and one output",
    note = "a path without arguments names a model made by `sequential!` or `model!`, of one input and one output of `f32`",
    note = "a layer of one's own is a call of its constructor: `self::Scale(0.5)`, `self::Scale::new()`"
)]
pub trait AsLayer: Model<Input = Self::X, Output = Self::Y> {
    /// What it takes.
    type X: One;
    /// What it gives.
    type Y: One;
}

impl<M: Model<Input: One, Output: One>> AsLayer for M {
    type X = M::Input;
    type Y = M::Output;
}

/// What such a model takes and gives: one array of `f32`.
#[diagnostic::on_unimplemented(
    message = "a model of one input and one output of `f32` can be a layer; this one has `{Self}`",
    label = "not a model of one input and one output of `f32`"
)]
pub trait One: Sample<Elem = f32> + Samples {
    /// A batch in a slice of numbers.
    fn taken(flat: &[f32]) -> Self::Batch<'_>;
}

impl<T: Sample<Elem = f32>, const N: usize> One for [T; N] {
    #[inline]
    fn taken(flat: &[f32]) -> &[[T; N]] {
        Self::samples(flat)
    }
}

/// A model of one input and one output, in terms of slices of floats.
///
/// Its workspace is a part of that of the model around it. Its input lies there, its output is copied there.
pub struct Nested<M: 'static> {
    /// The shape that it takes.
    pub input: Shape,
    /// The shape that it gives.
    pub output: Shape,
    /// Floats of its weights.
    pub weights: usize,
    /// Its layers.
    pub layers: &'static [Layer],
    /// Its weights, by array.
    pub params: &'static [Param],
    /// Its description.
    pub graph: &'static Graph,
    /// Memory of inference.
    pub infer: Layout,
    /// Memory of training.
    pub train: Layout,
    phases: Phases<M>,
}

struct Phases<M> {
    infer: fn(&M, &Context, &[f32], &mut Rows<'_>),
    forward: fn(&M, &Context, &[f32], &mut Rows<'_>),
    data: fn(&M, &Context, &[f32], &mut Rows<'_>),
    params: fn(&Context, &[f32], &mut Whole<'_>, &mut Sink<'_>),
}

/// The seed of a model that is a layer, from that of the model around it: it draws apart from it, and from others in it.
#[must_use]
pub fn nested_seed(seed: u64, stream: u32) -> u64 {
    let [a, b, ..] = philox::block([stream, 0, 0, u32::MAX], [seed as u32, (seed >> 32) as u32]);
    u64::from(a) | u64::from(b) << 32
}

impl<M: 'static> Nested<M> {
    /// The model as a layer.
    #[must_use]
    pub const fn of() -> Nested<M>
    where
        M: AsLayer,
    {
        Nested {
            input: M::X::SHAPE,
            output: M::Y::SHAPE,
            weights: <M as Block>::FLOATS,
            layers: M::GRAPH.layers,
            params: M::GRAPH.params,
            graph: M::GRAPH,
            infer: M::GRAPH.infer.layout,
            train: M::GRAPH.train.layout_with_inputs,
            phases: Phases {
                infer: |model, cx, x, ws| model.infer(cx, M::X::taken(x), ws),
                forward: |model, cx, x, ws| model.forward(cx, M::X::taken(x), ws),
                data: |model, cx, x, ws| model.backward_data(cx, M::X::taken(x), ws),
                params: |cx, x, ws, sink| M::backward_params(cx, M::X::taken(x), ws, sink),
            },
        }
    }

    fn context(cx: &Context, stream: u32) -> Context {
        Context { seed: nested_seed(cx.seed, stream), fused_heads: 0, until: u32::MAX, ..*cx }
    }

    fn output(&self, plan: &Plan) -> Buf {
        self.graph.buffer(plan.values, self.graph.outputs[0].value)
    }

    /// The forward pass of inference.
    pub fn infer(&self, model: &M, cx: &Context, stream: u32, y: &mut [f32], x: &[f32], mut ws: Rows<'_>) {
        (self.phases.infer)(model, &Self::context(cx, stream), x, &mut ws);
        y.copy_from_slice(ws.step([], [self.output(&self.graph.infer)]).1[0]);
    }

    /// The forward pass of training.
    pub fn forward(&self, model: &M, cx: &Context, stream: u32, y: &mut [f32], x: &[f32], mut ws: Rows<'_>) {
        (self.phases.forward)(model, &Self::context(cx, stream), x, &mut ws);
        y.copy_from_slice(ws.step([], [self.output(&self.graph.train)]).1[0]);
    }

    /// The gradients of activations, that of the input among them if `inputs`.
    #[allow(clippy::too_many_arguments)]
    pub fn backward(
        &self,
        model: &M,
        cx: &Context,
        stream: u32,
        inputs: bool,
        dy: &[f32],
        x: &[f32],
        mut ws: Rows<'_>,
    ) {
        let cx = Context { input_gradients: inputs, ..Self::context(cx, stream) };
        let output = self.graph.buffer(self.graph.train.grads, self.graph.outputs[0].value);
        ws.step([output], []).0[0].copy_from_slice(dy);
        (self.phases.data)(model, &cx, x, &mut ws);
    }

    /// The gradient of the input, which [`Nested::backward`] computed; added to `dx` if `acc`.
    pub fn backward_data(&self, cx: &Context, dx: &mut [f32], acc: bool, mut ws: Rows<'_>) {
        let input = self.graph.buffer(self.graph.train.grads, 0);
        let dy = ws.step([], [input]).1[0];
        activation::backward(cx.isa, dx, Some(dy), &[], Act::Linear, acc);
    }

    /// The gradients of the weights over the whole batch, to `sink`, which is the model's part of the other's.
    pub fn backward_params(&self, cx: &Context, stream: u32, x: &[f32], mut ws: Whole<'_>, mut sink: Sink<'_>) {
        (self.phases.params)(&Self::context(cx, stream), x, &mut ws, &mut sink);
    }
}
