//! Each layer in the arguments that change its arithmetic.

mod embedding;
mod masking;
mod merging;
mod softmax;
