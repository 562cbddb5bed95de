//! Losses: one file each.

use keras_kernels::Isa;
use keras_kernels::memory::Sample;

use crate::model::graph::Head;
use crate::target::{Target, Targets};

/// What a loss is given: some rows of one output, and what they should have been.
///
/// All slices are flat. There are `losses.len()` positions of `n` values each.
#[derive(Clone, Copy, Debug)]
pub struct Predictions<'a> {
    /// The instruction set for kernels.
    pub isa: Isa,
    /// The last dimension of the output, which one position spans.
    pub n: usize,
    /// What made the output from the logits.
    pub head: Head,
    /// The output, positions × `n`.
    pub y: &'a [f32],
    /// The logits, positions × `n`; the output itself if there is no head.
    pub logits: &'a [f32],
    /// What the output should have been.
    pub targets: Targets<'a>,
}

/// What training makes smaller, for one output `O` and targets `T`.
///
/// A loss gives one value for each position of the output (each row, where the output is a vector). The training loop
/// weighs and adds them up.
///
/// # Example
/// A loss of one's own:
/// ```
/// use keras_kernels::memory::Sample;
/// use keras_runtime::loss::{Loss, Predictions};
/// use keras_runtime::target::Targets;
///
/// /// Mean of |y − t|³.
/// struct Cubic;
///
/// impl<O: Sample<Elem = f32>> Loss<O, O> for Cubic {
///     fn name(&self) -> &str {
///         "cubic"
///     }
///     fn evaluate(&self, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>) {
///         let Targets::Dense(t) = p.targets else { return };
///         for (i, loss) in losses.iter_mut().enumerate() {
///             let row = i * p.n..(i + 1) * p.n;
///             *loss = row.map(|j| (p.y[j] - t[j]).abs().powi(3)).sum::<f32>() / p.n as f32;
///         }
///         if let Some(grad) = grad {
///             for (j, g) in grad.iter_mut().enumerate() {
///                 let e = p.y[j] - t[j];
///                 *g = scale[j / p.n] * 3.0 * e * e.abs() / p.n as f32;
///             }
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be a target of `{Self}` for the output `{O}`",
    label = "not a target of this loss",
    note = "`SparseCategoricalCrossentropy` takes class indices (`u8`, `u32`, `usize`, …); `CategoricalCrossentropy` and the other losses take targets of the output's own type"
)]
pub trait Loss<O: Sample, T: Target>: Send + Sync {
    /// Its name in Keras: `categorical_crossentropy`.
    fn name(&self) -> &str;

    /// Whether `evaluate` gives the gradient of the logits instead of that of the output, for such a head. It must not
    /// change during the life of the loss.
    fn fuses(&self, head: Head) -> bool {
        let _ = head;
        false
    }

    /// The loss of each position, unweighted, to `losses`; and to `grad`, if it is given, the gradient of
    /// Σ `scale[i]` · `losses[i]`: with respect to the logits if [`Loss::fuses`], otherwise to the output.
    fn evaluate(&self, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>);
}
