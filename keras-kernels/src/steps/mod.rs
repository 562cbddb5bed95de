//! Kernels on buffers of a workspace, as generated code calls them: one file for each op.
//!
//! A step takes a [`Pass`] and says which buffers it writes and reads; it looks them up, and calls the kernel of the same
//! name. So a model's code is one call of a few numbers for each op and pass, which takes little time to compile.
//!
//! `y` and `dx` are written, `x`, `dy` and `saved` are read. A step that can work in place does so if it is given one
//! buffer twice.

pub mod activation;
pub mod add;
pub mod attention;
pub mod batch_normalization;
pub mod bias;
pub mod carried;
pub mod cast;
pub mod concatenate;
pub mod constant;
pub mod conv;
pub mod conv_recurrent;
pub mod conv_transpose;
pub mod dense;
pub mod dot;
pub mod dropout;
pub mod einsum;
pub mod embedding;
pub mod gather;
pub mod glu;
pub mod interpolate;
pub mod log_softmax;
pub mod mask;
pub mod merge;
pub mod noise;
pub mod normalization;
mod pass;
pub mod penalty;
pub mod pool;
pub mod prelu;
pub mod recurrent;
pub mod round;
pub mod shaped_dropout;
pub mod softmax;
pub mod sparsemax;
pub mod spectral;
pub mod ternary;
pub mod unit_normalization;

pub use pass::{ParamPass, Pass, To};
