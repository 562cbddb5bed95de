//! Losses: one file each.
//!
//! | in Keras | here |
//! |---|---|
//! | `CategoricalCrossentropy(label_smoothing=0.1)` | `CategoricalCrossentropy::default().label_smoothing(0.1)` |
//! | `"mse"` | `"mse".parse::<AnyLoss>()?` |
//!
//! Where an output ends in softmax or sigmoid and its loss is the matching cross-entropy, the loss is computed from the
//! logits: nothing is clipped, however sure the model is. Keras on TensorFlow does the same; on its other backends it
//! clips probabilities to \[1e-7, 1 − 1e-7\], as is done here for outputs without such a head.

mod accept;
mod reduction;
mod rows;

pub use accept::{AnyTarget, BinaryTarget, ClassTarget, DenseTarget};
pub use reduction::Reduction;

use core::ops::Range;
use core::str::FromStr;

use keras_kernels::Isa;
use keras_kernels::memory::Sample;

use crate::Result;
use crate::error::Error;
use crate::model::graph::Head;
use crate::target::{Target, Targets};

pub(crate) use accept::Accept;

/// What a loss of this crate is made of, whatever the types of outputs and targets.
pub(crate) trait Formula {
    fn fuses(&self, head: Head) -> bool {
        let _ = head;
        false
    }
    fn reduction(&self) -> Reduction;
    fn ignored_class(&self) -> Option<u32> {
        None
    }
    fn evaluate(&self, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>);
    /// What devices know it as.
    #[cfg(feature = "cuda")]
    fn score(&self) -> crate::device::Score;
}

/// Each loss: its file, its type, its name, its other names, the targets that it takes.
macro_rules! losses {
    ($($file:ident::$loss:ident $name:literal [$($alias:literal)*] $target:ident;)*) => {
        $(mod $file; pub use $file::$loss;)*

        $(impl $loss {
            /// How the losses of a batch become one number; the sum over the batch size unless given.
            #[must_use]
            pub fn reduction(mut self, reduction: Reduction) -> Self {
                self.reduction = reduction;
                self
            }
        }

        impl<O: Sample, T: Target + $target<O>> Loss<O, T> for $loss {
            fn name(&self) -> &str {
                $name
            }
            fn check(&self) -> Result<()> {
                Accept::$target.check::<O, T>("loss", $name)
            }
            fn fuses(&self, head: Head) -> bool {
                Formula::fuses(self, head)
            }
            fn reduction(&self) -> Reduction {
                Formula::reduction(self)
            }
            fn ignored_class(&self) -> Option<u32> {
                Formula::ignored_class(self)
            }
            fn evaluate(&self, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>) {
                Formula::evaluate(self, p, scale, losses, grad);
            }
            #[cfg(feature = "cuda")]
            fn built_in(&self) -> Option<AnyLoss> {
                Some(self.clone().into())
            }
        })*

        /// A loss that is chosen at run time, by name or by `into()`.
        ///
        /// Whether it suits outputs and targets is checked before training, by [`Loss::check`].
        ///
        /// ```
        /// use keras_runtime::loss::{AnyLoss, CategoricalCrossentropy, Loss};
        /// let loss: AnyLoss = "categorical_crossentropy".parse()?;
        /// assert!(Loss::<[f32; 10], [f32; 10]>::check(&loss).is_ok());
        /// assert!(Loss::<[f32; 10], u8>::check(&loss).is_err());
        /// let smoothed = AnyLoss::from(CategoricalCrossentropy::default().label_smoothing(0.1));
        /// # Ok::<(), keras_runtime::Error>(())
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum AnyLoss {
            $(
                #[doc = concat!("[`", stringify!($loss), "`]")]
                $loss($loss),
            )*
        }

        $(impl From<$loss> for AnyLoss {
            fn from(loss: $loss) -> AnyLoss {
                AnyLoss::$loss(loss)
            }
        })*

        impl AnyLoss {
            pub(crate) fn formula(&self) -> &dyn Formula {
                match self {
                    $(AnyLoss::$loss(loss) => loss,)*
                }
            }
            fn keras_name(&self) -> &'static str {
                match self {
                    $(AnyLoss::$loss(_) => $name,)*
                }
            }
            fn accept(&self) -> Accept {
                match self {
                    $(AnyLoss::$loss(_) => Accept::$target,)*
                }
            }
        }

        impl FromStr for AnyLoss {
            type Err = Error;

            /// The loss of this name (`"mean_squared_error"`, `"MeanSquaredError"`, `"mse"`) with its default arguments.
            fn from_str(name: &str) -> Result<AnyLoss> {
                $(if [$name, $($alias),*].iter().any(|known| crate::named::means(name, known)) {
                    return Ok($loss::default().into());
                })*
                Err(crate::named::unknown("loss", name, &[$($name, $($alias,)*)*]))
            }
        }
    };
}

losses! {
    categorical_crossentropy::CategoricalCrossentropy "categorical_crossentropy" [] DenseTarget;
    sparse_categorical_crossentropy::SparseCategoricalCrossentropy "sparse_categorical_crossentropy" [] ClassTarget;
    binary_crossentropy::BinaryCrossentropy "binary_crossentropy" ["bce"] BinaryTarget;
    kl_divergence::KLDivergence "kl_divergence" ["kld"] DenseTarget;
    mean_squared_error::MeanSquaredError "mean_squared_error" ["mse"] DenseTarget;
    mean_absolute_error::MeanAbsoluteError "mean_absolute_error" ["mae"] DenseTarget;
}

impl<O: Sample, T: Target> Loss<O, T> for AnyLoss {
    fn name(&self) -> &str {
        self.keras_name()
    }
    fn check(&self) -> Result<()> {
        self.accept().check::<O, T>("loss", self.keras_name())
    }
    fn fuses(&self, head: Head) -> bool {
        self.formula().fuses(head)
    }
    fn reduction(&self) -> Reduction {
        self.formula().reduction()
    }
    fn ignored_class(&self) -> Option<u32> {
        self.formula().ignored_class()
    }
    fn evaluate(&self, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>) {
        self.formula().evaluate(p, scale, losses, grad);
    }
    #[cfg(feature = "cuda")]
    fn built_in(&self) -> Option<AnyLoss> {
        Some(self.clone())
    }
}

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

impl<'a> Predictions<'a> {
    /// How many positions there are.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.y.len() / self.n.max(1)
    }

    /// Some of the positions.
    ///
    /// # Panics
    /// If they are beyond the end.
    #[must_use]
    pub fn slice(&self, positions: Range<usize>) -> Predictions<'a> {
        let flat = positions.start * self.n..positions.end * self.n;
        let targets = match self.targets {
            Targets::Dense(t) => Targets::Dense(&t[flat.clone()]),
            Targets::Classes(t) => Targets::Classes(&t[positions]),
        };
        Predictions { y: &self.y[flat.clone()], logits: &self.logits[flat], targets, ..*self }
    }
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

    /// Whether it suits outputs `O` and targets `T`; asked before training, for losses that are chosen at run time.
    ///
    /// # Errors
    /// If it does not.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// How the losses of a batch become one number: what `scale` of [`Loss::evaluate`] is computed from.
    fn reduction(&self) -> Reduction {
        Reduction::default()
    }

    /// The class whose positions do not count: [`Reduction`] divides by the number of the others.
    fn ignored_class(&self) -> Option<u32> {
        None
    }

    /// Whether `evaluate` gives the gradient of the logits instead of that of the output, for such a head. It must not
    /// change during the life of the loss.
    fn fuses(&self, head: Head) -> bool {
        let _ = head;
        false
    }

    /// The loss of each position, unweighted, to `losses`; and to `grad`, if it is given, the gradient of
    /// Σ `scale[i]` · `losses[i]`: with respect to the logits if [`Loss::fuses`], otherwise to the output.
    fn evaluate(&self, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>);

    /// The loss of this crate that it is, which [devices](crate::device) have kernels for; nothing for one's own.
    #[cfg(feature = "cuda")]
    fn built_in(&self) -> Option<AnyLoss> {
        None
    }
}
