//! Training on devices: what a device does against what the processor does.
#![cfg(feature = "cuda")]

mod activations;
mod gpu;
mod models;
mod nvcc;
mod nvrtc;
mod one_kernel;
mod page;
mod refused;
mod scaled;
mod shim;
mod source;
mod training;
