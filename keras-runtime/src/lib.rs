//! The training loop of keras, optimizers, losses, metrics, callbacks, data.

#[cfg(feature = "std")]
pub mod datasets;
