//! A rate that falls to another one along a polynomial.

use super::Schedule;

/// (lr₀ − end) · (1 − step / decay_steps)^power + end.
///
/// ```
/// use keras_runtime::optimizer::schedule::{PolynomialDecay, Schedule};
/// let rate = PolynomialDecay::new(0.5, 100).end_learning_rate(0.25);
/// assert_eq!([0, 50, 100, 500].map(|step| rate.learning_rate(step)), [0.5, 0.375, 0.25, 0.25]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PolynomialDecay {
    initial_learning_rate: f32,
    decay_steps: u64,
    end_learning_rate: f32,
    power: f32,
    cycle: bool,
}

impl PolynomialDecay {
    /// A rate that falls along a line to 0.0001 in `decay_steps` steps and stays there.
    #[must_use]
    pub fn new(initial_learning_rate: f32, decay_steps: u64) -> PolynomialDecay {
        PolynomialDecay { initial_learning_rate, decay_steps, end_learning_rate: 1e-4, power: 1.0, cycle: false }
    }

    /// The last rate.
    #[must_use]
    pub fn end_learning_rate(mut self, rate: f32) -> PolynomialDecay {
        self.end_learning_rate = rate;
        self
    }

    /// The power of the polynomial; 1 unless given.
    #[must_use]
    pub fn power(mut self, power: f32) -> PolynomialDecay {
        self.power = power;
        self
    }

    /// Whether the rate rises again after `decay_steps` steps, to fall over twice, three times … as many.
    #[must_use]
    pub fn cycle(mut self, cycle: bool) -> PolynomialDecay {
        self.cycle = cycle;
        self
    }
}

impl Schedule for PolynomialDecay {
    fn learning_rate(&self, step: u64) -> f32 {
        let (step, mut steps) = (step as f64, self.decay_steps as f64);
        if self.cycle {
            steps *= (step / steps).ceil().max(1.0);
        }
        let p = step.min(steps) / steps;
        let end = f64::from(self.end_learning_rate);
        ((f64::from(self.initial_learning_rate) - end) * (1.0 - p).powf(self.power.into()) + end) as f32
    }
}
