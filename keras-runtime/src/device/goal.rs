//! What a model is trained towards and measured by, as kernels know it.

use crate::loss::{AnyLoss, Reduction};
use crate::metric::AnyMetric;

/// The value of a position: a loss, or a figure that a metric is the mean of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Score {
    /// Its name in `score.cuh`.
    pub(crate) word: &'static str,
    /// Whether outputs are logits.
    pub(crate) from_logits: bool,
    /// Its number: label smoothing, a threshold, how many count as right.
    pub(crate) number: f32,
    /// The class whose positions are 0.
    pub(crate) ignored: Option<u32>,
}

impl Score {
    /// One without arguments.
    pub(crate) const fn plain(word: &'static str) -> Score {
        Score { word, from_logits: false, number: 0.0, ignored: None }
    }
}

/// The loss and the metrics of an output.
#[derive(Clone, Debug)]
pub(crate) struct Goal {
    pub(crate) loss: AnyLoss,
    pub(crate) reduction: Reduction,
    /// Factor of the loss in what is minimised.
    pub(crate) factor: f32,
    /// Whether targets are classes.
    pub(crate) classes: bool,
    /// Metrics, and whether weights of samples apply to them.
    pub(crate) metrics: Vec<(AnyMetric, bool)>,
}

/// Where sums are kept in [`Region::Sums`](super::memory::Region::Sums).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sums {
    outputs: usize,
    metrics: usize,
}

impl Sums {
    pub(crate) fn new(goals: &[Goal]) -> Sums {
        Sums { outputs: goals.len(), metrics: goals.iter().map(|goal| goal.metrics.len()).sum() }
    }

    /// The loss of the step that is under way.
    pub(crate) const STEP: usize = 0;
    /// How many rows there were.
    pub(crate) const ROWS: usize = 1;
    /// Σ loss · rows.
    pub(crate) const LOSS: usize = 2;

    /// Σ loss of output `i` · rows.
    pub(crate) const fn output(self, i: usize) -> usize {
        3 + i
    }

    /// Metric `j`, counted over all outputs: its sum, and behind it the sum of its weights.
    pub(crate) const fn metric(self, j: usize) -> usize {
        3 + self.outputs + 2 * j
    }

    /// How many rows there were, and Σ loss · rows.
    pub(crate) fn of_losses(self, sums: &[f64]) -> (f64, f64) {
        (sums[Self::ROWS], sums[Self::LOSS])
    }

    /// How many there are.
    pub(crate) const fn len(self) -> usize {
        3 + self.outputs + 2 * self.metrics
    }
}
