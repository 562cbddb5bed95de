//! Learning rates that change from step to step: one file each.

mod cosine_decay;
mod cosine_decay_restarts;
mod exponential_decay;
mod inverse_time_decay;
mod piecewise_constant_decay;
mod polynomial_decay;

pub use cosine_decay::CosineDecay;
pub use cosine_decay_restarts::CosineDecayRestarts;
pub use exponential_decay::ExponentialDecay;
pub use inverse_time_decay::InverseTimeDecay;
pub use piecewise_constant_decay::PiecewiseConstantDecay;
pub use polynomial_decay::PolynomialDecay;

/// A learning rate for each step. A closure is one too.
///
/// ```
/// use keras_runtime::optimizer::Sgd;
/// let sgd = Sgd::new(|step: u64| 0.1 / (1.0 + step as f32));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a learning rate",
    label = "neither a number nor a schedule",
    note = "a learning rate is a number such as `0.01`, a schedule such as `ExponentialDecay::new(0.1, 1000, 0.96)`, or a closure `|step: u64| -> f32`"
)]
pub trait Schedule: Send + Sync {
    /// The learning rate of a step (a batch), counted from 0.
    fn learning_rate(&self, step: u64) -> f32;
}

impl<F: Fn(u64) -> f32 + Send + Sync> Schedule for F {
    fn learning_rate(&self, step: u64) -> f32 {
        self(step)
    }
}
