//! Data moved by a rule. An input sample has `len` elements.

use super::Pass;
use crate::gather::{self, Axis};
use crate::memory::Buf;

/// See [`gather::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, len: usize, axes: &[Axis]) {
    let ([y], [x], _) = pass.rows.step([y], [x]);
    gather::forward(pass.isa, y, x, len, axes);
}

/// See [`gather::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, len: usize, axes: &[Axis], acc: bool) {
    let ([dx], [dy], _) = pass.rows.step([dx], [dy]);
    gather::backward(pass.isa, dx, dy, len, axes, acc);
}
