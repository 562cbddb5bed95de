//! Sequences: integer inputs, embeddings and masks, checked against real Keras and against the f64 interpreter.

mod layers;
mod losses;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "other groups of layers use all of it")]
mod support;
