//! Adam.

use keras_kernels::memory::Slots;
use keras_kernels::{Isa, adam};

use super::base::base_arguments;
use super::{Base, Elementwise, LearningRate};
use crate::Result;
use crate::error::Error;

/// Adam (Kingma, Ba: "Adam: a method for stochastic optimization", 2014), as Keras has it: m += (g − m)(1 − β₁);
/// v += (g² − v)(1 − β₂); w −= α m / (√v + ε) with α = lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ).
///
/// ```
/// use keras_runtime::optimizer::{Adam, Optimizer};
/// let adam = Adam::new(0.001).beta_2(0.99).amsgrad(true);
/// assert_eq!(adam.slot_names(), ["momentum", "velocity", "velocity_hat"]);
/// ```
#[derive(Clone, Debug)]
pub struct Adam {
    base: Base,
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    amsgrad: bool,
    alpha: f32,
}

impl Adam {
    /// Adam with a learning rate: a number, or a [`Schedule`](super::Schedule).
    #[must_use]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Adam {
        let base = Base::new(learning_rate);
        Adam { base, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false, alpha: 0.0 }
    }

    /// How much of the mean of gradients stays in each step, from 0 to below 1; 0.9 unless given.
    #[must_use]
    pub fn beta_1(mut self, beta_1: f32) -> Adam {
        self.beta_1 = beta_1;
        self
    }

    /// How much of the mean of squared gradients stays in each step, from 0 to below 1; 0.999 unless given.
    #[must_use]
    pub fn beta_2(mut self, beta_2: f32) -> Adam {
        self.beta_2 = beta_2;
        self
    }

    /// What is added to the root that the update is divided by; 1e-7 unless given.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f32) -> Adam {
        self.epsilon = epsilon;
        self
    }

    /// Whether the largest mean of squares so far takes the place of the present one (Reddi, Kale, Kumar: "On the
    /// convergence of Adam and beyond", 2018).
    #[must_use]
    pub fn amsgrad(mut self, amsgrad: bool) -> Adam {
        self.amsgrad = amsgrad;
        self
    }
}

impl Default for Adam {
    /// As in Keras: a learning rate of 0.001.
    fn default() -> Adam {
        Adam::new(0.001)
    }
}

base_arguments!(Adam);

impl Elementwise for Adam {
    fn name(&self) -> &str {
        "adam"
    }
    fn base(&self) -> &Base {
        &self.base
    }
    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }
    fn own_slots(&self) -> &'static [&'static str] {
        if self.amsgrad { &["momentum", "velocity", "velocity_hat"] } else { &["momentum", "velocity"] }
    }
    fn check(&self) -> Result<()> {
        for (argument, beta) in [("beta_1", self.beta_1), ("beta_2", self.beta_2)] {
            if !(0.0..1.0).contains(&beta) {
                let reason = "give a number from 0 to below 1".to_owned();
                return Err(Error::Argument { argument, value: beta.to_string(), reason });
            }
        }
        Ok(())
    }
    fn prepare(&mut self, learning_rate: f32, t: u64) {
        let rest = |beta: f32| 1.0 - f64::from(beta).powf(t as f64);
        self.alpha = (f64::from(learning_rate) * rest(self.beta_2).sqrt() / rest(self.beta_1)) as f32;
    }
    fn rule(&self, isa: Isa, w: &mut [f32], g: &[f32], [m, v, vhat, _]: Slots<'_>, decay: f32) {
        adam::update(isa, w, g, m, v, vhat, self.alpha, self.beta_1, self.beta_2, self.epsilon, decay);
    }
    #[cfg(feature = "cuda")]
    fn device_rule(&self) -> Option<crate::device::Rule> {
        let Adam { beta_1, beta_2, epsilon, amsgrad, .. } = *self;
        Some(crate::device::Rule::Adam { beta_1, beta_2, epsilon, amsgrad })
    }
    #[cfg(feature = "cuda")]
    fn device_rate(&self) -> f32 {
        self.alpha
    }
}
