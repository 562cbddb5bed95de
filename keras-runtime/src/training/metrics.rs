//! The metrics of all outputs of a model.

use keras_kernels::memory::Sample;

use super::TargetSet;
use crate::Result;
use crate::loss::Predictions;
use crate::metric::Metric;
#[cfg(feature = "cuda")]
use crate::metric::{AnyMetric, Mean};
use crate::model::Outputs;
use crate::target::Target;

/// The metrics of one output: a tuple of them, which may be empty.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the metrics of an output",
    label = "expected a tuple of metrics",
    note = "metrics are a tuple: `()`, `(Accuracy::default(),)` with its comma, `(Accuracy::default(), MeanAbsoluteError::default())`"
)]
pub trait OutputMetrics<O: Sample, T: Target>: Send + Sync {
    /// How many there are.
    const COUNT: usize;
    /// [`Metric::check`] of all.
    ///
    /// # Errors
    /// If one does not suit the output and its targets.
    fn check(&self) -> Result<()>;
    /// [`Metric::name`] of metric `j`.
    fn name(&self, j: usize) -> &str;
    /// [`Metric::larger_is_better`] of metric `j`.
    fn larger_is_better(&self, j: usize) -> Option<bool>;
    /// [`Metric::update`] of all.
    fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>);
    /// [`Metric::result`] of metric `j`.
    fn result(&self, j: usize) -> f64;
    /// [`Metric::reset`] of all.
    fn reset(&mut self);
    /// [`Metric::built_in`] of metric `j`.
    #[cfg(feature = "cuda")]
    fn built_in(&self, j: usize) -> Option<AnyMetric>;
    /// [`Metric::set`] of metric `j`.
    #[cfg(feature = "cuda")]
    fn set(&mut self, j: usize, mean: Mean);
}

/// The metrics of a model: those of its output, or a tuple of those of each output where there are several. `()` stands
/// for none at all.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the metrics of a model whose output is `{O}`",
    label = "this model's metrics are not a tuple that fits its outputs",
    note = "the metrics of a model of one output are a tuple, `(Accuracy::default(),)` with its comma; those of a model of several outputs are a tuple of such tuples, `((Accuracy::default(),), ())`"
)]
pub trait Metrics<O: Outputs, T: TargetSet>: Send + Sync {
    /// How many output `i` has.
    fn count(i: usize) -> usize;
    /// [`Metric::check`] of all.
    ///
    /// # Errors
    /// If one does not suit its output and targets.
    fn check(&self) -> Result<()>;
    /// [`Metric::name`] of metric `j` of output `i`.
    fn name(&self, i: usize, j: usize) -> &str;
    /// [`Metric::larger_is_better`] of metric `j` of output `i`.
    fn larger_is_better(&self, i: usize, j: usize) -> Option<bool>;
    /// [`Metric::update`] of all of output `i`.
    fn update(&mut self, i: usize, p: Predictions<'_>, weights: Option<&[f32]>);
    /// [`Metric::result`] of metric `j` of output `i`.
    fn result(&self, i: usize, j: usize) -> f64;
    /// [`Metric::reset`] of all.
    fn reset(&mut self);
    /// [`Metric::built_in`] of metric `j` of output `i`.
    #[cfg(feature = "cuda")]
    fn built_in(&self, i: usize, j: usize) -> Option<AnyMetric>;
    /// [`Metric::set`] of metric `j` of output `i`.
    #[cfg(feature = "cuda")]
    fn set(&mut self, i: usize, j: usize, mean: Mean);
}

macro_rules! output_metrics {
    ($count:literal; $($m:ident $j:tt),*) => {
        #[allow(unused_variables)]
        impl<O: Sample, T: Target, $($m: Metric<O, T>),*> OutputMetrics<O, T> for ($($m,)*) {
            const COUNT: usize = $count;

            fn check(&self) -> Result<()> {
                $(self.$j.check()?;)*
                Ok(())
            }
            fn name(&self, j: usize) -> &str {
                match j {
                    $($j => self.$j.name(),)*
                    _ => unreachable!("metric {j} of {}", $count),
                }
            }
            fn larger_is_better(&self, j: usize) -> Option<bool> {
                match j {
                    $($j => self.$j.larger_is_better(),)*
                    _ => unreachable!("metric {j} of {}", $count),
                }
            }
            fn update(&mut self, p: Predictions<'_>, weights: Option<&[f32]>) {
                $(self.$j.update(p, weights);)*
            }
            fn result(&self, j: usize) -> f64 {
                match j {
                    $($j => self.$j.result(),)*
                    _ => unreachable!("metric {j} of {}", $count),
                }
            }
            fn reset(&mut self) {
                $(self.$j.reset();)*
            }
            #[cfg(feature = "cuda")]
            fn built_in(&self, j: usize) -> Option<AnyMetric> {
                match j {
                    $($j => self.$j.built_in(),)*
                    _ => None,
                }
            }
            #[cfg(feature = "cuda")]
            fn set(&mut self, j: usize, mean: Mean) {
                match j {
                    $($j => self.$j.set(mean),)*
                    _ => unreachable!("metric {j} of {}", $count),
                }
            }
        }
    };
}

output_metrics!(0;);
output_metrics!(1; A 0);
output_metrics!(2; A 0, B 1);
output_metrics!(3; A 0, B 1, C 2);
output_metrics!(4; A 0, B 1, C 2, D 3);
output_metrics!(5; A 0, B 1, C 2, D 3, E 4);
output_metrics!(6; A 0, B 1, C 2, D 3, E 4, F 5);

impl<S, const N: usize, T, M> Metrics<[S; N], T> for M
where
    S: Sample<Elem = f32>,
    T: Target + TargetSet,
    M: OutputMetrics<[S; N], T>,
{
    fn count(_: usize) -> usize {
        M::COUNT
    }
    fn check(&self) -> Result<()> {
        OutputMetrics::check(self)
    }
    fn name(&self, _: usize, j: usize) -> &str {
        OutputMetrics::name(self, j)
    }
    fn larger_is_better(&self, _: usize, j: usize) -> Option<bool> {
        OutputMetrics::larger_is_better(self, j)
    }
    #[inline]
    fn update(&mut self, _: usize, p: Predictions<'_>, weights: Option<&[f32]>) {
        OutputMetrics::update(self, p, weights);
    }
    #[inline]
    fn result(&self, _: usize, j: usize) -> f64 {
        OutputMetrics::result(self, j)
    }
    fn reset(&mut self) {
        OutputMetrics::reset(self);
    }
    #[cfg(feature = "cuda")]
    fn built_in(&self, _: usize, j: usize) -> Option<AnyMetric> {
        OutputMetrics::built_in(self, j)
    }
    #[cfg(feature = "cuda")]
    fn set(&mut self, _: usize, j: usize, mean: Mean) {
        OutputMetrics::set(self, j, mean);
    }
}

macro_rules! metrics {
    ($($m:ident $o:ident $t:ident $i:tt),*) => {
        impl<$($m, $o, $t),*> Metrics<($($o,)*), ($($t,)*)> for ($($m,)*)
        where
            $($o: Sample<Elem = f32>, $t: Target, $m: OutputMetrics<$o, $t>,)*
        {
            fn count(i: usize) -> usize {
                [$($m::COUNT),*][i]
            }
            fn check(&self) -> Result<()> {
                $(self.$i.check()?;)*
                Ok(())
            }
            fn name(&self, i: usize, j: usize) -> &str {
                match i {
                    $($i => self.$i.name(j),)*
                    _ => unreachable!("metrics of output {i}"),
                }
            }
            fn larger_is_better(&self, i: usize, j: usize) -> Option<bool> {
                match i {
                    $($i => self.$i.larger_is_better(j),)*
                    _ => unreachable!("metrics of output {i}"),
                }
            }
            fn update(&mut self, i: usize, p: Predictions<'_>, weights: Option<&[f32]>) {
                match i {
                    $($i => self.$i.update(p, weights),)*
                    _ => unreachable!("metrics of output {i}"),
                }
            }
            fn result(&self, i: usize, j: usize) -> f64 {
                match i {
                    $($i => self.$i.result(j),)*
                    _ => unreachable!("metrics of output {i}"),
                }
            }
            fn reset(&mut self) {
                $(self.$i.reset();)*
            }
            #[cfg(feature = "cuda")]
            fn built_in(&self, i: usize, j: usize) -> Option<AnyMetric> {
                match i {
                    $($i => self.$i.built_in(j),)*
                    _ => None,
                }
            }
            #[cfg(feature = "cuda")]
            fn set(&mut self, i: usize, j: usize, mean: Mean) {
                match i {
                    $($i => self.$i.set(j, mean),)*
                    _ => unreachable!("metrics of output {i}"),
                }
            }
        }

        #[allow(unused_variables)]
        impl<$($o, $t),*> Metrics<($($o,)*), ($($t,)*)> for ()
        where
            $($o: Sample<Elem = f32>, $t: Target,)*
        {
            fn count(_: usize) -> usize {
                0
            }
            fn check(&self) -> Result<()> {
                Ok(())
            }
            fn name(&self, i: usize, j: usize) -> &str {
                unreachable!("metric {j} of none")
            }
            fn larger_is_better(&self, i: usize, j: usize) -> Option<bool> {
                None
            }
            fn update(&mut self, i: usize, p: Predictions<'_>, weights: Option<&[f32]>) {}
            fn result(&self, i: usize, j: usize) -> f64 {
                unreachable!("metric {j} of none")
            }
            fn reset(&mut self) {}
            #[cfg(feature = "cuda")]
            fn built_in(&self, i: usize, j: usize) -> Option<AnyMetric> {
                None
            }
            #[cfg(feature = "cuda")]
            fn set(&mut self, i: usize, j: usize, mean: Mean) {}
        }
    };
}

metrics!(M A T 0);
metrics!(M A T 0, N B U 1);
metrics!(M A T 0, N B U 1, P C V 2);
metrics!(M A T 0, N B U 1, P C V 2, Q D W 3);
