//! Training on devices: what a device does against what the processor does.
#![cfg(feature = "cuda")]

mod page;
mod training;
