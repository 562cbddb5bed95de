//! Cells of the user's own, in `RNN` and its wrappers, against built-in ones and against real Keras; layers of the user's
//! within wrappers.
#![forbid(unsafe_op_in_unsafe_fn)]

mod own;
#[allow(dead_code, reason = "other groups of tests use all of it")]
#[path = "../support/mod.rs"]
mod support;
mod wrapped;
mod written;
