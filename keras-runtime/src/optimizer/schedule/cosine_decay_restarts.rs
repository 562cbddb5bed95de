//! A rate that falls along half a cosine again and again.

use core::f64::consts::PI;

use super::Schedule;

/// lr₀ · ((1 − α) · mⁱ · (1 + cos πp) / 2 + α) in restart i, which lasts `first_decay_steps` · tⁱ steps, through which p
/// goes from 0 to 1 (Loshchilov, Hutter: "SGDR: stochastic gradient descent with warm restarts", 2017).
///
/// ```
/// use keras_runtime::optimizer::schedule::{CosineDecayRestarts, Schedule};
/// let rate = CosineDecayRestarts::new(0.5, 10).m_mul(0.5);
/// assert_eq!([0, 5, 10, 20, 30].map(|step| rate.learning_rate(step)), [0.5, 0.25, 0.25, 0.125, 0.125]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineDecayRestarts {
    initial_learning_rate: f32,
    first_decay_steps: u64,
    t_mul: f32,
    m_mul: f32,
    alpha: f32,
}

impl CosineDecayRestarts {
    /// A rate that first falls to 0 in `first_decay_steps` steps, each time after in twice as many.
    #[must_use]
    pub fn new(initial_learning_rate: f32, first_decay_steps: u64) -> CosineDecayRestarts {
        CosineDecayRestarts { initial_learning_rate, first_decay_steps, t_mul: 2.0, m_mul: 1.0, alpha: 0.0 }
    }

    /// How many times as long each restart takes as the one before; 2 unless given.
    #[must_use]
    pub fn t_mul(mut self, t_mul: f32) -> CosineDecayRestarts {
        self.t_mul = t_mul;
        self
    }

    /// How many times as high each restart begins as the one before; 1 unless given.
    #[must_use]
    pub fn m_mul(mut self, m_mul: f32) -> CosineDecayRestarts {
        self.m_mul = m_mul;
        self
    }

    /// The lowest rate, as a share of the initial one.
    #[must_use]
    pub fn alpha(mut self, alpha: f32) -> CosineDecayRestarts {
        self.alpha = alpha;
        self
    }
}

impl Schedule for CosineDecayRestarts {
    fn learning_rate(&self, step: u64) -> f32 {
        let t = f64::from(self.t_mul);
        // A decay takes one step at the least.
        let (mut restart, mut length, mut rest) = (0.0, self.first_decay_steps.max(1) as f64, step as f64);
        if t == 1.0 {
            restart = (rest / length).floor();
            rest -= restart * length;
        }
        // Restarts that become shorter and shorter come to an end.
        while rest >= length && length >= 1.0 {
            rest -= length;
            length *= t;
            restart += 1.0;
        }
        let p = (rest / length).min(1.0);
        let height = f64::from(self.m_mul).powf(restart);
        let alpha = f64::from(self.alpha);
        let share = (1.0 - alpha) * 0.5 * height * (1.0 + (PI * p).cos()) + alpha;
        (f64::from(self.initial_learning_rate) * share) as f32
    }
}
