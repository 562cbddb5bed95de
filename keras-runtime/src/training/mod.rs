//! The training loop.
//!
//! - [`IntoBatch`], [`TargetSet`]: what data may be given as.
//! - [`Losses`], [`Metrics`], [`OutputMetrics`]: one loss and some metrics for each output.

mod batch;
mod losses;
mod metrics;
mod targets;

pub use batch::IntoBatch;
pub use losses::Losses;
pub use metrics::{Metrics, OutputMetrics};
pub use targets::TargetSet;
