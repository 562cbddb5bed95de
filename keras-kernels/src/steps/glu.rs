//! Gated linear units: rows of `n` from rows of twice of it.

use super::Pass;
use crate::glu;
use crate::memory::Buf;

/// See [`glu::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, n: usize) {
    let ([y], [x], _) = pass.rows.step([y], [x]);
    glu::forward(pass.isa, y, x, n);
}

/// See [`glu::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, x: Buf, n: usize, acc: bool) {
    let ([dx], [dy, x], _) = pass.rows.step([dx], [dy, x]);
    glu::backward(pass.isa, dx, dy, x, n, acc);
}
