//! Masks of sequences.

use super::Pass;
use crate::mask;
use crate::memory::Buf;

/// See [`mask::not_equal`].
pub fn not_equal(pass: &mut Pass<'_>, m: Buf, x: Buf, n: usize, value: f32) {
    let ([m], [x], _) = pass.rows.step([m], [x]);
    mask::not_equal(pass.isa, m, x, n, value);
}

/// See [`mask::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, m: Buf, n: usize, fill: f32) {
    let ([y], [x, m], _) = pass.rows.step([y], [x, m]);
    mask::forward(pass.isa, y, x, m, n, fill);
}

/// See [`mask::select`].
pub fn select(pass: &mut Pass<'_>, y: Buf, a: Buf, b: Buf, m: Buf, n: usize) {
    let ([y], [a, b, m], _) = pass.rows.step([y], [a, b, m]);
    mask::select(pass.isa, y, a, b, m, n);
}

/// See [`mask::backward`].
pub fn backward(pass: &mut Pass<'_>, dx: Buf, dy: Buf, m: Buf, n: usize, counts: bool, acc: bool) {
    let ([dx], [dy, m], _) = pass.rows.step([dx], [dy, m]);
    mask::backward(pass.isa, dx, dy, m, n, counts, acc);
}
