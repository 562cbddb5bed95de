//! The mean that metrics keep.

use crate::loss::{Formula, Predictions};

/// A weighted mean over the positions of all batches, for metrics of one's own.
///
/// ```
/// use keras_runtime::metric::Mean;
/// let mut mean = Mean::default();
/// mean.add(3.0, 1.0);
/// mean.add(1.0, 3.0);
/// assert_eq!(mean.result(), 1.5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    total: f64,
    weight: f64,
}

/// How many positions are measured at once, on the stack.
const PIECE: usize = 64;

impl Mean {
    /// Takes a value into account.
    pub fn add(&mut self, value: f64, weight: f64) {
        self.total += value * weight;
        self.weight += weight;
    }

    /// The mean so far; 0 if the weights add up to 0.
    #[must_use]
    pub fn result(&self) -> f64 {
        if self.weight == 0.0 { 0.0 } else { self.total / self.weight }
    }

    /// Takes the value of each position into account.
    pub fn positions(&mut self, p: Predictions<'_>, weights: Option<&[f32]>, value: impl Fn(usize) -> f64) {
        for i in 0..p.positions() {
            self.add(value(i), weights.map_or(1.0, |weights| weights[i].into()));
        }
    }

    /// The sum and the sum of the weights.
    #[cfg(feature = "cuda")]
    pub(crate) fn parts(self) -> (f64, f64) {
        (self.total, self.weight)
    }

    /// The mean of such a sum.
    #[cfg(feature = "cuda")]
    pub(crate) fn of(total: f64, weight: f64) -> Mean {
        Mean { total, weight }
    }

    /// Takes the loss of each position into account.
    pub(crate) fn losses(&mut self, p: Predictions<'_>, weights: Option<&[f32]>, loss: &impl Formula) {
        let mut losses = [0.0; PIECE];
        let all = p.positions();
        for from in (0..all).step_by(PIECE) {
            let positions = from..all.min(from + PIECE);
            let losses = &mut losses[..positions.len()];
            loss.evaluate(p.slice(positions.clone()), &[1.0; PIECE][..positions.len()], losses, None);
            let weights = weights.map(|weights| &weights[positions]);
            for (i, &loss) in losses.iter().enumerate() {
                self.add(loss.into(), weights.map_or(1.0, |weights| weights[i].into()));
            }
        }
    }
}
