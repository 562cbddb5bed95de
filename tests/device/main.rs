//! Training on devices: what a device does against what the processor does.
#![cfg(feature = "cuda")]

mod activations;
mod elementwise;
mod gpu;
mod late;
mod math;
mod models;
mod nvcc;
mod nvrtc;
mod one_kernel;
mod page;
mod pieces;
mod refused;
mod scaled;
mod shim;
mod source;
mod training;
