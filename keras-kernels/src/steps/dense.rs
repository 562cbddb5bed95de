//! Fully connected layers. A sample has `outer` rows.

use super::{ParamPass, Pass, To};
use crate::activation::Act;
use crate::dense;
use crate::memory::Buf;

/// See [`dense::forward`].
pub fn forward(
    pass: &mut Pass<'_>,
    y: Buf,
    x: Buf,
    w: &[f32],
    b: Option<&[f32]>,
    act: Act,
    outer: usize,
    k: usize,
    n: usize,
) {
    let m = pass.rows.count() * outer;
    let ([y], [x], tmp) = pass.rows.step([y], [x]);
    dense::forward(pass.isa, y, x, w, b, act, m, k, n, tmp);
}

/// See [`dense::backward_data`].
pub fn backward_data(pass: &mut Pass<'_>, dx: Buf, dy: Buf, w: &[f32], outer: usize, k: usize, n: usize, acc: bool) {
    let m = pass.rows.count() * outer;
    let ([dx], [dy], tmp) = pass.rows.step([dx], [dy]);
    dense::backward_data(pass.isa, dx, dy, w, m, k, n, acc, tmp);
}

/// See [`dense::backward_kernel`].
pub fn backward_kernel(pass: &mut ParamPass<'_, '_>, to: To, x: Buf, dy: Buf, outer: usize, k: usize, n: usize) {
    let (isa, m) = (pass.isa, pass.whole.n() * outer);
    let Some((out, [x, dy], tmp)) = pass.some_rows(to, k * n, [x, dy]) else { return };
    dense::backward_kernel(isa, out, x, dy, m, k, n, tmp);
}

/// See [`dense::backward_bias`].
pub fn backward_bias(pass: &mut ParamPass<'_, '_>, to: To, dy: Buf, outer: usize, n: usize) {
    let (isa, m) = (pass.isa, pass.whole.n() * outer);
    let Some((out, [dy], _)) = pass.param(to, n, [dy]) else { return };
    dense::backward_bias(isa, out, dy, m, n);
}
