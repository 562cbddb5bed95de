//! Rectified linear units whose slopes below 0 are learnt.

use super::{ParamPass, Pass, To};
use crate::memory::Buf;
use crate::prelu;
pub use crate::prelu::Dim;

/// See [`prelu::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, alpha: &[f32], dims: &[Dim]) {
    let isa = pass.isa;
    let (y, x) = pass.in_place(y, x);
    prelu::forward(isa, y, x, alpha, dims);
}

/// See [`prelu::backward_data`].
pub fn backward_data(pass: &mut Pass<'_>, dx: Buf, dy: Buf, x: Buf, alpha: &[f32], dims: &[Dim], acc: bool) {
    let ([dx], [dy, x], _) = pass.rows.step([dx], [dy, x]);
    prelu::backward_data(pass.isa, dx, Some(dy), x, alpha, dims, acc);
}

/// See [`prelu::backward_alpha`].
pub fn backward_alpha(pass: &mut ParamPass<'_, '_>, to: To, x: Buf, dy: Buf, dims: &[Dim]) {
    let isa = pass.isa;
    let len = dims.iter().map(|dim| if dim.shared { 1 } else { dim.len }).product();
    let Some((out, [x, dy], _)) = pass.param(to, len, [x, dy]) else { return };
    prelu::backward_alpha(isa, out, x, dy, dims);
}
