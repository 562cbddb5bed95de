//! The runtime of keras: what compiled models are written against, and the training loop around them.
//!
//! Without the feature `std` only [`model`] is here, which is all that inference on a bare machine needs.
#![cfg_attr(not(feature = "std"), no_std)]

pub mod cell;
pub mod layer;
pub mod model;

#[cfg(feature = "std")]
pub mod callback;
#[cfg(feature = "std")]
mod carried;
#[cfg(feature = "std")]
pub mod compile;
#[cfg(feature = "std")]
pub mod constraint;
#[cfg(feature = "ndarray")]
pub mod data;
#[cfg(feature = "std")]
pub mod datasets;
#[cfg(feature = "cuda")]
pub mod device;
#[cfg(feature = "std")]
pub mod error;
#[cfg(feature = "std")]
mod explain;
#[cfg(feature = "std")]
pub mod history;
#[cfg(feature = "std")]
mod init;
#[cfg(feature = "std")]
pub mod initializer;
#[cfg(feature = "std")]
pub mod loss;
#[cfg(feature = "std")]
pub mod metric;
#[cfg(feature = "std")]
mod model_ext;
#[cfg(feature = "std")]
mod named;
#[cfg(feature = "std")]
pub mod optimizer;
#[cfg(feature = "std")]
pub mod predict;
#[cfg(feature = "std")]
pub mod progress;
#[cfg(feature = "std")]
pub mod regularizer;
#[cfg(feature = "std")]
mod session;
#[cfg(feature = "std")]
pub mod summary;
#[cfg(feature = "std")]
mod tape;
#[cfg(feature = "std")]
pub mod target;
#[cfg(feature = "std")]
pub mod training;
#[cfg(feature = "std")]
pub mod utils;
#[cfg(feature = "safetensors")]
pub mod weights;

#[cfg(feature = "std")]
pub use carried::Carried;
pub use cell::{Cell, States};
#[cfg(feature = "std")]
pub use compile::{Compile, Compiled};
#[cfg(feature = "std")]
pub use error::{Error, Result};
#[cfg(feature = "std")]
pub use history::History;
#[cfg(feature = "std")]
pub use init::init;
pub use layer::{Layer, Weights};
pub use model::{Context, Graph, Model, Outputs, Samples};
#[cfg(feature = "std")]
pub use model_ext::ModelExt;
#[cfg(feature = "std")]
pub use predict::Predict;
#[cfg(feature = "std")]
pub use session::Session;
#[cfg(feature = "std")]
pub use tape::{Build, Built, GradientTape, Gradients, Pass};
#[cfg(feature = "std")]
pub use training::{Evaluate, Fit, Predicting, Scores};
