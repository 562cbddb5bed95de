//! The numeric code of keras: one folder for each op, with its contract and dispatch, a scalar body that is the oracle,
//! and bodies for the instruction sets that pay.
//!
//! Everything here works on flat slices and run-time sizes, so that code which calls it stays small and compiles fast.
//! Names are those of BLAS and llm.c: a product is `m × k` by `k × n`; `dx` is the gradient of `x`.
//!
//! - [`memory`]: samples, parameter blocks, workspaces, and where weight gradients go.
//! - [`Isa`]: the instruction set that a kernel is asked to use; every kernel takes it as its first argument.
#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod activation;
pub mod isa;
pub mod memory;
pub mod penalty;
pub mod real;

pub use isa::Isa;
pub use real::Real;
