//! Metrics: one file each.
//!
//! | in Keras | here |
//! |---|---|
//! | `metrics=["accuracy"]` | `(Accuracy::default(),)`, or `("accuracy".parse::<AnyMetric>()?,)` |
//! | `TopKCategoricalAccuracy(k=3, name="top3")` | `TopKCategoricalAccuracy::new(3).named("top3")` |
//!
//! A metric is a mean over the positions of an epoch. With weights it is divided by their sum, whereas a loss is divided
//! by the number of positions; both as in Keras.

mod mean;
mod rank;

pub use mean::Mean;

use core::str::FromStr;

use keras_kernels::memory::Sample;

use crate::Result;
use crate::error::Error;
use crate::loss::{Accept, AnyTarget, BinaryTarget, ClassTarget, DenseTarget, Predictions};
use crate::target::Target;

/// What a metric of this crate is made of, whatever the types of outputs and targets.
pub(crate) trait Measure {
    /// The mean it keeps.
    fn mean(&self) -> &Mean;
    /// The same, to be changed.
    fn mean_mut(&mut self) -> &mut Mean;
    fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>);
    fn result(&self) -> f64 {
        self.mean().result()
    }
    /// What devices know it as.
    #[cfg(feature = "cuda")]
    fn score(&self) -> crate::device::Score;
}

/// Each metric: its file, its type, its name, its other names, the targets that it takes, whether larger is better.
macro_rules! metrics {
    ($($file:ident::$metric:ident $name:literal [$($alias:literal)*] $target:ident $larger:literal;)*) => {
        $(mod $file; pub use $file::$metric;)*

        $(impl $metric {
            /// The name of the figure in logs, where Keras's own would not do.
            #[must_use]
            pub fn named(mut self, name: impl Into<String>) -> Self {
                self.name = Some(name.into());
                self
            }
        }

        impl<O: Sample, T: Target + $target<O>> Metric<O, T> for $metric {
            fn name(&self) -> &str {
                self.name.as_deref().unwrap_or($name)
            }
            fn larger_is_better(&self) -> Option<bool> {
                Some($larger)
            }
            fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>) {
                Measure::update(self, p, weights);
            }
            fn check(&self) -> Result<()> {
                Accept::$target.check::<O, T>("metric", $name)
            }
            fn result(&self) -> f64 {
                Measure::result(self)
            }
            fn reset(&mut self) {
                *self.mean_mut() = Mean::default();
            }
            #[cfg(feature = "cuda")]
            fn built_in(&self) -> Option<AnyMetric> {
                Some(self.clone().into())
            }
            #[cfg(feature = "cuda")]
            fn set(&mut self, mean: Mean) {
                *self.mean_mut() = mean;
            }
        })*

        /// A metric that is chosen at run time, by name or by `into()`.
        ///
        /// Whether it suits outputs and targets is checked before training, by [`Metric::check`].
        ///
        /// ```
        /// use keras_runtime::metric::{AnyMetric, Metric};
        /// let metric: AnyMetric = "accuracy".parse()?;
        /// assert!(Metric::<[f32; 10], u8>::check(&metric).is_ok());
        /// assert!(Metric::<[f32; 10], [f32; 3]>::check(&metric).is_err());
        /// # Ok::<(), keras_runtime::Error>(())
        /// ```
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum AnyMetric {
            $(
                #[doc = concat!("[`", stringify!($metric), "`]")]
                $metric($metric),
            )*
        }

        $(impl From<$metric> for AnyMetric {
            fn from(metric: $metric) -> AnyMetric {
                AnyMetric::$metric(metric)
            }
        })*

        impl AnyMetric {
            pub(crate) fn measure(&self) -> &dyn Measure {
                match self {
                    $(AnyMetric::$metric(metric) => metric,)*
                }
            }
            pub(crate) fn measure_mut(&mut self) -> &mut dyn Measure {
                match self {
                    $(AnyMetric::$metric(metric) => metric,)*
                }
            }
            fn log_name(&self) -> &str {
                match self {
                    $(AnyMetric::$metric(metric) => metric.name.as_deref().unwrap_or($name),)*
                }
            }
            fn accept(&self) -> Accept {
                match self {
                    $(AnyMetric::$metric(_) => Accept::$target,)*
                }
            }
            fn larger(&self) -> bool {
                match self {
                    $(AnyMetric::$metric(_) => $larger,)*
                }
            }
        }

        impl FromStr for AnyMetric {
            type Err = Error;

            /// The metric of this name (`"accuracy"`, `"MeanSquaredError"`, `"mse"`) with its default arguments.
            fn from_str(name: &str) -> Result<AnyMetric> {
                $(if [$name, $($alias),*].iter().any(|known| crate::named::means(name, known)) {
                    return Ok($metric::default().into());
                })*
                Err(crate::named::unknown("metric", name, &[$($name, $($alias,)*)*]))
            }
        }
    };
}

metrics! {
    accuracy::Accuracy "accuracy" ["acc"] AnyTarget true;
    binary_accuracy::BinaryAccuracy "binary_accuracy" [] BinaryTarget true;
    categorical_accuracy::CategoricalAccuracy "categorical_accuracy" [] DenseTarget true;
    sparse_categorical_accuracy::SparseCategoricalAccuracy "sparse_categorical_accuracy" [] ClassTarget true;
    top_k_categorical_accuracy::TopKCategoricalAccuracy "top_k_categorical_accuracy" [] DenseTarget true;
    sparse_top_k_categorical_accuracy::SparseTopKCategoricalAccuracy
        "sparse_top_k_categorical_accuracy" [] ClassTarget true;
    categorical_crossentropy::CategoricalCrossentropy "categorical_crossentropy" [] DenseTarget false;
    sparse_categorical_crossentropy::SparseCategoricalCrossentropy
        "sparse_categorical_crossentropy" [] ClassTarget false;
    binary_crossentropy::BinaryCrossentropy "binary_crossentropy" ["bce"] BinaryTarget false;
    kl_divergence::KLDivergence "kl_divergence" ["kld"] DenseTarget false;
    mean_squared_error::MeanSquaredError "mean_squared_error" ["mse"] DenseTarget false;
    mean_absolute_error::MeanAbsoluteError "mean_absolute_error" ["mae"] DenseTarget false;
    root_mean_squared_error::RootMeanSquaredError "root_mean_squared_error" ["rmse"] DenseTarget false;
}

impl<O: Sample, T: Target> Metric<O, T> for AnyMetric {
    fn name(&self) -> &str {
        self.log_name()
    }
    fn check(&self) -> Result<()> {
        self.accept().check::<O, T>("metric", self.log_name())
    }
    fn larger_is_better(&self) -> Option<bool> {
        Some(self.larger())
    }
    fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>) {
        self.measure_mut().update(p, weights);
    }
    fn result(&self) -> f64 {
        self.measure().result()
    }
    fn reset(&mut self) {
        *self.measure_mut().mean_mut() = Mean::default();
    }
    #[cfg(feature = "cuda")]
    fn built_in(&self) -> Option<AnyMetric> {
        Some(self.clone())
    }
    #[cfg(feature = "cuda")]
    fn set(&mut self, mean: Mean) {
        *self.measure_mut().mean_mut() = mean;
    }
}

/// A figure that is collected over the batches of an epoch, for one output `O` and targets `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not measure targets `{T}` of the output `{O}`",
    label = "not a metric for these targets"
)]
pub trait Metric<O: Sample, T: Target>: Send + Sync {
    /// Its name in the logs: `accuracy`.
    fn name(&self) -> &str;
    /// Whether it suits outputs `O` and targets `T`; asked before training, for metrics that are chosen at run time.
    ///
    /// # Errors
    /// If it does not.
    fn check(&self) -> Result<()> {
        Ok(())
    }
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

    /// The metric of this crate that it is, which [devices](crate::device) have kernels for; nothing for one's own.
    #[cfg(feature = "cuda")]
    fn built_in(&self) -> Option<AnyMetric> {
        None
    }

    /// Puts what a device has collected in the place of what there is.
    #[cfg(feature = "cuda")]
    fn set(&mut self, mean: Mean) {
        let _ = mean;
    }
}
