//! Losses, metrics, optimizers, initializers, constraints and summaries against what real Keras gave.

mod constraints;
mod file;
mod initializers;
mod losses;
mod metrics;
mod optimizers;
mod summaries;
