//! The sum of several values.

use super::Pass;
use crate::add;
use crate::memory::Buf;

/// See [`add::forward`].
pub fn forward<const N: usize>(pass: &mut Pass<'_>, y: Buf, xs: [Buf; N]) {
    let ([y], xs, _) = pass.rows.step([y], xs);
    add::forward(pass.isa, y, &xs);
}

/// See [`add::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, acc: bool) {
    let ([dx], [dy], _) = pass.rows.step([dx], [dy]);
    add::backward(pass.isa, dx, dy, acc);
}
