//! Metrics: one file each.

use keras_kernels::memory::Sample;

use crate::loss::Predictions;
use crate::target::Target;

/// A figure that is collected over the batches of an epoch, for one output `O` and targets `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not measure targets `{T}` of the output `{O}`",
    label = "not a metric for these targets"
)]
pub trait Metric<O: Sample, T: Target>: Send + Sync {
    /// Its name in the logs: `accuracy`.
    fn name(&self) -> &str;
    /// Whether larger is better; what `mode = auto` of callbacks goes by.
    fn larger_is_better(&self) -> Option<bool> {
        None
    }
    /// Takes some rows into account; `weights` has one number for each position.
    fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>);
    /// The figure over all that came since the last reset.
    fn result(&self) -> f64;
    /// Forgets everything.
    fn reset(&mut self);
}
