//! Rows of a table, by their numbers.

use super::{ParamPass, Pass, To};
use crate::embedding;
use crate::memory::Buf;

/// See [`embedding::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, w: &[f32], n: usize) {
    let ([y], [x], _) = pass.rows.step([y], [x]);
    embedding::forward(pass.isa, y, x, w, n);
}

/// See [`embedding::backward`]; the table has so many rows.
pub fn backward(pass: &mut ParamPass<'_, '_>, to: To, x: Buf, dy: Buf, rows: usize, n: usize) {
    let isa = pass.isa;
    let Some((out, [x, dy], _)) = pass.some_rows(to, rows * n, [x, dy]) else { return };
    embedding::backward(isa, out, x, dy, n);
}
