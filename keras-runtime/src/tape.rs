//! Training loops of one's own: forward, loss, gradient, update.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use keras_kernels::Isa;
use keras_kernels::memory::{Boxed, Floats, Sink, Values, Workspace};

use crate::compile::{check_optimizer, frozen, set_trainable, slices};
use crate::model::{Context, Graph, Model, Outputs, Samples, Weighed};
use crate::optimizer::{Blocks, Counts, LossScale, Optimizer, apply};
use crate::training::{Batch, IntoBatch, Losses, Measure, Metrics, TargetSet, Typed, check_rows, rows};
use crate::{Carried, Result, utils};

/// Records a model's forward pass, so that gradients can be had of any loss of its outputs.
///
/// The tape owns the memory of the pass and the gradients: after the first step [`Pass::gradient`] allocates nothing.
/// Layers that the model declares `trainable = false` get no gradient.
///
/// | Keras | here |
/// |---|---|
/// | `with tf.GradientTape() as tape: y = model(x)` | `let pass = tape.forward(&mut model, &x)?;` |
/// | `loss = loss_fn(y_true, y)` | own code on `pass.output()`, or `pass.gradient_of(&loss, &y)` |
/// | `tape.gradient(loss, model.trainable_weights)` | `let mut grads = pass.gradient(&dy)?;` |
/// | `optimizer.scale_loss(loss)`, before the gradient | `let pass = pass.scale_loss(optimizer.scale_loss(1.0));` |
/// | `optimizer.apply_gradients(zip(grads, …))` | `optimizer.apply_gradients(&mut model, &mut grads)` |
///
/// `dy` is the gradient of the loss by the outputs: for a loss Σ(y − t)² it is 2(y − t).
///
/// Several models have a tape each: where the output of one is the input of another, the gradient of the other's inputs
/// ([`GradientTape::watch_inputs`], [`Gradients::inputs`]) is `dy` of the first.
pub struct GradientTape<M: Model> {
    workspace: Workspace,
    weighed: Weighed,
    carried: Carried,
    grads: Boxed<M>,
    frozen: Vec<bool>,
    seed: u64,
    steps: u64,
    inputs: bool,
}

impl<M: Model> Default for GradientTape<M> {
    fn default() -> Self {
        GradientTape::new()
    }
}

impl<M: Model> GradientTape<M> {
    /// A tape for models of this type.
    #[must_use]
    pub fn new() -> GradientTape<M> {
        let frozen = frozen(M::GRAPH);
        let (workspace, grads, seed) = (Workspace::new(), Boxed::zeroed(), utils::next_seed());
        let (weighed, carried) = (Weighed::new(), Carried::default());
        GradientTape { workspace, weighed, carried, grads, frozen, seed, steps: 0, inputs: false }
    }

    /// Seed of dropout.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether the gradients of the inputs are wanted too, as Keras's `tape.watch(x)` asks for.
    #[must_use]
    pub fn watch_inputs(mut self, inputs: bool) -> Self {
        self.inputs = inputs;
        self
    }

    /// Whether the gradients of a layer's weights are computed from here on, whatever the model's declaration says. A
    /// layer within another one is named by its path, `backbone/dense`.
    ///
    /// # Errors
    /// If the model has no layer of this name.
    pub fn set_trainable(&mut self, layer: &str, trainable: bool) -> Result<()> {
        set_trainable(M::GRAPH, &mut self.frozen, layer, trainable)
    }

    /// Forgets what stateful layers keep from pass to pass: their states are 0 again, and the next batch may be of another
    /// size.
    pub fn reset_state(&mut self) {
        self.carried.reset_state();
    }

    /// The forward pass on a batch, with layers as in training. Stateful layers go on from the pass before; no gradient goes
    /// into that.
    ///
    /// # Errors
    /// If there are no samples, inputs differ in length, or stateful layers keep the states of a batch of another size.
    pub fn forward<'t, 'm>(
        &'t mut self,
        model: &'m mut Boxed<M>,
        x: <M::Input as Samples>::Batch<'m>,
    ) -> Result<Pass<'t, 'm, M>> {
        self.forward_part(model, x)
    }

    /// The same for a model that is a layer of another one: `tape.forward_part(&mut gan.discriminator, &x)`.
    ///
    /// # Errors
    /// As [`GradientTape::forward`].
    pub fn forward_part<'t, 'm>(
        &'t mut self,
        model: &'m mut M,
        x: <M::Input as Samples>::Batch<'m>,
    ) -> Result<Pass<'t, 'm, M>> {
        let n = rows("forward", M::GRAPH, M::Input::rows(x))?;
        let cx = Context {
            training: true,
            seed: self.seed,
            step: self.steps,
            input_gradients: self.inputs,
            ..Context::inference(Isa::current())
        };
        self.steps += 1;
        let plan = &M::GRAPH.train;
        let layout = if self.inputs { plan.layout_with_inputs } else { plan.layout };
        let carried = self.carried.batch("forward", M::GRAPH, n)?;
        let values = self.workspace.batch(layout, n, 1).frozen(&self.frozen);
        let mut values = values.carrying(carried, M::GRAPH.carried);
        self.weighed.of(&*model).forward(&cx, x, &mut values.rows());
        Ok(Pass { model, weighed: &self.weighed, x, values, cx, grads: &mut self.grads, frozen: &self.frozen })
    }
}

/// A forward pass that was recorded.
pub struct Pass<'t, 'm, M: Model> {
    model: &'m mut M,
    weighed: &'t Weighed,
    x: <M::Input as Samples>::Batch<'m>,
    values: Values<'t>,
    cx: Context,
    grads: &'t mut Boxed<M>,
    frozen: &'t [bool],
}

impl<'t, M: Model> Pass<'t, '_, M> {
    /// The model's outputs.
    #[must_use]
    pub fn output(&self) -> <M::Output as Samples>::Batch<'_> {
        let plan = &M::GRAPH.train;
        M::Output::view(|i| match plan.values[M::GRAPH.outputs[i].value] {
            Some(buf) => self.values.get(buf),
            None => &[],
        })
    }

    /// The same for gradients of so many times the loss, and of as many times the model's own penalties. An optimizer that scales
    /// the loss says how many, and divides the gradients by it:
    ///
    /// ```text
    /// let pass = tape.forward(&mut model, &x)?.scale_loss(optimizer.scale_loss(1.0));
    /// ```
    #[must_use]
    pub fn scale_loss(self, factor: f32) -> Self {
        Pass { values: self.values.scaled(factor), ..self }
    }

    /// The gradients of a loss whose gradient by the outputs is `dy`, and of the model's own penalties.
    ///
    /// # Errors
    /// If `dy` has not as many rows as the batch.
    pub fn gradient(mut self, dy: <M::Output as Samples>::Batch<'_>) -> Result<Gradients<'t, M>> {
        check_rows("gradient: dy", M::Output::rows(dy), self.values.n())?;
        let scale = self.values.rows().loss_scale();
        for (i, output) in M::GRAPH.outputs.iter().enumerate() {
            if let Some(buf) = M::GRAPH.train.grads[output.value] {
                let dy = M::Output::part(dy, i);
                for (scaled, dy) in self.values.get_mut(buf).iter_mut().zip(dy) {
                    *scaled = dy * scale;
                }
            }
        }
        Ok(self.backward())
    }

    /// A loss of keras, and its gradients. The loss is without the model's own penalties, and never scaled; the gradients are
    /// with them.
    ///
    /// # Errors
    /// If the targets have not as many rows as the batch, or hold a label that is no class.
    pub fn gradient_of<'y, L, Y>(mut self, loss: L, y: Y) -> Result<(f64, Gradients<'t, M>)>
    where
        Y: IntoBatch<'y, Sample: TargetSet>,
        L: Losses<M::Output, Y::Sample>,
        (): Metrics<M::Output, Y::Sample>,
    {
        let y = y.into_batch();
        check_rows("gradient_of: targets", <Y::Sample as Samples>::rows(y), self.values.n())?;
        let (mut measure, mut none, mut weighted) = (Measure::default(), (), ());
        let mut objectives = Typed::<_, _, _, M::Output, Y::Sample>::new(&loss, &mut none, &mut weighted);
        measure.prepare(M::GRAPH, &objectives)?;
        self.cx.fused_heads = measure.fused_heads(M::GRAPH, &objectives);
        let labels = Batch::<Y::Sample>(y);
        let loss = measure.rows(M::GRAPH, &mut objectives, &labels, &self.cx, &mut self.values.rows(), None, true)?;
        Ok((loss, self.backward()))
    }

    fn backward(mut self) -> Gradients<'t, M> {
        let Pass { model, weighed, x, cx, grads, frozen, .. } = self;
        weighed.last(&*model).backward_data(&cx, x, &mut self.values.rows());
        let mut sink = Sink::store(model.as_mut_slice(), grads.as_mut_slice(), frozen);
        M::backward_params(&cx, x, &mut self.values.whole(), &mut sink);
        Gradients { grads, values: self.values }
    }
}

/// Gradients, as a model's weights are laid out: `grads.dense.kernel`.
pub struct Gradients<'t, M: Model> {
    grads: &'t mut Boxed<M>,
    values: Values<'t>,
}

impl<M: Model<Input: Outputs>> Gradients<'_, M> {
    /// The gradients of the inputs, if the tape watches them.
    #[must_use]
    pub fn inputs(&self) -> Option<<M::Input as Samples>::Batch<'_>> {
        let plan = &M::GRAPH.train;
        let stored = |i: usize| plan.grads[i].filter(|buf| buf.at() + buf.len() <= self.values.layout().kept);
        (0..M::Input::ARITY)
            .all(|i| stored(i).is_some())
            .then(|| M::Input::view(|i| stored(i).map_or(&[][..], |buf| self.values.get(buf))))
    }
}

impl<M: Model> Deref for Gradients<'_, M> {
    type Target = Boxed<M>;

    fn deref(&self) -> &Boxed<M> {
        self.grads
    }
}

impl<M: Model> DerefMut for Gradients<'_, M> {
    fn deref_mut(&mut self) -> &mut Boxed<M> {
        self.grads
    }
}

/// [`build`](Build::build), on optimizers.
pub trait Build: Optimizer + Sized {
    /// The optimizer with the state that it keeps for a model's weights.
    ///
    /// # Errors
    /// If an argument of the optimizer makes no sense.
    fn build<M: Model>(self, model: &Boxed<M>) -> Result<Built<Self, M>> {
        self.build_part(&**model)
    }

    /// The same for a model that is a layer of another one.
    ///
    /// # Errors
    /// If an argument of the optimizer makes no sense.
    fn build_part<M: Model>(self, model: &M) -> Result<Built<Self, M>>;
}

impl<O: Optimizer> Build for O {
    fn build_part<M: Model>(self, _: &M) -> Result<Built<O, M>> {
        check_optimizer(&self)?;
        let slots = (0..self.slots()).map(|_| Floats::zeroed(M::FLOATS)).collect();
        let state = State { slots, frozen: frozen(M::GRAPH), iterations: 0, loss_scale: self.loss_scale() };
        Ok(Built { optimizer: self, state, model: PhantomData })
    }
}

/// An optimizer with its state for one model.
pub struct Built<O, M> {
    optimizer: O,
    state: State,
    model: PhantomData<fn(M)>,
}

/// What is kept from step to step.
struct State {
    slots: Vec<Floats>,
    frozen: Vec<bool>,
    iterations: u64,
    loss_scale: Option<LossScale>,
}

impl<O: Optimizer, M: Model> Built<O, M> {
    /// The loss as it is to be minimised: times the scale of an optimizer that has one, such as
    /// [`LossScaleOptimizer`](crate::optimizer::LossScaleOptimizer). The gradients that it is given are those of this loss.
    #[must_use]
    pub fn scale_loss(&self, loss: f32) -> f32 {
        loss * self.state.loss_scale.as_ref().map_or(1.0, LossScale::scale)
    }

    /// What the loss of the next step is multiplied by, and since when, if it is scaled.
    pub fn loss_scale(&self) -> Option<&LossScale> {
        self.state.loss_scale.as_ref()
    }

    /// How many steps the optimizer has made, those that only accumulate gradients among them. A step that a [`LossScale`] has left out
    /// is none.
    pub fn iterations(&self) -> u64 {
        self.state.iterations
    }

    /// Updates the model's weights by gradients, unless the optimizer scales the loss and they are not finite. What the gradients hold
    /// afterwards means nothing.
    pub fn apply_gradients(&mut self, model: &mut Boxed<M>, grads: &mut Boxed<M>) {
        self.apply_gradients_part(model, grads);
    }

    /// The same for a model that is a layer of another one.
    pub fn apply_gradients_part(&mut self, model: &mut M, grads: &mut Boxed<M>) {
        self.state.apply(M::GRAPH, &mut self.optimizer, model.as_mut_slice(), grads.as_mut_slice());
    }

    /// Whether a layer's weights are updated from here on, as [`GradientTape::set_trainable`] says of their gradients.
    ///
    /// # Errors
    /// If the model has no layer of this name.
    pub fn set_trainable(&mut self, layer: &str, trainable: bool) -> Result<()> {
        set_trainable(M::GRAPH, &mut self.state.frozen, layer, trainable)
    }

    /// The optimizer.
    pub fn optimizer(&self) -> &O {
        &self.optimizer
    }

    /// The optimizer, to set its learning rate, say.
    pub fn optimizer_mut(&mut self) -> &mut O {
        &mut self.optimizer
    }
}

impl State {
    fn apply(&mut self, graph: &Graph, optimizer: &mut dyn Optimizer, weights: &mut [f32], grads: &mut [f32]) {
        let State { slots, frozen, iterations, loss_scale } = self;
        let (mut slots, used) = slices(slots);
        let counts = Counts { iterations, loss_scale: loss_scale.as_mut() };
        apply(graph, optimizer, counts, Blocks { weights, grads, slots: &mut slots[..used], frozen }, None);
    }
}
