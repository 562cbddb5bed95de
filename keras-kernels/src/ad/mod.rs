//! What `gradient!` writes its functions with: small tensors, as nested arrays by value.
//!
//! The generated code knows every shape. It calls these functions one after the other, forwards and then backwards; the
//! rules of differentiation are the macro's, but for those of the [`unary`] functions and of a few that read best as a
//! whole. Nothing here allocates, and everything works in `f32` and `f64` alike.
//!
//! - [`Number`]: what a [`Real`](crate::Real) lacks.
//! - [`Tensor`]: numbers and arrays of tensors, element by element.
//! - [`unary`]: functions of one number with their derivatives.
//! - [`Dual`]: a number with its derivative; a gradient that is computed with it gives second derivatives.
//! - [`linear`]: the products of vectors and matrices.
//! - [`rows`]: sums over a dimension, softmax.

pub mod dual;
pub mod linear;
pub mod number;
pub mod rows;
pub mod tensor;
pub mod unary;

pub use dual::{Dual, moving, second};
pub use linear::*;
pub use number::Number;
pub use rows::*;
pub use tensor::*;
pub use unary::{Unary, map, pull};
