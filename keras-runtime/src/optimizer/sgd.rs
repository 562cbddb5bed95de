//! Stochastic gradient descent.

use keras_kernels::memory::Slots;
use keras_kernels::{Isa, sgd};

use super::base::base_arguments;
use super::{Base, Elementwise, LearningRate};
use crate::Result;
use crate::error::Error;

/// Gradient descent, with momentum if it is given: w −= lr · g; or m = μm − lr · g, then w += m, and with Nesterov's
/// method w += μm − lr · g with the new m.
///
/// ```
/// use keras_runtime::optimizer::{Optimizer, Sgd};
/// let sgd = Sgd::new(0.01).momentum(0.9).nesterov(true);
/// assert_eq!(sgd.slot_names(), ["momentum"]);
/// ```
#[derive(Clone, Debug)]
pub struct Sgd {
    base: Base,
    momentum: f32,
    nesterov: bool,
    rate: f32,
}

impl Sgd {
    /// Gradient descent with a learning rate: a number, or a [`Schedule`](super::Schedule).
    #[must_use]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Sgd {
        Sgd { base: Base::new(learning_rate), momentum: 0.0, nesterov: false, rate: 0.0 }
    }

    /// How much of the last update goes into the next one, from 0 to 1; 0 unless given.
    #[must_use]
    pub fn momentum(mut self, momentum: f32) -> Sgd {
        self.momentum = momentum;
        self
    }

    /// Whether momentum looks ahead, by Nesterov's method.
    #[must_use]
    pub fn nesterov(mut self, nesterov: bool) -> Sgd {
        self.nesterov = nesterov;
        self
    }
}

impl Default for Sgd {
    /// As in Keras: a learning rate of 0.01, no momentum.
    fn default() -> Sgd {
        Sgd::new(0.01)
    }
}

base_arguments!(Sgd);

impl Elementwise for Sgd {
    fn name(&self) -> &str {
        "sgd"
    }
    fn base(&self) -> &Base {
        &self.base
    }
    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }
    fn own_slots(&self) -> &'static [&'static str] {
        if self.momentum == 0.0 { &[] } else { &["momentum"] }
    }
    fn check(&self) -> Result<()> {
        if (0.0..=1.0).contains(&self.momentum) {
            return Ok(());
        }
        let reason = "give a number from 0 to 1".to_owned();
        Err(Error::Argument { argument: "momentum", value: self.momentum.to_string(), reason })
    }
    fn is_stateless(&self) -> bool {
        self.momentum == 0.0
    }
    fn prepare(&mut self, learning_rate: f32, _: u64) {
        self.rate = learning_rate;
    }
    fn rule(&self, isa: Isa, w: &mut [f32], g: &[f32], [m, ..]: Slots<'_>, decay: f32) {
        sgd::update(isa, w, g, m, self.rate, self.momentum, self.nesterov, decay);
    }
    #[cfg(feature = "cuda")]
    fn device_rule(&self) -> Option<crate::device::Rule> {
        Some(crate::device::Rule::Sgd { momentum: self.momentum, nesterov: self.nesterov })
    }
    #[cfg(feature = "cuda")]
    fn device_rate(&self) -> f32 {
        self.rate
    }
}
