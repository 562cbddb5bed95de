//! Integers as floats.

use super::Pass;
use crate::cast;
use crate::memory::{Buf, Element};

/// See [`cast::forward`]. `x` is an input of the model, in the rows of the pass.
pub fn forward<T: Element>(pass: &mut Pass<'_>, y: Buf, x: &[T]) {
    let ([y], [], _) = pass.rows.step([y], []);
    cast::forward(y, x);
}
