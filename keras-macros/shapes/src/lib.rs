//! The arithmetic of shapes, in `const fn` and nothing else.
//!
//! The macro of keras calls these functions while it expands, for sizes that are written as numbers. For sizes that are
//! const expressions (`Dense(HIDDEN)`) it emits const items that call the very same functions, so that both routes give
//! the same shapes, the same memory plan and the same messages.
//!
//! - [`Shape`]: the dimensions of one sample, without the batch.
//! - [`Msg`]: a message built by const code, numbers included.
//! - [`rules`]: one function for each layer whose output shape has to be worked out.
//! - [`plan`]: where each buffer of a model lies in its workspace.
//! - [`windows`]: convolutions and pooling.
#![no_std]
// Const code has no heap to put a message on.
#![allow(clippy::result_large_err)]

mod message;
pub mod plan;
pub mod rules;
mod shape;
pub mod windows;

pub use message::{Msg, check};
pub use shape::{Inferred, MAX_RANK, Shape, or_poison};
