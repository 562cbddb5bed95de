//! What a user sees of keras, checked against real Keras and against an f64 interpreter of the models' graphs.
#![forbid(unsafe_op_in_unsafe_fn)]

mod accuracy;
mod allocation;
mod curves;
mod embedded;
mod explain;
mod features;
mod forms;
mod layers;
mod mistakes;
mod registry;
mod rows_at_once;
#[path = "../support/mod.rs"]
mod support;
mod tape;
mod threads;
mod tiny;
mod weightless;
