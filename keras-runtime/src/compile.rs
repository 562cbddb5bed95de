//! From a model to one that can be trained.

use std::fmt;
use std::ops::{Deref, DerefMut};

use keras_kernels::Isa;
use keras_kernels::memory::{Boxed, Floats, MAX_SLOTS, Workspace};

#[cfg(feature = "cuda")]
use crate::device::{Device, Session};
use crate::model::graph::Precision;
use crate::model::{Graph, Weighed};
use crate::optimizer::{LossScale, Optimizer};
use crate::summary::Summary;
use crate::training::{Measure, Tally, Threads};
use crate::{Carried, Error, Model, ModelExt, Result, utils};

/// [`compile`](Compile::compile), on models.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compiled for training",
    label = "not a model on the heap",
    note = "`compile` takes the model that its `new()` or `seeded(…)` gave"
)]
pub trait Compile: Sized {
    /// The model.
    type Model: Model;

    /// Chooses how the model is trained: an optimizer, a loss and metrics. For a model of several outputs the losses are
    /// a tuple, and the metrics a tuple of tuples.
    ///
    /// # Errors
    /// If the environment variable `KERAS_ISA` asks for instructions that this machine does not have, `KERAS_THREADS` is no
    /// number of threads, or an argument of the optimizer makes no sense.
    fn compile<O: Optimizer, L, Ms>(
        self,
        optimizer: O,
        loss: L,
        metrics: Ms,
    ) -> Result<Compiled<Self::Model, O, L, Ms>>;
}

impl<M: Model> Compile for Boxed<M> {
    type Model = M;

    fn compile<O: Optimizer, L, Ms>(self, optimizer: O, loss: L, metrics: Ms) -> Result<Compiled<M, O, L, Ms>> {
        let memory = Memory::new(M::GRAPH, &optimizer)?;
        Ok(Compiled {
            model: self,
            optimizer,
            losses: loss,
            metrics,
            weighted: (),
            measure: Measure::default(),
            memory,
        })
    }
}

/// Whether an optimizer's arguments make sense, and whether there is room for its state.
pub(crate) fn check_optimizer(optimizer: &dyn Optimizer) -> Result<()> {
    optimizer.check()?;
    if optimizer.slots() <= MOST_SLOTS {
        return Ok(());
    }
    let reason = format!("it keeps {} floats for each weight; {MOST_SLOTS} are possible", optimizer.slots());
    Err(Error::Argument { argument: "optimizer", value: optimizer.name().into(), reason })
}

/// What the loss of the first step is multiplied by. Where layers compute in half precision it is a scale that follows the
/// gradients, if it may be so `auto`matically.
fn loss_scale(graph: &Graph, optimizer: &dyn Optimizer, auto: bool) -> Option<LossScale> {
    let own = optimizer.loss_scale();
    let follows = own.as_ref().is_some_and(LossScale::is_dynamic);
    if auto && !follows && graph.computes_in(Precision::Float16) { Some(LossScale::default()) } else { own }
}

/// By parameter: whether it stays as it is, as the model declares.
pub(crate) fn frozen(graph: &Graph) -> Vec<bool> {
    graph.params.iter().map(|p| !(p.trainable && graph.is_trainable(p.layer))).collect()
}

/// Says of a layer, named by its path, and of all that is in it whether it is trained from here on.
pub(crate) fn set_trainable(graph: &Graph, frozen: &mut [bool], layer: &str, trainable: bool) -> Result<()> {
    let index = find_layer(graph, layer)?;
    for (frozen, param) in frozen.iter_mut().zip(graph.params) {
        if graph.is_within(param.layer, index) {
            *frozen = !(trainable && param.trainable);
        }
    }
    Ok(())
}

/// The layer of this path.
pub(crate) fn find_layer(graph: &Graph, layer: &str) -> Result<usize> {
    let paths = || (0..graph.layers.len()).map(|layer| graph.path(layer));
    paths().position(|path| path == layer).ok_or_else(|| {
        let names: Vec<_> = paths().collect();
        Error::Argument {
            argument: "layer",
            value: layer.into(),
            reason: format!("the layers of `{}` are {}", graph.name, names.join(", ")),
        }
    })
}

fn check_isa() -> Result<()> {
    match Isa::from_env() {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::Isa {
            asked: std::env::var_os("KERAS_ISA").unwrap_or_default().to_string_lossy().into_owned(),
            available: Isa::available().map(Isa::name).collect::<Vec<_>>().join(", "),
        }),
    }
}

/// A model with an optimizer, losses and metrics. It derefs to the model: `model.dense.kernel`.
///
/// Options that Keras's `compile` takes by name are methods here: `model.compile(…)?.seed(1).steps_per_execution(8)`.
pub struct Compiled<M: Model, O, L, Ms = (), Ws = ()> {
    pub(crate) model: Boxed<M>,
    pub(crate) optimizer: O,
    pub(crate) losses: L,
    pub(crate) metrics: Ms,
    pub(crate) weighted: Ws,
    pub(crate) measure: Measure,
    pub(crate) memory: Memory,
}

/// What training keeps from step to step.
pub(crate) struct Memory {
    pub(crate) workspace: Workspace,
    pub(crate) weighed: Weighed,
    /// The states of stateful layers.
    pub(crate) carried: Carried,
    /// There from the first step on.
    pub(crate) grads: Option<Floats>,
    /// The optimizer's state; there from the first step on.
    pub(crate) slots: Vec<Floats>,
    /// By parameter: whether it stays as it is.
    pub(crate) frozen: Vec<bool>,
    /// Steps of the optimizer so far.
    pub(crate) iterations: u64,
    /// What the loss is multiplied by, if it is.
    pub(crate) loss_scale: Option<LossScale>,
    /// Steps of training so far; what random layers count by.
    pub(crate) steps: u64,
    pub(crate) seed: u64,
    pub(crate) steps_per_execution: usize,
    pub(crate) threads: Threads,
    /// The device that steps run on, if it is not the processor.
    #[cfg(feature = "cuda")]
    pub(crate) device: Option<Session>,
    /// Class labels on their way to the device.
    #[cfg(feature = "cuda")]
    pub(crate) staging: Vec<u32>,
}

impl Memory {
    /// The memory of a training that has not begun, if the machine and the optimizer's arguments allow one.
    fn new(graph: &Graph, optimizer: &dyn Optimizer) -> Result<Memory> {
        check_isa()?;
        check_optimizer(optimizer)?;
        Ok(Memory {
            workspace: Workspace::new(),
            weighed: Weighed::new(),
            carried: Carried::default(),
            grads: None,
            slots: Vec::new(),
            frozen: frozen(graph),
            iterations: 0,
            loss_scale: loss_scale(graph, optimizer, true),
            steps: 0,
            seed: utils::next_seed(),
            steps_per_execution: 1,
            threads: Threads::new(graph)?,
            #[cfg(feature = "cuda")]
            device: None,
            #[cfg(feature = "cuda")]
            staging: Vec::new(),
        })
    }

    /// Makes room for the gradients of so many weights, and for the optimizer's state.
    pub(crate) fn grow(&mut self, weights: usize, slots: usize) {
        self.grads.get_or_insert_with(|| Floats::zeroed(weights));
        while self.slots.len() < slots {
            self.slots.push(Floats::zeroed(weights));
        }
    }
}

/// The most floats of state for each weight that an optimizer may keep.
pub(crate) const MOST_SLOTS: usize = 2 * MAX_SLOTS;

/// The slots as slices, and how many there are.
pub(crate) fn slices(slots: &mut [Floats]) -> ([&mut [f32]; MOST_SLOTS], usize) {
    let used = slots.len().min(MOST_SLOTS);
    let mut all: [&mut [f32]; MOST_SLOTS] = Default::default();
    for (slice, slot) in all.iter_mut().zip(slots) {
        *slice = slot;
    }
    (all, used)
}

impl<M: Model, O, L, Ms, Ws> Compiled<M, O, L, Ms, Ws> {
    /// Seed of dropout and of the order of samples. Initial weights have one of their own.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.memory.seed = seed;
        self
    }

    /// How many batches make one step as callbacks see it: their batch hooks are called once for so many.
    #[must_use]
    pub fn steps_per_execution(mut self, batches: usize) -> Self {
        self.memory.steps_per_execution = batches;
        self
    }

    /// How many threads training and evaluation may use, this one included: at least 1, at the most 256. Without this it
    /// is what the environment variable `KERAS_THREADS` says, or as many as there are cores. Work that is too small to be
    /// shared out stays on one thread. The weights that come out are the same to the bit, whatever the number.
    #[must_use]
    pub fn threads(mut self, most: usize) -> Self {
        self.memory.threads.limit(most);
        self
    }

    /// How many rows of a batch each thread takes through a training step at once. Without this it is so many that what a
    /// block of rows leaves in memory stays in the processor's cache. The gradient of a batch is the sum over its blocks, in
    /// their order, so that another number changes the weights by rounding alone; the memory of a step is that of a block
    /// for each thread, however large the batch is.
    ///
    /// It changes nothing where a layer or the loss depends on the batch as a whole: batch normalization, layers of one's own,
    /// masks, ignored classes, penalties on activities.
    #[must_use]
    pub fn rows_at_once(mut self, rows: usize) -> Self {
        self.memory.threads.rows_at_once(rows);
        self
    }

    /// Trains, evaluates and predicts (by `predict_with`) on a device from here on. The model, its callbacks and its files are
    /// as ever: weights come back when `fit` or `train_on_batch` is done, and wherever a callback looks at them.
    ///
    /// # Errors
    /// If the device has no kernels for a layer of the model; the error names all of them.
    #[cfg(feature = "cuda")]
    pub fn on(mut self, device: Device) -> Result<Self> {
        self.memory.device = Some(Session::new(M::GRAPH, device)?);
        Ok(self)
    }

    /// Factors of the losses in what is minimised, one for each output.
    #[must_use]
    pub fn loss_weights(mut self, factors: &[f32]) -> Self {
        self.measure.loss_weights = factors.to_vec();
        self
    }

    /// Metrics that sample weights and class weights apply to, in the form of `compile`'s metrics.
    #[must_use]
    pub fn weighted_metrics<Vs>(self, metrics: Vs) -> Compiled<M, O, L, Ms, Vs> {
        let Compiled { model, optimizer, losses, metrics: plain, mut measure, memory, .. } = self;
        // The names of the scores are found out anew.
        measure.tally = Tally::default();
        Compiled { model, optimizer, losses, metrics: plain, weighted: metrics, measure, memory }
    }

    /// Whether the weights of a layer are trained from here on, whatever the model's declaration says. A layer within
    /// another one is named by its path, `backbone/dense`; what is said of a layer holds for all that is in it.
    ///
    /// # Errors
    /// If the model has no layer of this name.
    pub fn set_trainable(&mut self, layer: &str, trainable: bool) -> Result<()> {
        set_trainable(M::GRAPH, &mut self.memory.frozen, layer, trainable)
    }

    /// Forgets what stateful layers keep from batch to batch: their states are 0 again, and the next batch may be of another
    /// size.
    ///
    /// `fit`, `evaluate` and `predict_with` go on from each other's states, those of the validation within `fit` among them,
    /// and none of them begins anew by itself. A callback can have them do so: it has the states in
    /// [`Training::carried`](crate::callback::Training::carried).
    pub fn reset_state(&mut self) {
        self.memory.carried.reset_state();
    }

    /// The optimizer.
    pub fn optimizer(&self) -> &O {
        &self.optimizer
    }

    /// The optimizer, to set its learning rate, say.
    pub fn optimizer_mut(&mut self) -> &mut O {
        &mut self.optimizer
    }

    /// What the loss of the next step is multiplied by, and since when, if it is scaled.
    pub fn loss_scale(&self) -> Option<&LossScale> {
        self.memory.loss_scale.as_ref()
    }

    /// How many steps the optimizer has made, those that only accumulate gradients among them. A step that a [`LossScale`] has left out
    /// is none.
    pub fn iterations(&self) -> u64 {
        self.memory.iterations
    }

    /// The model alone.
    #[must_use]
    pub fn into_model(self) -> Boxed<M> {
        self.model
    }
}

impl<M: Model, O: Optimizer, L, Ms, Ws> Compiled<M, O, L, Ms, Ws> {
    /// Whether the loss is scaled by itself where layers have the policy `mixed_float16`, as if the optimizer were within a
    /// [`LossScaleOptimizer`](crate::optimizer::LossScaleOptimizer); it is unless this says otherwise. In Keras it is an argument of
    /// `compile`, which looks at the policy of the model alone and not at those of its layers. A scale begins anew with this call, which
    /// so comes before training and before a state is loaded.
    #[must_use]
    pub fn auto_scale_loss(mut self, auto: bool) -> Self {
        self.memory.loss_scale = loss_scale(M::GRAPH, &self.optimizer, auto);
        self
    }

    /// What training with batches of so many rows takes on the model's [device](Compiled::on).
    ///
    /// ```text
    /// let usage = model.memory(128)?;
    /// println!("{} of {} bytes", usage.total(60_000), usage.space.map_or(0, |space| space.free));
    /// ```
    ///
    /// # Errors
    /// If the model is on no device, or that does not answer.
    #[cfg(feature = "cuda")]
    pub fn memory(&self, batch_size: usize) -> Result<crate::device::Usage> {
        let Some(session) = &self.memory.device else {
            let reason = "the model is on no device: `.on(Device::cuda(0)?)?` puts it on one".to_owned();
            return Err(Error::Device { device: "the processor".to_owned(), reason });
        };
        let steps = self.memory.steps_per_execution;
        session.usage(M::GRAPH, (steps, batch_size), &self.memory.frozen, self.optimizer.slots())
    }

    /// The model as a table, in the layout of Keras's `summary()`, with the layers frozen since, and with the optimizer's
    /// state once there is any.
    pub fn summary(&self) -> String {
        let summary = Summary::new().frozen(&self.memory.frozen);
        let trained = self.memory.grads.is_some();
        if !trained {
            return self.summary_with(&summary);
        }
        let summary = summary.optimizer(&self.optimizer);
        // The numbers of its own scale are among the optimizer's.
        let added = self.loss_scale().filter(|_| !self.optimizer.loss_scale().is_some_and(|own| own.is_dynamic()));
        self.summary_with(&summary.loss_scale(added))
    }
}

impl<M: Model, O, L, Ms, Ws> Deref for Compiled<M, O, L, Ms, Ws> {
    type Target = Boxed<M>;

    fn deref(&self) -> &Boxed<M> {
        &self.model
    }
}

impl<M: Model, O, L, Ms, Ws> DerefMut for Compiled<M, O, L, Ms, Ws> {
    fn deref_mut(&mut self) -> &mut Boxed<M> {
        &mut self.model
    }
}

impl<M: Model, O: Optimizer, L, Ms, Ws> fmt::Debug for Compiled<M, O, L, Ms, Ws> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiled")
            .field("model", &M::GRAPH.name)
            .field("optimizer", &self.optimizer.name())
            .field("iterations", &self.memory.iterations)
            .finish_non_exhaustive()
    }
}
