//! The part of training that depends on the types of the model and its data.
//!
//! It is compiled again in the user's crate for each model and kind of targets, so it is small: the rest of the training
//! loop knows it as [`Steps`], and calls it a few times for each batch.

use std::ops::Range;

use keras_kernels::memory::{Boxed, Rows, Rule, Sink, Values, Whole};

use super::TargetSet;
use super::threads::Shared;
use crate::Result;
use crate::model::{Context, Model, Samples, Uneven, Weighed};
use crate::target::Targets;

/// Which data rows are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// Those that were given to `fit` or `evaluate`.
    Given,
    /// Those that were given to validate with.
    Validation,
}

/// The targets of a batch, whatever their type.
pub(crate) trait Labels: Sync {
    /// [`TargetSet::width`].
    fn width(&self, i: usize) -> usize;
    /// [`TargetSet::targets`] of these rows of the batch.
    fn targets<'s>(
        &'s self,
        i: usize,
        staging: &'s mut Vec<u32>,
        classes: usize,
        rows: Range<usize>,
    ) -> Result<Targets<'s>>;
}

/// Blocks like the weights, which take part in the phase of weight gradients.
pub(crate) struct To<'a, 's> {
    pub(crate) grads: &'a mut [f32],
    pub(crate) frozen: &'a [bool],
    /// The optimizer's state.
    pub(crate) slots: &'a mut [&'s mut [f32]],
}

/// A model and its data, whatever their types. The batch is what was chosen last.
pub(crate) trait Steps: Labels {
    /// The model's weights.
    fn weights(&mut self) -> &mut [f32];
    /// How many rows the inputs and the targets of a set have.
    fn rows(&self, set: Set) -> [Result<usize, Uneven>; 2];
    /// Makes these rows the batch, as they lie.
    fn choose(&mut self, set: Set, rows: Range<usize>);
    /// Makes these rows of the given data the batch, in this order.
    fn gather(&mut self, rows: &[u32]);
    /// Copies input `i` of the batch, as floats.
    #[cfg(feature = "cuda")]
    fn input(&self, i: usize, to: &mut [f32]);
    /// Says that the weights have changed since the last pass.
    fn weigh(&mut self);
    /// [`Model::forward`] of some rows of the batch.
    fn forward(&self, cx: &Context, ws: &mut Rows<'_>);
    /// [`Model::backward_data`] of some rows of the batch.
    fn backward_data(&self, cx: &Context, ws: &mut Rows<'_>);
    /// [`Model::backward_params`], block by block of so many rows, which stores gradients, or updates the weights if there
    /// is a rule to do so by. Each thread of a team has the weights between two cuts.
    fn backward_params(
        &mut self,
        cx: &Context,
        values: &mut Values<'_>,
        threads: (&mut Shared<'_>, usize),
        to: To<'_, '_>,
        rule: Option<&dyn Rule>,
    );
}

/// Inputs and targets.
pub(crate) type Pair<'a, X, T> = (<X as Samples>::Batch<'a>, <T as Samples>::Batch<'a>);

/// A model and its data.
pub(crate) struct Feed<'m, 'd, M: Model, T: TargetSet> {
    model: &'m mut Boxed<M>,
    /// What the passes read in the place of the model, if its layers round weights.
    pub(crate) weighed: Weighed,
    data: Data<'d, M::Input, T>,
}

/// Data, and which of them are the batch.
struct Data<'a, X: Samples, T: Samples> {
    /// What training and evaluation are about.
    given: Pair<'a, X, T>,
    /// What is validated with, if anything is.
    validation: Option<Pair<'a, X, T>>,
    /// Which of the two the batch is of.
    set: Set,
    /// The rows of it that are the batch, unless it was gathered.
    rows: Range<usize>,
    /// Whether the batch is a copy, of rows of the given data in an order of their own.
    gathered: bool,
    /// The inputs of such a batch.
    x: X::Vecs,
    /// Its targets.
    y: T::Vecs,
}

impl<'a, X: Samples, T: Samples> Data<'a, X, T> {
    fn of(&self, set: Set) -> Pair<'a, X, T> {
        match (set, self.validation) {
            (Set::Validation, Some(validation)) => validation,
            _ => self.given,
        }
    }

    fn x(&self) -> X::Batch<'_> {
        if self.gathered { X::batch(&self.x) } else { X::slice(self.of(self.set).0, self.rows.clone()) }
    }

    /// The rows of the batch that a thread works on.
    fn some(&self, ws: &Rows<'_>) -> X::Batch<'_> {
        X::slice(self.x(), ws.first()..ws.first() + ws.count())
    }

    /// The targets of these rows of the batch, and the index of the first of them in the data, if they lie there.
    fn labels(&self, rows: Range<usize>) -> (T::Batch<'_>, usize) {
        let first = if self.gathered { rows.start } else { self.rows.start + rows.start };
        (T::slice(self.y(), rows), first)
    }

    fn y(&self) -> T::Batch<'_> {
        if self.gathered { T::batch(&self.y) } else { T::slice(self.of(self.set).1, self.rows.clone()) }
    }
}

impl<'m, 'd, M: Model, T: TargetSet> Feed<'m, 'd, M, T> {
    pub(crate) fn new(
        model: &'m mut Boxed<M>,
        weighed: Weighed,
        given: Pair<'d, M::Input, T>,
        validation: Option<Pair<'d, M::Input, T>>,
    ) -> Feed<'m, 'd, M, T> {
        let (x, y) = Default::default();
        Feed { model, weighed, data: Data { given, validation, set: Set::Given, rows: 0..0, gathered: false, x, y } }
    }
}

impl<M: Model, T: TargetSet> Labels for Feed<'_, '_, M, T> {
    fn width(&self, i: usize) -> usize {
        T::width(i)
    }

    fn targets<'s>(
        &'s self,
        i: usize,
        staging: &'s mut Vec<u32>,
        classes: usize,
        rows: Range<usize>,
    ) -> Result<Targets<'s>> {
        let (y, first) = self.data.labels(rows);
        T::targets(y, i, staging, classes, first)
    }
}

impl<M: Model, T: TargetSet> Steps for Feed<'_, '_, M, T> {
    fn weights(&mut self) -> &mut [f32] {
        self.model.as_mut_slice()
    }

    fn rows(&self, set: Set) -> [Result<usize, Uneven>; 2] {
        let (x, y) = self.data.of(set);
        [M::Input::rows(x), T::rows(y)]
    }

    fn choose(&mut self, set: Set, rows: Range<usize>) {
        (self.data.set, self.data.rows, self.data.gathered) = (set, rows, false);
    }

    fn gather(&mut self, rows: &[u32]) {
        let (x, y) = self.data.given;
        M::Input::gather(x, rows, &mut self.data.x);
        T::gather(y, rows, &mut self.data.y);
        self.data.gathered = true;
    }

    fn weigh(&mut self) {
        self.weighed.of(&**self.model);
    }

    #[cfg(feature = "cuda")]
    fn input(&self, i: usize, to: &mut [f32]) {
        M::Input::floats(self.data.x(), i, to);
    }

    fn forward(&self, cx: &Context, ws: &mut Rows<'_>) {
        self.weighed.last(&**self.model).forward(cx, self.data.some(ws), ws);
    }

    fn backward_data(&self, cx: &Context, ws: &mut Rows<'_>) {
        self.weighed.last(&**self.model).backward_data(cx, self.data.some(ws), ws);
    }

    fn backward_params(
        &mut self,
        cx: &Context,
        values: &mut Values<'_>,
        (team, block): (&mut Shared<'_>, usize),
        to: To<'_, '_>,
        rule: Option<&dyn Rule>,
    ) {
        let (x, mut sink) = (self.data.x(), to.sink(self.model.as_mut_slice(), rule));
        let work = |ws: &mut Whole<'_>, sink: &mut Sink<'_>| {
            ws.blocks(block, sink, |ws, sink| {
                let x = M::Input::slice(x, ws.first()..ws.first() + ws.n());
                M::backward_params(cx, x, ws, sink);
            });
        };
        match team {
            Some((team, cuts)) => values.by_weights(team, &mut sink, cuts, &work),
            None => work(&mut values.whole(), &mut sink),
        }
    }
}

impl<'a> To<'a, '_> {
    fn sink(self, weights: &'a mut [f32], rule: Option<&'a dyn Rule>) -> Sink<'a> {
        match rule {
            None => Sink::store(weights, self.grads, self.frozen),
            Some(rule) => Sink::update(weights, self.grads, self.frozen, rule, self.slots),
        }
    }
}

/// The targets of one batch.
pub(crate) struct Batch<'a, T: TargetSet>(pub(crate) T::Batch<'a>);

impl<T: TargetSet> Labels for Batch<'_, T> {
    fn width(&self, i: usize) -> usize {
        T::width(i)
    }

    fn targets<'s>(
        &'s self,
        i: usize,
        staging: &'s mut Vec<u32>,
        classes: usize,
        rows: Range<usize>,
    ) -> Result<Targets<'s>> {
        T::targets(T::slice(self.0, rows.clone()), i, staging, classes, rows.start)
    }
}
