//! Pooling over windows of positions, each of `n` features.

use super::Pass;
use crate::memory::Buf;
use crate::pool;
pub use crate::pool::Pool;
use crate::pool::Windows;

/// See [`pool::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, kind: Pool, n: usize, windows: &Windows) {
    let m = pass.rows.count();
    let ([y], [x], _) = pass.rows.step([y], [x]);
    pool::forward(pass.isa, y, x, kind, m, n, windows);
}

/// See [`pool::backward`].
pub fn backward(
    pass: &mut Pass<'_>,
    dx: Buf,
    dy: Buf,
    x: Buf,
    y: Buf,
    kind: Pool,
    n: usize,
    windows: &Windows,
    acc: bool,
) {
    let m = pass.rows.count();
    let ([dx], [dy, x, y], _) = pass.rows.step([dx], [dy, x, y]);
    pool::backward(pass.isa, dx, dy, x, y, kind, m, n, windows, acc);
}
