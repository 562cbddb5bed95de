//! Rows of `n`, divided by their norm.

use super::Pass;
use crate::memory::Buf;
use crate::unit_normalization;

/// See [`unit_normalization::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, n: usize) {
    let isa = pass.isa;
    let (y, x) = pass.in_place(y, x);
    unit_normalization::forward(isa, y, x, n);
}

/// See [`unit_normalization::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, x: Buf, n: usize, acc: bool) {
    let isa = pass.isa;
    let (dx, dy, x) = pass.in_place_with(dx, dy, x);
    unit_normalization::backward(isa, dx, dy, x, n, acc);
}
