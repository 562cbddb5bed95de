//! A rate that falls by a factor in equal times.

use super::Schedule;

/// lr₀ · rate^(step / decay_steps).
///
/// ```
/// use keras_runtime::optimizer::schedule::{ExponentialDecay, Schedule};
/// let rate = ExponentialDecay::new(0.1, 100, 0.5);
/// assert_eq!(rate.learning_rate(200), 0.025);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialDecay {
    initial_learning_rate: f32,
    decay_steps: u64,
    decay_rate: f32,
    staircase: bool,
}

impl ExponentialDecay {
    /// A rate that is multiplied by `decay_rate` in `decay_steps` steps.
    #[must_use]
    pub fn new(initial_learning_rate: f32, decay_steps: u64, decay_rate: f32) -> ExponentialDecay {
        ExponentialDecay { initial_learning_rate, decay_steps, decay_rate, staircase: false }
    }

    /// Whether the rate stays for `decay_steps` steps and then falls at once.
    #[must_use]
    pub fn staircase(mut self, staircase: bool) -> ExponentialDecay {
        self.staircase = staircase;
        self
    }
}

impl Schedule for ExponentialDecay {
    fn learning_rate(&self, step: u64) -> f32 {
        let p = step as f64 / self.decay_steps as f64;
        let p = if self.staircase { p.floor() } else { p };
        (f64::from(self.initial_learning_rate) * f64::from(self.decay_rate).powf(p)) as f32
    }
}
