//! Transposed convolutions.

use super::{ParamPass, Pass, To};
use crate::activation::Act;
use crate::conv::Geometry;
use crate::memory::Buf;
use crate::{conv_transpose, dense};

/// See [`conv_transpose::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, w: &[f32], b: Option<&[f32]>, act: Act, g: &Geometry) {
    let m = pass.rows.count();
    let ([y], [x], tmp) = pass.rows.step([y], [x]);
    conv_transpose::forward(pass.isa, y, x, w, b, act, m, g, tmp);
}

/// See [`conv_transpose::backward_data`].
pub fn backward_data(pass: &mut Pass<'_>, dx: Buf, dy: Buf, w: &[f32], g: &Geometry, acc: bool) {
    let m = pass.rows.count();
    let ([dx], [dy], tmp) = pass.rows.step([dx], [dy]);
    conv_transpose::backward_data(pass.isa, dx, dy, w, m, g, acc, tmp);
}

/// See [`conv_transpose::backward_kernel`].
pub fn backward_kernel(pass: &mut ParamPass<'_, '_>, to: To, x: Buf, dy: Buf, g: &Geometry) {
    let (isa, m) = (pass.isa, pass.whole.n());
    let Some((out, [x, dy], tmp)) = pass.some_rows(to, g.depth() * g.cout, [x, dy]) else { return };
    conv_transpose::backward_kernel(isa, out, x, dy, m, g, tmp);
}

/// The sums of the output's gradient. See [`dense::backward_bias`].
pub fn backward_bias(pass: &mut ParamPass<'_, '_>, to: To, dy: Buf, g: &Geometry) {
    let (isa, m) = (pass.isa, pass.whole.n() * g.windows.positions());
    let Some((out, [dy], _)) = pass.param(to, g.cin, [dy]) else { return };
    dense::backward_bias(isa, out, dy, m, g.cin);
}
