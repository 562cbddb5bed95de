//! A rate that falls along half a cosine, after a warm-up if one is asked for.

use core::f64::consts::PI;

use super::Schedule;

/// A linear warm-up, then lr · ((1 − α) · (1 + cos πp) / 2 + α), where p goes from 0 to 1 in `decay_steps` steps.
///
/// ```
/// use keras_runtime::optimizer::schedule::{CosineDecay, Schedule};
/// let rate = CosineDecay::new(0.0, 100).warmup(0.5, 10);
/// assert_eq!([0, 5, 10, 60, 110].map(|step| rate.learning_rate(step)), [0.0, 0.25, 0.5, 0.25, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineDecay {
    initial_learning_rate: f32,
    decay_steps: u64,
    alpha: f32,
    warmup: Option<(f32, u64)>,
}

impl CosineDecay {
    /// A rate that falls to 0 in `decay_steps` steps.
    #[must_use]
    pub fn new(initial_learning_rate: f32, decay_steps: u64) -> CosineDecay {
        CosineDecay { initial_learning_rate, decay_steps, alpha: 0.0, warmup: None }
    }

    /// The last rate, as a share of the highest one.
    #[must_use]
    pub fn alpha(mut self, alpha: f32) -> CosineDecay {
        self.alpha = alpha;
        self
    }

    /// Lets the rate rise from the initial one to `target` in `steps` steps before it falls.
    #[must_use]
    pub fn warmup(mut self, target: f32, steps: u64) -> CosineDecay {
        self.warmup = Some((target, steps));
        self
    }
}

impl Schedule for CosineDecay {
    fn learning_rate(&self, step: u64) -> f32 {
        let initial = f64::from(self.initial_learning_rate);
        let (top, warmup) = self.warmup.map_or((initial, 0), |(target, steps)| (target.into(), steps));
        if step < warmup {
            return (initial + (top - initial) * step as f64 / warmup as f64) as f32;
        }
        let p = (step - warmup).min(self.decay_steps) as f64 / self.decay_steps as f64;
        let alpha = f64::from(self.alpha);
        (top * ((1.0 - alpha) * 0.5 * (1.0 + (PI * p).cos()) + alpha)) as f32
    }
}
