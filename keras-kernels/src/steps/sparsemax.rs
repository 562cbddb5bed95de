//! Sparsemax over rows of `n`.

use super::Pass;
use crate::memory::Buf;
use crate::sparsemax;

/// See [`sparsemax::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, n: usize) {
    let isa = pass.isa;
    let (y, x) = pass.in_place(y, x);
    sparsemax::forward(isa, y, x, n);
}

/// See [`sparsemax::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, y: Buf, n: usize, acc: bool) {
    let isa = pass.isa;
    let (dx, dy, y) = pass.in_place_with(dx, dy, y);
    sparsemax::backward(isa, dx, dy, y, n, acc);
}
