//! What changes rows, columns and channels, checked against real Keras and against the f64 interpreter.

mod layers;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "other groups of layers use all of it")]
mod support;
