//! The logarithm of softmax over rows of `n`.

use super::Pass;
use crate::log_softmax;
use crate::memory::Buf;

/// See [`log_softmax::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, n: usize) {
    let isa = pass.isa;
    let (y, x) = pass.in_place(y, x);
    log_softmax::forward(isa, y, x, n);
}

/// See [`log_softmax::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, y: Buf, n: usize, acc: bool) {
    let isa = pass.isa;
    let (dx, dy, y) = pass.in_place_with(dx, dy, y);
    log_softmax::backward(isa, dx, dy, y, n, acc);
}
