//! A rate that falls as one over time.

use super::Schedule;

/// lr₀ / (1 + rate · step / decay_steps).
///
/// ```
/// use keras_runtime::optimizer::schedule::{InverseTimeDecay, Schedule};
/// let rate = InverseTimeDecay::new(0.5, 10, 0.5);
/// assert_eq!(rate.learning_rate(20), 0.25);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InverseTimeDecay {
    initial_learning_rate: f32,
    decay_steps: u64,
    decay_rate: f32,
    staircase: bool,
}

impl InverseTimeDecay {
    /// A rate that is divided by 1 + `decay_rate` after `decay_steps` steps, by 1 + 2 · `decay_rate` after twice as many.
    #[must_use]
    pub fn new(initial_learning_rate: f32, decay_steps: u64, decay_rate: f32) -> InverseTimeDecay {
        InverseTimeDecay { initial_learning_rate, decay_steps, decay_rate, staircase: false }
    }

    /// Whether the rate stays for `decay_steps` steps and then falls at once.
    #[must_use]
    pub fn staircase(mut self, staircase: bool) -> InverseTimeDecay {
        self.staircase = staircase;
        self
    }
}

impl Schedule for InverseTimeDecay {
    fn learning_rate(&self, step: u64) -> f32 {
        let p = step as f64 / self.decay_steps as f64;
        let p = if self.staircase { p.floor() } else { p };
        (f64::from(self.initial_learning_rate) / (1.0 + f64::from(self.decay_rate) * p)) as f32
    }
}
