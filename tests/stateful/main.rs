//! Layers whose states go on from batch to batch, checked against real Keras and against an f64 interpreter of the models'
//! graphs.
#![forbid(unsafe_op_in_unsafe_fn)]

mod check;
mod layers;
#[allow(dead_code, reason = "other groups of tests use all of it")]
#[path = "../support/mod.rs"]
mod support;
mod training;
