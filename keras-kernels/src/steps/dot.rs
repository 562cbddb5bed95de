//! Products of two matrices in each sample.

use super::Pass;
use crate::dot;
use crate::memory::Buf;

/// See [`dot::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, a: Buf, b: Buf, m: usize, n: usize, k: usize) {
    let rows = pass.rows.count();
    let ([y], [a, b], tmp) = pass.rows.step([y], [a, b]);
    dot::forward(pass.isa, y, a, b, rows, m, n, k, tmp);
}

/// See [`dot::backward_a`].
pub fn backward_a(pass: &mut Pass<'_>, da: Buf, dy: Buf, b: Buf, m: usize, n: usize, k: usize, acc: bool) {
    let rows = pass.rows.count();
    let ([da], [dy, b], tmp) = pass.rows.step([da], [dy, b]);
    dot::backward_a(pass.isa, da, dy, b, rows, m, n, k, acc, tmp);
}

/// See [`dot::backward_b`].
pub fn backward_b(pass: &mut Pass<'_>, db: Buf, dy: Buf, a: Buf, m: usize, n: usize, k: usize, acc: bool) {
    let rows = pass.rows.count();
    let ([db], [dy, a], tmp) = pass.rows.step([db], [dy, a]);
    dot::backward_b(pass.isa, db, dy, a, rows, m, n, k, acc, tmp);
}
