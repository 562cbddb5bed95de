//! The training loop.
//!
//! - [`Fit`], [`Evaluate`], [`Predicting`]: arguments of `fit`, `evaluate` and `predict_with`.
//! - [`Scores`]: what a batch or an evaluation comes to.
//! - [`IntoBatch`], [`TargetSet`], [`ValidationData`]: what data may be given as.
//! - [`Losses`], [`Metrics`], [`OutputMetrics`]: one loss and some metrics for each output.

mod batch;
mod class_weight;
mod data;
#[cfg(feature = "cuda")]
mod device;
mod evaluate;
mod feed;
mod fit;
mod hooks;
mod losses;
mod measure;
mod metrics;
mod objectives;
mod options;
mod predict;
mod run;
#[cfg(feature = "safetensors")]
mod save;
mod scores;
mod step;
mod targets;
mod threads;

pub use batch::IntoBatch;
pub use losses::Losses;
pub use metrics::{Metrics, OutputMetrics};
pub use options::{Evaluate, Fit, Predicting, ValidationData, ValidationFreq};
pub use scores::Scores;
pub use targets::TargetSet;

pub(crate) use data::{check_rows, rows};
pub(crate) use feed::Batch;
pub(crate) use measure::Measure;
#[cfg(feature = "cuda")]
pub(crate) use measure::positions;
pub(crate) use objectives::Typed;
pub(crate) use scores::Tally;
pub(crate) use threads::{Shared, Threads};
