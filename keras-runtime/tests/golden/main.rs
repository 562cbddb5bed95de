//! Losses, metrics, optimizers and initializers against the numbers that real Keras gave.

mod file;
mod initializers;
mod losses;
mod metrics;
mod optimizers;
