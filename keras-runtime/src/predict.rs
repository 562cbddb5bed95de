//! Predictions, by any number of threads at once.

use std::cell::RefCell;
use std::ops::Range;

use keras_kernels::Isa;
use keras_kernels::memory::{Buf, Rows, Sample, Workspace, zeros};

use crate::carried::stateless;
use crate::compile::find_layer;
use crate::model::{Context, Graph, Model, Outputs, Samples, Uneven, Weighed};
use crate::training::{check_rows, rows};
use crate::{Error, Result, Session};

thread_local! {
    /// The memory of predictions of this thread, whatever the model.
    static WORKSPACE: RefCell<Workspace> = const { RefCell::new(Workspace::new()) };
    /// The rounded weights of the last one.
    static WEIGHED: RefCell<Weighed> = const { RefCell::new(Weighed::new()) };
}

/// Rows that are worked on at once where the caller does not say: enough for a matrix product to be fast, few enough for
/// their activations to stay in the cache.
const AT_ONCE: usize = 128;

/// What a model predicts, on models that are compiled for training and models that are not.
///
/// The results do not depend on the batch size. Each thread keeps the memory of its last prediction, so that only its
/// first one allocates.
///
/// A model with stateful layers predicts in a [`Session`], which keeps their states, or with
/// [`predict_with`](crate::Compiled::predict_with); the other calls here refuse it.
pub trait Predict: Model {
    /// The predictions for many samples, in batches of `batch_size`.
    ///
    /// # Errors
    /// If there are no samples, inputs differ in length, the batch size is 0, or a layer is stateful.
    fn predict(
        &self,
        x: <Self::Input as Samples>::Batch<'_>,
        batch_size: usize,
    ) -> Result<<Self::Output as Samples>::Vecs> {
        stateless("predict", Self::GRAPH)?;
        let n = checked(Self::GRAPH, Self::Input::rows(x), batch_size)?;
        let mut y = Self::Output::zeros(n);
        infer(self, x, 0..n, &mut Self::Output::batch_mut(&mut y), batch_size, &mut []);
        Ok(y)
    }

    /// The same to memory of the caller's; it allocates nothing after the first call.
    ///
    /// # Errors
    /// If there are no samples, inputs differ in length, `y` has another length, or a layer is stateful.
    fn predict_into(
        &self,
        x: <Self::Input as Samples>::Batch<'_>,
        y: <Self::Output as Samples>::BatchMut<'_>,
    ) -> Result<()> {
        stateless("predict_into", Self::GRAPH)?;
        let n = rows("predict_into", Self::GRAPH, Self::Input::rows(x))?;
        check_rows("predict_into: the place for the results", Ok(Self::Output::rows_mut(&y)), n)?;
        let mut y = y;
        infer(self, x, 0..n, &mut y, AT_ONCE, &mut []);
        Ok(())
    }

    /// The prediction for one sample; it allocates nothing after the first call. That a layer is stateful is an error of the
    /// compiler here.
    fn predict_one(&self, x: &Self::Input) -> Self::Output {
        const {
            assert!(
                Self::GRAPH.carried == 0,
                "a model with stateful layers predicts in a session, which keeps their states: \
                 `let mut session = model.session();`"
            );
        }
        if let Some(y) = self.infer_tiny(Isa::current(), x) {
            return y;
        }
        let mut y = Self::Output::zero();
        infer(self, Self::Input::one(x), 0..1, &mut Self::Output::one_mut(&mut y), 1, &mut []);
        y
    }

    /// Predictions with memory of their own, in which stateful layers go on from one to the next.
    fn session(&self) -> Session<'_, Self>
    where
        Self: Sized,
    {
        Session::new(self)
    }

    /// What a layer within the model gives for many samples, as Keras's `Model(inputs, layer.output)` does: features, for
    /// another model to work on. Layers are as in inference; a layer that is called several times gives what its first
    /// call does.
    ///
    /// ```text
    /// let features: Vec<[f32; 64]> = model.layer_output("dense", &x)?;
    /// ```
    ///
    /// # Errors
    /// If there are no samples, inputs differ in length, the model has no layer of this name, its output is of another shape
    /// than `S`, or a layer is stateful.
    fn layer_output<S: Sample<Elem = f32>>(
        &self,
        layer: &str,
        x: <Self::Input as Samples>::Batch<'_>,
    ) -> Result<Vec<S>> {
        stateless("layer_output", Self::GRAPH)?;
        let n = rows("layer_output", Self::GRAPH, Self::Input::rows(x))?;
        let features = Features::find(Self::GRAPH, layer, S::DIMS)?;
        let mut y = zeros::<S>(n);
        let to = S::flatten_mut(&mut y);
        weighed(self, |model| {
            features.collect(Self::GRAPH, n, to, &mut |cx, batch, ws| {
                model.forward(cx, Self::Input::slice(x, batch), ws);
            });
        });
        Ok(y)
    }

    /// The predictions for the samples of one batch.
    ///
    /// # Errors
    /// If there are no samples, inputs differ in length, or a layer is stateful.
    fn predict_on_batch(&self, x: <Self::Input as Samples>::Batch<'_>) -> Result<<Self::Output as Samples>::Vecs> {
        stateless("predict_on_batch", Self::GRAPH)?;
        let n = rows("predict_on_batch", Self::GRAPH, Self::Input::rows(x))?;
        self.predict(x, n)
    }
}

impl<M: Model> Predict for M {}

/// The output of a layer: where it lies, and when it is there.
struct Features {
    buf: Buf,
    until: u32,
}

impl Features {
    fn find(graph: &Graph, layer: &str, dims: &[usize]) -> Result<Features> {
        let refused = |reason: String| Error::Argument { argument: "layer", value: layer.into(), reason };
        let Some(call) = graph.layers[find_layer(graph, layer)?].calls.first() else {
            let reason = "it is part of another layer, whose output can be asked for".into();
            return Err(refused(reason));
        };
        let [value, ..] = call.outputs else { return Err(refused("it gives nothing".into())) };
        let found = graph.values[*value].shape;
        if found != dims {
            return Err(refused(format!("it gives samples of shape {found:?}, asked for are samples of {dims:?}")));
        }
        let root = graph.root(*value);
        let Some(op) = graph.ops.iter().position(|op| op.output == root) else {
            let input = root < graph.inputs.len();
            let reason =
                if input { "it gives the model's input as it is" } else { "it is one step with the layer behind it" };
            return Err(refused(reason.into()));
        };
        let Some(buf) = graph.train.values[root] else { return Err(refused("its output is not stored".into())) };
        Ok(Features { buf, until: op as u32 })
    }

    fn collect(&self, graph: &Graph, n: usize, to: &mut [f32], forward: &mut Batch<'_>) {
        let cx = Context { until: self.until, ..Context::inference(Isa::current()) };
        let mut workspace = Workspace::new();
        for first in (0..n).step_by(AT_ONCE) {
            let batch = first..n.min(first + AT_ONCE);
            let mut values = workspace.batch(graph.train.layout, batch.len(), 1);
            forward(&cx, batch.clone(), &mut values.rows());
            let len = self.buf.len();
            to[batch.start * len..batch.end * len].copy_from_slice(values.rows().step([], [self.buf]).1[0]);
        }
    }
}

/// How many rows there are to predict, if there are any and the batch size makes sense.
pub(crate) fn checked(graph: &Graph, found: Result<usize, Uneven>, batch_size: usize) -> Result<usize> {
    if batch_size == 0 {
        let reason = "give at least 1; 32 is usual".into();
        return Err(Error::Argument { argument: "batch_size", value: "0".into(), reason });
    }
    rows("predict", graph, found)
}

/// Predicts some rows of `x` in batches, to the same rows of `y`; all of one size where rows carry something from batch to
/// batch.
pub(crate) fn infer<M: Model>(
    model: &M,
    x: <M::Input as Samples>::Batch<'_>,
    rows: Range<usize>,
    y: &mut <M::Output as Samples>::BatchMut<'_>,
    batch_size: usize,
    carried: &mut [f32],
) {
    weighed(model, |model| {
        in_batches(M::GRAPH, rows, batch_size, carried, &mut |cx, batch, ws| infer_batch(model, cx, x, batch, y, ws));
    });
}

/// Does something with what the passes of a model read.
fn weighed<M: Model>(model: &M, work: impl FnOnce(&M)) {
    if !const { M::GRAPH.is_mixed() } {
        return work(model);
    }
    WEIGHED.with(|weighed| match weighed.try_borrow_mut() {
        Ok(mut weighed) => work(weighed.of(model)),
        // A layer's own code predicts with another model.
        Err(_) => work(Weighed::new().of(model)),
    });
}

/// Predicts the rows of one batch with what the model's passes read.
pub(crate) fn infer_batch<M: Model>(
    model: &M,
    cx: &Context,
    x: <M::Input as Samples>::Batch<'_>,
    batch: Range<usize>,
    y: &mut <M::Output as Samples>::BatchMut<'_>,
    ws: &mut Rows<'_>,
) {
    let first = batch.start;
    model.infer(cx, M::Input::slice(x, batch), ws);
    for i in 0..M::GRAPH.outputs.len() {
        M::Output::put(y, i, first, output(M::GRAPH, i, ws));
    }
}

/// What predicts the rows of one batch.
type Batch<'b> = dyn FnMut(&Context, Range<usize>, &mut Rows<'_>) + 'b;

fn in_batches(graph: &Graph, rows: Range<usize>, batch_size: usize, carried: &mut [f32], predict: &mut Batch<'_>) {
    WORKSPACE.with(|workspace| match workspace.try_borrow_mut() {
        Ok(mut workspace) => in_batches_with(&mut workspace, graph, rows, batch_size, carried, predict),
        // A layer's own code predicts with another model.
        Err(_) => in_batches_with(&mut Workspace::new(), graph, rows, batch_size, carried, predict),
    });
}

#[inline]
pub(crate) fn in_batches_with(
    workspace: &mut Workspace,
    graph: &Graph,
    rows: Range<usize>,
    batch_size: usize,
    carried: &mut [f32],
    predict: &mut Batch<'_>,
) {
    let cx = Context::inference(Isa::current());
    let mut first = rows.start;
    // `step_by` would divide, which takes a good part of the time of a tiny network.
    while first < rows.end {
        let next = rows.end.min(first + batch_size);
        let mut values = workspace.batch(graph.infer.layout, next - first, 1).carrying(&mut *carried, graph.carried);
        predict(&cx, first..next, &mut values.rows());
        first = next;
    }
}

/// The values of output `i`.
fn output<'w>(graph: &Graph, i: usize, ws: &'w mut Rows<'_>) -> &'w [f32] {
    let (_, [values], _) = ws.step([], [graph.buffer(graph.infer.values, graph.outputs[i].value)]);
    values
}
