//! Predictions that go on from each other.

use std::fmt;

use keras_kernels::memory::Workspace;

use crate::Result;
use crate::carried::Carried;
use crate::model::{Model, Outputs, Samples, Weighed};
use crate::predict::{checked, in_batches_with, infer_batch};
use crate::training::{check_rows, rows};

/// Predictions of a model with memory of their own: its stateful layers go on from one to the next.
///
/// The states of sample `i` of a batch are those that sample `i` of the next one begins with; all batches of a session are
/// therefore of one size, until [`Session::reset_state`]. They are 0 at first. Any number of sessions can have the same model, in
/// any threads, each with states of its own.
///
/// ```text
/// let mut session = model.session();
/// for frame in frames {
///     let y = session.predict_one(&frame)?;
/// }
/// ```
pub struct Session<'m, M> {
    model: &'m M,
    weighed: Weighed,
    workspace: Workspace,
    carried: Carried,
}

impl<M> fmt::Debug for Session<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("workspace", &self.workspace).finish_non_exhaustive()
    }
}

impl<'m, M: Model> Session<'m, M> {
    /// A session of this model.
    #[must_use]
    pub fn new(model: &'m M) -> Session<'m, M> {
        let mut weighed = Weighed::new();
        weighed.of(model);
        Session { model, weighed, workspace: Workspace::new(), carried: Carried::default() }
    }

    /// The predictions for many samples, in batches of `batch_size`.
    ///
    /// # Errors
    /// If there are no samples, inputs differ in length, the batch size is 0; or, where a layer is stateful, if the last batch
    /// would be a smaller one, or a batch is of another size than those before.
    pub fn predict(
        &mut self,
        x: <M::Input as Samples>::Batch<'_>,
        batch_size: usize,
    ) -> Result<<M::Output as Samples>::Vecs> {
        let n = checked(M::GRAPH, M::Input::rows(x), batch_size)?;
        self.carried.check("predict", M::GRAPH, (n, batch_size), None)?;
        let mut y = M::Output::zeros(n);
        self.infer("predict", x, (n, batch_size), &mut M::Output::batch_mut(&mut y))?;
        Ok(y)
    }

    /// The predictions for the samples of one batch, to memory of the caller's; it allocates nothing after the first call.
    ///
    /// # Errors
    /// If there are no samples, inputs differ in length, or `y` has another length; or, where a layer is stateful, if the batch
    /// is of another size than those before.
    pub fn predict_into(
        &mut self,
        x: <M::Input as Samples>::Batch<'_>,
        mut y: <M::Output as Samples>::BatchMut<'_>,
    ) -> Result<()> {
        let n = rows("predict_into", M::GRAPH, M::Input::rows(x))?;
        check_rows("predict_into: the place for the results", Ok(M::Output::rows_mut(&y)), n)?;
        self.infer("predict_into", x, (n, n), &mut y)
    }

    /// The prediction for one sample, which is a batch; it allocates nothing after the first call.
    ///
    /// # Errors
    /// If a layer is stateful, and the batches before had more samples.
    pub fn predict_one(&mut self, x: &M::Input) -> Result<M::Output> {
        let mut y = M::Output::zero();
        self.infer("predict_one", M::Input::one(x), (1, 1), &mut M::Output::one_mut(&mut y))?;
        Ok(y)
    }

    /// Forgets the states of stateful layers: they are 0 again, and the next batch may be of another size.
    pub fn reset_state(&mut self) {
        self.carried.reset_state();
    }

    fn infer(
        &mut self,
        what: &'static str,
        x: <M::Input as Samples>::Batch<'_>,
        (n, batch_size): (usize, usize),
        y: &mut <M::Output as Samples>::BatchMut<'_>,
    ) -> Result<()> {
        let Session { model, weighed, workspace, carried } = self;
        let model = weighed.last(*model);
        let carried = carried.batch(what, M::GRAPH, n.min(batch_size))?;
        in_batches_with(workspace, M::GRAPH, 0..n, batch_size, carried, &mut |cx, batch, ws| {
            infer_batch(model, cx, x, batch, y, ws);
        });
        Ok(())
    }
}
