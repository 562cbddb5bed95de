//! The arguments that all optimizers have.

use core::fmt;
use std::sync::Arc;

use keras_kernels::Isa;

use super::Schedule;
use crate::Result;
use crate::error::Error;
use crate::model::graph::Param;

/// A constant learning rate, or one that a [`Schedule`] computes for each step.
#[derive(Clone)]
pub enum LearningRate {
    /// One that stays until it is set.
    Constant(f32),
    /// One that depends on the step.
    Schedule(Arc<dyn Schedule>),
}

impl LearningRate {
    /// The learning rate of a step, counted from 0.
    #[must_use]
    pub fn at(&self, step: u64) -> f32 {
        match self {
            LearningRate::Constant(rate) => *rate,
            LearningRate::Schedule(schedule) => schedule.learning_rate(step),
        }
    }
}

impl From<f32> for LearningRate {
    fn from(rate: f32) -> LearningRate {
        LearningRate::Constant(rate)
    }
}

impl From<f64> for LearningRate {
    fn from(rate: f64) -> LearningRate {
        LearningRate::Constant(rate as f32)
    }
}

impl<S: Schedule + 'static> From<S> for LearningRate {
    fn from(schedule: S) -> LearningRate {
        LearningRate::Schedule(Arc::new(schedule))
    }
}

impl fmt::Debug for LearningRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LearningRate::Constant(rate) => rate.fmt(f),
            LearningRate::Schedule(_) => f.write_str("Schedule"),
        }
    }
}

/// The learning rate and the arguments that all optimizers of Keras share. Their methods are on the optimizers:
/// `Adam::new(0.001).weight_decay(1e-4).clipnorm(1.0)`.
///
/// In each step gradients are divided by what the loss was multiplied by, then accumulated, then clipped; weights decay; the optimizer's own rule updates them; the
/// moving average follows and may take their place. A scaled loss, accumulation, clipping by a norm and parameters without
/// decay need whole tensors, so with them gradients are stored before they are used; everything else happens while gradients are
/// computed.
#[derive(Clone, Debug)]
pub struct Base {
    pub(super) learning_rate: LearningRate,
    pub(super) weight_decay: Option<f32>,
    pub(super) without_decay: Vec<String>,
    pub(super) clipnorm: Option<f32>,
    pub(super) global_clipnorm: Option<f32>,
    pub(super) clipvalue: Option<f32>,
    pub(super) use_ema: bool,
    pub(super) ema_momentum: f32,
    pub(super) ema_overwrite_frequency: Option<u64>,
    pub(super) gradient_accumulation_steps: Option<u64>,
    pub(super) loss_scale_factor: Option<f32>,
    pub(super) now: Now,
}

/// What is the same for all weights in a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) isa: Isa,
    /// The step after this one, whose learning rate is shown.
    pub(super) next: u64,
    /// Learning rate times rate of decay.
    pub(super) decay: f32,
    /// How much of the moving average stays.
    pub(super) ema: f32,
    /// Whether the moving average takes the place of the weights.
    pub(super) overwrite: bool,
    /// Whether accumulated gradients are used.
    pub(super) update: bool,
}

impl Base {
    /// A learning rate and nothing else.
    #[must_use]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Base {
        Base {
            learning_rate: learning_rate.into(),
            weight_decay: None,
            without_decay: Vec::new(),
            clipnorm: None,
            global_clipnorm: None,
            clipvalue: None,
            use_ema: false,
            ema_momentum: 0.99,
            ema_overwrite_frequency: None,
            gradient_accumulation_steps: None,
            loss_scale_factor: None,
            now: Now { isa: Isa::SCALAR, next: 0, decay: 0.0, ema: 0.0, overwrite: false, update: true },
        }
    }

    /// The learning rate of the next step.
    pub(super) fn learning_rate(&self) -> f32 {
        self.learning_rate.at(self.now.next)
    }

    /// Sets the learning rate, unless there is a schedule.
    pub(super) fn set_learning_rate(&mut self, learning_rate: f32) {
        if let LearningRate::Constant(rate) = &mut self.learning_rate {
            *rate = learning_rate;
        }
    }

    pub(super) fn is_scheduled(&self) -> bool {
        matches!(self.learning_rate, LearningRate::Schedule(_))
    }

    /// How many numbers of state there are besides the slots.
    pub(super) fn scalars(&self) -> usize {
        match self.learning_rate {
            LearningRate::Constant(_) => 2,
            LearningRate::Schedule(_) => 1,
        }
    }

    /// Begins the step with this number, counted from 0; gives its learning rate and how many updates there have been.
    pub(super) fn begin(&mut self, step: u64) -> (f32, u64) {
        let every = self.gradient_accumulation_steps.unwrap_or(1).max(1);
        let rate = self.learning_rate.at(step);
        let updates = step / every;
        self.now = Now {
            isa: Isa::current(),
            next: step + 1,
            decay: rate * self.weight_decay.unwrap_or(0.0),
            ema: if updates == 0 { 0.0 } else { self.ema_momentum },
            overwrite: self.ema_overwrite_frequency.is_some_and(|every| (updates + 1).is_multiple_of(every)),
            update: (step + 1).is_multiple_of(every),
        };
        (rate, updates)
    }

    /// Whether a step needs whole tensors.
    pub(super) fn needs_tensors(&self) -> bool {
        self.gradient_accumulation_steps.is_some()
            || self.clipnorm.is_some()
            || self.global_clipnorm.is_some()
            || self.weight_decay.is_some() && !self.without_decay.is_empty()
    }

    /// The decay of a parameter in this step.
    pub(super) fn decay_of(&self, param: &Param) -> f32 {
        if self.without_decay.iter().any(|name| name == param.name) { 0.0 } else { self.now.decay }
    }

    /// The names of the slots that these arguments need, behind the optimizer's own.
    pub(super) fn slot_names(&self) -> impl Iterator<Item = &'static str> {
        [(self.use_ema, "average"), (self.gradient_accumulation_steps.is_some(), "gradient_accumulator")]
            .into_iter()
            .filter_map(|(wanted, name)| wanted.then_some(name))
    }

    /// These arguments around a rule, as devices know them.
    #[cfg(feature = "cuda")]
    pub(super) fn device_update(&self, rule: crate::device::Rule) -> crate::device::Update {
        crate::device::Update {
            rule,
            clipvalue: self.clipvalue,
            clipnorm: self.clipnorm,
            global_clipnorm: self.global_clipnorm,
            accumulates: self.gradient_accumulation_steps,
            use_ema: self.use_ema,
            loss_scale: None,
            without_decay: self.without_decay.clone(),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let refuse =
            |argument, value: String, reason: &str| Err(Error::Argument { argument, value, reason: reason.to_owned() });
        let clips =
            [("clipnorm", self.clipnorm), ("global_clipnorm", self.global_clipnorm), ("clipvalue", self.clipvalue)];
        let mut earlier = None;
        for (argument, value) in clips {
            let Some(value) = value else { continue };
            if value.is_nan() || value < 0.0 {
                return refuse(argument, value.to_string(), "give a number of at least 0");
            }
            if let Some(earlier) = earlier {
                let reason = format!("`{earlier}` is given as well; gradients are clipped in one way only");
                return refuse(argument, value.to_string(), &reason);
            }
            earlier = Some(argument);
        }
        if !(0.0..=1.0).contains(&self.ema_momentum) {
            return refuse("ema_momentum", self.ema_momentum.to_string(), "give a number from 0 to 1");
        }
        if self.ema_overwrite_frequency == Some(0) {
            return refuse("ema_overwrite_frequency", "0".into(), "give a number of steps, at least 1");
        }
        if let Some(factor) = self.loss_scale_factor
            && !(factor > 0.0 && factor.is_finite())
        {
            return refuse("loss_scale_factor", factor.to_string(), "give a number above 0");
        }
        if let Some(steps @ 0..=1) = self.gradient_accumulation_steps {
            return refuse(
                "gradient_accumulation_steps",
                steps.to_string(),
                "give at least 2, or leave it out to update the weights in every step",
            );
        }
        Ok(())
    }
}

/// The builder methods of the shared arguments, and the way into the shared code, for an optimizer with a field `base`.
macro_rules! base_arguments {
    ($optimizer:ident) => {
        impl $optimizer {
            /// Decoupled weight decay: before each update weights lose this share of them, times the learning rate.
            #[must_use]
            pub fn weight_decay(mut self, rate: f32) -> Self {
                self.base.weight_decay = Some(rate);
                self
            }
            /// Names of parameters that do not decay: `["bias", "gamma", "beta"]`.
            #[must_use]
            pub fn exclude_from_weight_decay<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
                self.base.without_decay.extend(names.into_iter().map(Into::into));
                self
            }
            /// The largest norm of each parameter's gradient; a larger one is scaled down to it.
            #[must_use]
            pub fn clipnorm(mut self, norm: f32) -> Self {
                self.base.clipnorm = Some(norm);
                self
            }
            /// The largest norm of all gradients together; larger ones are scaled down to it.
            #[must_use]
            pub fn global_clipnorm(mut self, norm: f32) -> Self {
                self.base.global_clipnorm = Some(norm);
                self
            }
            /// The largest absolute value in a gradient; larger ones are cut to it.
            #[must_use]
            pub fn clipvalue(mut self, value: f32) -> Self {
                self.base.clipvalue = Some(value);
                self
            }
            /// Keeps a moving average of the weights, which takes their place at the end of `fit`.
            #[must_use]
            pub fn use_ema(mut self, use_ema: bool) -> Self {
                self.base.use_ema = use_ema;
                self
            }
            /// How much of the moving average stays in each step; 0.99 unless given.
            #[must_use]
            pub fn ema_momentum(mut self, momentum: f32) -> Self {
                self.base.ema_momentum = momentum;
                self
            }
            /// Every so many steps the moving average takes the place of the weights.
            #[must_use]
            pub fn ema_overwrite_frequency(mut self, steps: u64) -> Self {
                self.base.ema_overwrite_frequency = Some(steps);
                self
            }
            /// Updates the weights in every so many steps only, by the mean of the steps' gradients.
            #[must_use]
            pub fn gradient_accumulation_steps(mut self, steps: u64) -> Self {
                self.base.gradient_accumulation_steps = Some(steps);
                self
            }
            /// What the loss is multiplied by, and its gradients are divided by, so that small gradients are not lost in half
            /// precision. [`LossScaleOptimizer`](crate::optimizer::LossScaleOptimizer) finds such a factor by itself.
            #[must_use]
            pub fn loss_scale_factor(mut self, factor: f32) -> Self {
                self.base.loss_scale_factor = Some(factor);
                self
            }
        }

        impl keras_kernels::memory::Rule for $optimizer {
            fn update(&self, w: &mut [f32], g: &[f32], slots: keras_kernels::memory::Slots<'_>) {
                $crate::optimizer::Elementwise::with_base(self, w, g, slots);
            }

            fn skips_zeros(&self) -> bool {
                let base = &self.base;
                $crate::optimizer::Elementwise::is_stateless(self) && !base.use_ema && base.now.decay == 0.0
            }
        }
    };
}

pub(super) use base_arguments;
