//! Layers under mixed policies, checked against real Keras and against an f64 interpreter of the models' graphs; and losses that are scaled.
#![forbid(unsafe_op_in_unsafe_fn)]

mod cases;
mod float16;
mod layers;
mod policies;
mod scaled;
#[allow(dead_code, reason = "what the tests of other groups need too")]
#[path = "../support/mod.rs"]
mod support;
