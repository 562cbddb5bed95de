//! Convolutions and pooling, checked against real Keras and against an f64 interpreter of the models' graphs.
#![forbid(unsafe_op_in_unsafe_fn)]

mod layers;
mod pooled;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "other groups of layers use the rest")]
mod support;
