//! Integers as floats.

use super::Pass;
use crate::cast::{self, Number};
use crate::memory::Buf;

/// See [`cast::forward`]. `x` is an input of the model, in the rows of the pass.
pub fn forward<T: Number>(pass: &mut Pass<'_>, y: Buf, x: &[T]) {
    let ([y], [], _) = pass.rows.step([y], []);
    cast::forward(y, x);
}
