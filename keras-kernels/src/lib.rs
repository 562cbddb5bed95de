//! The numeric code of keras: one folder for each op, with its contract and dispatch, a scalar body that is the oracle,
//! and bodies for the instruction sets that pay.
//!
//! Everything here works on flat slices and run-time sizes, so that code which calls it stays small and compiles fast.
//! Names are those of BLAS and llm.c: a product is `m × k` by `k × n`; `dx` is the gradient of `x`. Matrices are
//! row-major. A kernel panics when its slices do not fit together, as that is a mistake of the code that calls it.
//!
//! - [`memory`]: samples, parameter blocks, workspaces, and where weight gradients go.
//! - [`Isa`]: the instruction set that a kernel is asked to use; every kernel takes it as its first argument.
//! - Ops, each with `forward` and `backward` and a `scalar` module of the same functions over `f32` or `f64`:
//!   [`activation`], [`add`], [`attention`], [`batch_normalization`], [`bias`], [`concatenate`], [`conv`],
//!   [`conv_recurrent`], [`conv_transpose`], [`dense`], [`dot`], [`dropout`], [`einsum`], [`embedding`], [`gather`], [`glu`],
//!   [`interpolate`], [`log_softmax`], [`mask`], [`merge`], [`noise`], [`normalization`], [`pool`], [`prelu`], [`recurrent`],
//!   [`round`], [`shaped_dropout`], [`softmax`], [`sparsemax`], [`spectral`], [`ternary`], [`unit_normalization`].
//! - What training adds: [`crossentropy`], [`penalty`], and the optimizers' updates [`adam`] and [`sgd`].
//! - [`steps`]: the ops on buffers of a workspace, as generated code calls them.
//! - [`tiny`]: the forward pass of a tiny network for one sample, inlined as a whole.
//! - [`philox`]: random numbers by seed and index.
//! - [`threads`]: a team of threads that share out rows and weights.
//! - [`ad`]: small tensors by value, for `gradient!`.
//! - `cuda`: the sources of the kernels for CUDA devices.
#![cfg_attr(not(feature = "std"), no_std)]
// Loops over the lanes of several arrays at once read best by index.
#![allow(clippy::needless_range_loop)]

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod activation;
pub mod ad;
pub mod adam;
pub mod add;
pub mod attention;
pub mod batch_normalization;
pub mod bias;
pub mod cast;
pub mod concatenate;
pub mod conv;
pub mod conv_recurrent;
pub mod conv_transpose;
pub mod crossentropy;
pub mod cuda;
pub mod dense;
mod dispatch;
pub mod dot;
pub mod dropout;
pub mod einsum;
pub mod embedding;
pub mod gather;
pub mod gemm;
pub mod glu;
pub mod interpolate;
pub mod isa;
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod log_softmax;
pub mod mask;
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod math;
pub mod memory;
pub mod merge;
pub mod noise;
pub mod normalization;
#[cfg(feature = "std")]
#[doc(hidden)]
pub mod peak;
pub mod penalty;
pub mod philox;
pub mod pool;
pub mod prelu;
pub mod real;
pub mod recurrent;
pub mod round;
pub mod sgd;
pub mod shaped_dropout;
pub mod softmax;
pub mod sparsemax;
pub mod spectral;
pub mod steps;
pub mod ternary;
#[cfg(feature = "std")]
pub mod threads;
pub mod tiny;
pub mod unit_normalization;

pub use isa::Isa;
pub use real::Real;
