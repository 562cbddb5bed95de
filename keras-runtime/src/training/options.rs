//! The arguments of `fit`, `evaluate` and `predict`.

use super::{IntoBatch, TargetSet};
use crate::callback::Callback;
use crate::model::Samples;
use crate::{Error, Result};

/// When an epoch is followed by validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValidationFreq {
    /// After every so many epochs.
    Every(usize),
    /// After these epochs, counted from 1.
    After(Vec<usize>),
}

impl ValidationFreq {
    /// The number of epochs from one validation to the next, if that is constant.
    pub(crate) fn every(&self) -> Option<usize> {
        match self {
            ValidationFreq::Every(n) => Some(*n),
            ValidationFreq::After(_) => None,
        }
    }

    /// Whether this epoch, counted from 0, is followed by validation.
    pub(crate) fn includes(&self, epoch: usize) -> bool {
        match self {
            ValidationFreq::Every(n) => (epoch + 1).is_multiple_of(*n),
            ValidationFreq::After(epochs) => epochs.contains(&(epoch + 1)),
        }
    }
}

impl From<usize> for ValidationFreq {
    fn from(every: usize) -> ValidationFreq {
        ValidationFreq::Every(every)
    }
}

impl<const N: usize> From<[usize; N]> for ValidationFreq {
    fn from(epochs: [usize; N]) -> ValidationFreq {
        ValidationFreq::After(epochs.into())
    }
}

/// The arguments of [`Compiled::fit`](crate::Compiled::fit), with Keras's names and defaults.
///
/// ```
/// use keras_runtime::Fit;
/// let fit = Fit::epochs(5).batch_size(128).validation_split(0.1);
/// ```
pub struct Fit<'a, V = ()> {
    pub(crate) plan: Plan<'a>,
    pub(crate) validation_data: V,
}

/// All but the validation data, whose type is the caller's.
pub(crate) struct Plan<'a> {
    pub(crate) epochs: usize,
    pub(crate) batch_size: usize,
    pub(crate) verbose: u8,
    pub(crate) callbacks: Vec<Box<dyn Callback + 'a>>,
    pub(crate) validation_split: f64,
    pub(crate) shuffle: bool,
    pub(crate) class_weight: Vec<(u32, f32)>,
    pub(crate) sample_weight: Option<&'a [f32]>,
    pub(crate) initial_epoch: usize,
    pub(crate) steps_per_epoch: Option<usize>,
    pub(crate) validation_steps: Option<usize>,
    pub(crate) validation_batch_size: Option<usize>,
    pub(crate) validation_freq: ValidationFreq,
}

impl<'a> Fit<'a> {
    /// How many epochs; batches of 32 in random order, and a progress line, unless said otherwise.
    #[must_use]
    pub fn epochs(epochs: usize) -> Fit<'a> {
        let plan = Plan {
            epochs,
            batch_size: 32,
            verbose: 1,
            callbacks: Vec::new(),
            validation_split: 0.0,
            shuffle: true,
            class_weight: Vec::new(),
            sample_weight: None,
            initial_epoch: 0,
            steps_per_epoch: None,
            validation_steps: None,
            validation_batch_size: None,
            validation_freq: ValidationFreq::Every(1),
        };
        Fit { plan, validation_data: () }
    }
}

impl<'a, V> Fit<'a, V> {
    /// Rows of a batch; the last one of an epoch may have fewer.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.plan.batch_size = batch_size;
        self
    }

    /// 0: silent; 1: a progress line; 2: one line for each epoch. Where standard output is no terminal, 1 is as 2.
    #[must_use]
    pub fn verbose(mut self, verbose: u8) -> Self {
        self.plan.verbose = verbose;
        self
    }

    /// Adds a callback, or a mutable reference to one that is to be looked at afterwards. Their hooks are called in the
    /// order in which they were added.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
        self.plan.callbacks.push(Box::new(callback));
        self
    }

    /// The share of the data, from the end, that is not trained on but validated with: from row ⌊n (1 − share)⌋ on.
    #[must_use]
    pub fn validation_split(mut self, share: f64) -> Self {
        self.plan.validation_split = share;
        self
    }

    /// Data to validate with after each epoch.
    #[must_use]
    pub fn validation_data<X, Y>(self, x: X, y: Y) -> Fit<'a, (X, Y)> {
        self.with_validation((x, y))
    }

    /// Data to validate with after each epoch, and the weight of each sample.
    #[must_use]
    pub fn weighted_validation_data<X, Y>(self, x: X, y: Y, sample_weight: &'a [f32]) -> Fit<'a, (X, Y, &'a [f32])> {
        self.with_validation((x, y, sample_weight))
    }

    fn with_validation<W>(self, validation_data: W) -> Fit<'a, W> {
        Fit { plan: self.plan, validation_data }
    }

    /// Whether each epoch has the samples in a random order of its own; true unless said otherwise.
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.plan.shuffle = shuffle;
        self
    }

    /// What samples of a class count in the loss; classes that are not listed count 1. For models of one output, and not
    /// together with [`Fit::sample_weight`].
    #[must_use]
    pub fn class_weight(mut self, weights: &[(u32, f32)]) -> Self {
        self.plan.class_weight = weights.to_vec();
        self
    }

    /// What each sample counts in the loss and in weighted metrics.
    #[must_use]
    pub fn sample_weight(mut self, weights: &'a [f32]) -> Self {
        self.plan.sample_weight = Some(weights);
        self
    }

    /// The epoch to begin with, to go on with an earlier training; epochs are counted up to the same end.
    #[must_use]
    pub fn initial_epoch(mut self, epoch: usize) -> Self {
        self.plan.initial_epoch = epoch;
        self
    }

    /// Batches in an epoch, if not all. The next epoch goes on where this one ended.
    #[must_use]
    pub fn steps_per_epoch(mut self, steps: usize) -> Self {
        self.plan.steps_per_epoch = Some(steps);
        self
    }

    /// Batches of a validation, if not all.
    #[must_use]
    pub fn validation_steps(mut self, steps: usize) -> Self {
        self.plan.validation_steps = Some(steps);
        self
    }

    /// Rows of a batch in validation, if not those of training.
    #[must_use]
    pub fn validation_batch_size(mut self, batch_size: usize) -> Self {
        self.plan.validation_batch_size = Some(batch_size);
        self
    }

    /// After how many epochs there is a validation each time, or after which: `2`, `[1, 5, 10]`.
    #[must_use]
    pub fn validation_freq(mut self, freq: impl Into<ValidationFreq>) -> Self {
        self.plan.validation_freq = freq.into();
        self
    }
}

/// What [`Fit::validation_data`] may be given.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be validation data for inputs `{X}` and targets `{T}`",
    label = "not the types that the model is trained with",
    note = "validation data have the types of the training data: `.validation_data(&x_val, &y_val)`"
)]
pub trait ValidationData<'a, X: Samples, T: Samples> {
    /// Inputs, targets and sample weights.
    #[allow(clippy::type_complexity)]
    fn parts(self) -> Option<(X::Batch<'a>, T::Batch<'a>, Option<&'a [f32]>)>;
}

impl<'a, X: Samples, T: Samples> ValidationData<'a, X, T> for () {
    fn parts(self) -> Option<(X::Batch<'a>, T::Batch<'a>, Option<&'a [f32]>)> {
        None
    }
}

impl<'a, X: IntoBatch<'a>, Y: IntoBatch<'a, Sample: TargetSet>> ValidationData<'a, X::Sample, Y::Sample> for (X, Y) {
    fn parts(
        self,
    ) -> Option<(<X::Sample as Samples>::Batch<'a>, <Y::Sample as Samples>::Batch<'a>, Option<&'a [f32]>)> {
        Some((self.0.into_batch(), self.1.into_batch(), None))
    }
}

impl<'a, X: IntoBatch<'a>, Y: IntoBatch<'a, Sample: TargetSet>> ValidationData<'a, X::Sample, Y::Sample>
    for (X, Y, &'a [f32])
{
    fn parts(
        self,
    ) -> Option<(<X::Sample as Samples>::Batch<'a>, <Y::Sample as Samples>::Batch<'a>, Option<&'a [f32]>)> {
        Some((self.0.into_batch(), self.1.into_batch(), Some(self.2)))
    }
}

/// Methods that the arguments of `evaluate` and `predict` share.
macro_rules! shared {
    ($options:ident) => {
        impl<'a> $options<'a> {
            /// Rows of a batch; the last one may have fewer.
            #[must_use]
            pub fn batch_size(batch_size: usize) -> $options<'a> {
                $options { batch_size, ..$options::default() }
            }

            /// 0: silent; 1: a progress line; 2: one line at the end. Where standard output is no terminal, 1 is as 2.
            #[must_use]
            pub fn verbose(mut self, verbose: u8) -> Self {
                self.verbose = verbose;
                self
            }

            /// Adds a callback, or a mutable reference to one.
            #[must_use]
            pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
                self.callbacks.push(Box::new(callback));
                self
            }

            /// How many batches, if not all.
            #[must_use]
            pub fn steps(mut self, steps: usize) -> Self {
                self.steps = Some(steps);
                self
            }
        }

        impl From<usize> for $options<'_> {
            fn from(batch_size: usize) -> Self {
                $options::batch_size(batch_size)
            }
        }
    };
}

/// The arguments of [`Compiled::evaluate`](crate::Compiled::evaluate): a batch size alone, or more.
///
/// ```
/// use keras_runtime::Evaluate;
/// let evaluate = Evaluate::batch_size(128).verbose(0);
/// ```
pub struct Evaluate<'a> {
    pub(crate) batch_size: usize,
    pub(crate) verbose: u8,
    pub(crate) callbacks: Vec<Box<dyn Callback + 'a>>,
    pub(crate) sample_weight: Option<&'a [f32]>,
    pub(crate) steps: Option<usize>,
}

impl Default for Evaluate<'_> {
    fn default() -> Self {
        Evaluate { batch_size: 32, verbose: 1, callbacks: Vec::new(), sample_weight: None, steps: None }
    }
}

shared!(Evaluate);

impl<'a> Evaluate<'a> {
    /// What each sample counts in the loss and in weighted metrics.
    #[must_use]
    pub fn sample_weight(mut self, weights: &'a [f32]) -> Self {
        self.sample_weight = Some(weights);
        self
    }
}

/// The arguments of [`Compiled::predict_with`](crate::Compiled::predict_with): a batch size alone, or more.
pub struct Predicting<'a> {
    pub(crate) batch_size: usize,
    pub(crate) verbose: u8,
    pub(crate) callbacks: Vec<Box<dyn Callback + 'a>>,
    pub(crate) steps: Option<usize>,
}

impl Default for Predicting<'_> {
    fn default() -> Self {
        Predicting { batch_size: 32, verbose: 1, callbacks: Vec::new(), steps: None }
    }
}

shared!(Predicting);

/// Refuses a verbosity that there is not.
pub(crate) fn check_verbose(verbose: u8) -> Result<()> {
    if verbose > 2 {
        let reason = "0 is silent, 1 a progress line, 2 one line for each epoch";
        return Err(Error::Argument { argument: "verbose", value: verbose.to_string(), reason: reason.into() });
    }
    Ok(())
}

/// Refuses 0.
pub(crate) fn check_positive(argument: &'static str, value: Option<usize>) -> Result<()> {
    match value {
        Some(0) => Err(Error::Argument { argument, value: "0".into(), reason: "give at least 1".into() }),
        _ => Ok(()),
    }
}
