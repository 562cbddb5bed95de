//! A rate that is given for each stretch of steps.

use super::Schedule;

/// `values[i]` in the steps after `boundaries[i - 1]` up to and with `boundaries[i]`.
///
/// ```
/// use keras_runtime::optimizer::schedule::{PiecewiseConstantDecay, Schedule};
/// let rate = PiecewiseConstantDecay::new([(0.1, 1000), (0.01, 5000)], 0.001);
/// assert_eq!([0, 1000, 1001, 9999].map(|step| rate.learning_rate(step)), [0.1, 0.1, 0.01, 0.001]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PiecewiseConstantDecay {
    stretches: Vec<(f32, u64)>,
    last: f32,
}

impl PiecewiseConstantDecay {
    /// Rates, each with the last step it is for, in rising order; and the rate of all later steps.
    #[must_use]
    pub fn new(stretches: impl Into<Vec<(f32, u64)>>, last: f32) -> PiecewiseConstantDecay {
        PiecewiseConstantDecay { stretches: stretches.into(), last }
    }
}

impl Schedule for PiecewiseConstantDecay {
    fn learning_rate(&self, step: u64) -> f32 {
        self.stretches.iter().find(|(_, end)| step <= *end).map_or(self.last, |(rate, _)| *rate)
    }
}
