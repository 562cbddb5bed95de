//! Losses and metrics, whatever their types.

use std::marker::PhantomData;

use super::{Losses, Metrics, TargetSet};
use crate::Result;
#[cfg(feature = "cuda")]
use crate::loss::AnyLoss;
use crate::loss::{Predictions, Reduction};
#[cfg(feature = "cuda")]
use crate::metric::{AnyMetric, Mean};
use crate::model::Outputs;
use crate::model::graph::Head;

/// Which metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Those that no weights of samples apply to.
    Plain,
    /// Those that they apply to.
    Weighted,
}

/// The losses and metrics of a model, as [`Losses`] and [`Metrics`] have them.
pub(crate) trait Objectives {
    /// Whether all suit the model and its targets.
    fn check(&self) -> Result<()>;
    /// How many losses there are, and so outputs.
    fn losses(&self) -> usize;
    fn fuses(&self, i: usize, head: Head) -> bool;
    fn reduction(&self, i: usize) -> Reduction;
    fn ignored_class(&self, i: usize) -> Option<u32>;
    fn evaluate(&self, i: usize, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>);
    /// How many metrics output `i` has.
    fn metrics(&self, kind: Kind, i: usize) -> usize;
    fn name(&self, kind: Kind, i: usize, j: usize) -> &str;
    fn larger_is_better(&self, kind: Kind, i: usize, j: usize) -> Option<bool>;
    /// The metrics of output `i` take a batch into account.
    fn update(&mut self, i: usize, p: Predictions<'_>, mask: Option<&[f32]>, weights: Option<&[f32]>);
    fn result(&self, kind: Kind, i: usize, j: usize) -> f64;
    /// All metrics begin anew.
    fn reset(&mut self);
    /// The loss of output `i`, if it is one of this crate.
    #[cfg(feature = "cuda")]
    fn loss(&self, i: usize) -> Option<AnyLoss>;
    /// A metric, if it is one of this crate.
    #[cfg(feature = "cuda")]
    fn metric(&self, kind: Kind, i: usize, j: usize) -> Option<AnyMetric>;
    /// Puts what a device has collected in the place of what a metric has.
    #[cfg(feature = "cuda")]
    fn set(&mut self, kind: Kind, i: usize, j: usize, mean: Mean);
}

/// Losses and metrics for outputs `O` and targets `T`.
pub(crate) struct Typed<'a, L, Ms, Ws, O, T> {
    losses: &'a L,
    plain: &'a mut Ms,
    weighted: &'a mut Ws,
    types: PhantomData<fn(O, T)>,
}

impl<'a, L, Ms, Ws, O, T> Typed<'a, L, Ms, Ws, O, T> {
    pub(crate) fn new(losses: &'a L, plain: &'a mut Ms, weighted: &'a mut Ws) -> Self {
        Typed { losses, plain, weighted, types: PhantomData }
    }
}

impl<L, Ms, Ws, O, T> Objectives for Typed<'_, L, Ms, Ws, O, T>
where
    O: Outputs,
    T: TargetSet,
    L: Losses<O, T>,
    Ms: Metrics<O, T>,
    Ws: Metrics<O, T>,
{
    fn check(&self) -> Result<()> {
        self.losses.check()?;
        self.plain.check()?;
        self.weighted.check()
    }

    fn losses(&self) -> usize {
        L::COUNT
    }

    fn fuses(&self, i: usize, head: Head) -> bool {
        self.losses.fuses(i, head)
    }

    fn reduction(&self, i: usize) -> Reduction {
        self.losses.reduction(i)
    }

    fn ignored_class(&self, i: usize) -> Option<u32> {
        self.losses.ignored_class(i)
    }

    fn evaluate(&self, i: usize, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>) {
        self.losses.evaluate(i, p, scale, losses, grad);
    }

    fn metrics(&self, kind: Kind, i: usize) -> usize {
        match kind {
            Kind::Plain => Ms::count(i),
            Kind::Weighted => Ws::count(i),
        }
    }

    fn name(&self, kind: Kind, i: usize, j: usize) -> &str {
        match kind {
            Kind::Plain => self.plain.name(i, j),
            Kind::Weighted => self.weighted.name(i, j),
        }
    }

    fn larger_is_better(&self, kind: Kind, i: usize, j: usize) -> Option<bool> {
        match kind {
            Kind::Plain => self.plain.larger_is_better(i, j),
            Kind::Weighted => self.weighted.larger_is_better(i, j),
        }
    }

    fn update(&mut self, i: usize, p: Predictions<'_>, mask: Option<&[f32]>, weights: Option<&[f32]>) {
        self.plain.update(i, p, mask);
        self.weighted.update(i, p, weights);
    }

    fn result(&self, kind: Kind, i: usize, j: usize) -> f64 {
        match kind {
            Kind::Plain => self.plain.result(i, j),
            Kind::Weighted => self.weighted.result(i, j),
        }
    }

    fn reset(&mut self) {
        self.plain.reset();
        self.weighted.reset();
    }

    #[cfg(feature = "cuda")]
    fn loss(&self, i: usize) -> Option<AnyLoss> {
        self.losses.built_in(i)
    }

    #[cfg(feature = "cuda")]
    fn metric(&self, kind: Kind, i: usize, j: usize) -> Option<AnyMetric> {
        match kind {
            Kind::Plain => self.plain.built_in(i, j),
            Kind::Weighted => self.weighted.built_in(i, j),
        }
    }

    #[cfg(feature = "cuda")]
    fn set(&mut self, kind: Kind, i: usize, j: usize, mean: Mean) {
        match kind {
            Kind::Plain => self.plain.set(i, j, mean),
            Kind::Weighted => self.weighted.set(i, j, mean),
        }
    }
}
