//! The one error type.

use std::path::PathBuf;

/// What can go wrong at run time: each case says what was expected and what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No samples at all.
    #[error("{what}: there are no samples; give at least one")]
    Empty {
        /// The call.
        what: &'static str,
    },
    /// Parts of the data that must have one length do not.
    #[error("{what}: expected {expected} rows as in the first input, found {found}")]
    Rows {
        /// Which part: `targets`, `input 1`, `sample_weight`.
        what: String,
        /// Rows of the first input.
        expected: usize,
        /// Rows found.
        found: usize,
    },
    /// A batch of another size than those whose states the model's stateful layers keep.
    #[error(
        "{what}: a batch of {found} samples, where the stateful layers keep the states of {expected}; give batches of \
         {expected}, or call `reset_state()` first"
    )]
    BatchSize {
        /// The call.
        what: &'static str,
        /// Samples in the batches so far.
        expected: usize,
        /// Samples in this one.
        found: usize,
    },
    /// A call that has no place for the states of stateful layers.
    #[error(
        "{what}: the model has stateful layers, and this call keeps no states; make a session, `let mut session = \
         model.session();`, and predict with that, or with `predict_with` where the model is compiled"
    )]
    Stateful {
        /// The call.
        what: &'static str,
    },
    /// A label that is not a class of the model.
    #[error("label {value} of sample {index} is not a class: the model's output has {classes} classes, 0 to {}", classes - 1)]
    Label {
        /// The sample, counted from 0.
        index: usize,
        /// The label.
        value: i64,
        /// How many classes there are.
        classes: usize,
    },
    /// An argument that makes no sense.
    #[error("{argument} = {value}: {reason}")]
    Argument {
        /// Its name.
        argument: &'static str,
        /// What was given.
        value: String,
        /// Why not, and what to give instead.
        reason: String,
    },
    /// An instruction set that was asked for and that this machine cannot serve.
    #[error("KERAS_ISA = {asked}: this machine has {available}")]
    Isa {
        /// What was asked for.
        asked: String,
        /// What there is.
        available: String,
    },
    /// A number of threads that was asked for and that no machine can serve.
    #[error("KERAS_THREADS = {asked}: a number from 1 to {most} was expected; this machine has {cores} cores")]
    Threads {
        /// What was asked for.
        asked: String,
        /// How many cores there are.
        cores: usize,
        /// The most that can be asked for.
        most: usize,
    },
    /// Threads that the system does not give.
    #[error("a thread cannot be started: {0}; `.threads(1)` or KERAS_THREADS=1 does without")]
    Spawn(std::io::Error),
    /// What a device cannot do.
    #[cfg(feature = "cuda")]
    #[error("{device}: {reason}")]
    Device {
        /// The device.
        device: String,
        /// What it cannot do and why, and what to do instead.
        reason: String,
    },
    /// A loss that is not a number, or infinite.
    #[error(
        "the loss is {loss} after batch {batch} of epoch {epoch}; try a smaller learning rate, or look for NaN in the data"
    )]
    NotFinite {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The batch within it, counted from 1.
        batch: usize,
        /// The loss.
        loss: f64,
    },
    /// What a callback of the user's own returned.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
    /// A dataset that cannot be had, or is not what it should be.
    #[error(transparent)]
    Dataset(#[from] crate::datasets::DatasetError),
    /// A file that cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file that is not what it should be.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found.
        reason: String,
    },
}

impl Error {
    /// An error of another kind, for callbacks and the like of one's own.
    ///
    /// ```
    /// assert_eq!(keras_runtime::Error::other("the sensor is off").to_string(), "the sensor is off");
    /// ```
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::Other(error.into())
    }
}

/// `Result` with keras's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(feature = "safetensors")]
impl From<keras_formats::Error> for Error {
    fn from(error: keras_formats::Error) -> Error {
        match error {
            keras_formats::Error::Io { path, source } => Error::Io { path, source },
            keras_formats::Error::Format { path, reason } => Error::File { path, reason },
        }
    }
}
