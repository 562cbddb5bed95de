//! Values one behind the other along an axis.

use super::Pass;
use crate::concatenate;
use crate::memory::Buf;

/// See [`concatenate::forward`].
pub fn forward<const N: usize>(pass: &mut Pass<'_>, y: Buf, xs: [Buf; N], widths: &[usize; N]) {
    let ([y], xs, _) = pass.rows.step([y], xs);
    concatenate::forward(pass.isa, y, &xs, widths);
}

/// See [`concatenate::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, at: usize, width: usize, total: usize, acc: bool) {
    let ([dx], [dy], _) = pass.rows.step([dx], [dy]);
    concatenate::backward(pass.isa, dx, dy, at, width, total, acc);
}
