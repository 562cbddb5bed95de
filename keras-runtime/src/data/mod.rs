//! Data in forms other than slices of samples.
//!
//! - [`samples()`]: an array of the crate `ndarray` as a slice of samples.
//! - [`array()`]: a slice of samples as such an array.

mod arrays;

pub use arrays::{array, samples};
