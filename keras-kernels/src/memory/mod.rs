//! The memory that generated code works on.
//!
//! - [`Sample`]: one sample, a nested array; a batch is a slice of them.
//! - [`Block`]: a model's parameters, one struct and one slice of floats at once.
//! - [`Embedded`]: a block in the program's read-only data.
//! - [`Boxed`]: a block on the heap, on a cache line of its own; [`Floats`] where its type is not known.
//! - [`Workspace`], [`Values`], [`Rows`], [`Whole`], [`Buf`]: activations and their gradients, planned at compile time.
//! - [`Sink`], [`Out`], [`Rule`]: where weight gradients go, to memory or straight into an optimizer's update.

mod block;
#[cfg(feature = "alloc")]
mod boxed;
mod embedded;
mod layout;
mod rows;
mod sample;
mod sink;
mod workspace;

pub use block::Block;
#[cfg(feature = "alloc")]
pub use boxed::{Boxed, Floats, zeros};
pub use embedded::Embedded;
pub use layout::{Area, Buf, Layout};
pub use rows::{Rows, Whole};
pub use sample::{Dims, Element, Nest, Sample, flat};
pub use sink::{MAX_SLOTS, Out, Rule, Sink, Slots, Use};
pub use workspace::Values;
#[cfg(feature = "alloc")]
pub use workspace::Workspace;
