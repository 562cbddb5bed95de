//! The runtime of keras: what compiled models are written against, and the training loop around them.
//!
//! Without the feature `std` only [`model`] is here, which is all that inference on a bare machine needs.
#![cfg_attr(not(feature = "std"), no_std)]

pub mod model;

#[cfg(feature = "std")]
pub mod callback;
#[cfg(feature = "std")]
pub mod constraint;
#[cfg(feature = "std")]
pub mod error;
#[cfg(feature = "std")]
pub mod initializer;
#[cfg(feature = "std")]
pub mod loss;
#[cfg(feature = "std")]
pub mod metric;
#[cfg(feature = "std")]
mod named;
#[cfg(feature = "std")]
pub mod optimizer;
#[cfg(feature = "std")]
pub mod regularizer;
#[cfg(feature = "std")]
pub mod summary;
#[cfg(feature = "std")]
pub mod target;
#[cfg(feature = "safetensors")]
pub mod weights;

#[cfg(feature = "std")]
pub use error::{Error, Result};
pub use model::{Context, Graph, Model, Outputs, Samples};
