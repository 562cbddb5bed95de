//! Convolutions.

use super::{ParamPass, Pass, To};
use crate::activation::Act;
pub use crate::conv::{Geometry, Windows};
use crate::memory::Buf;
use crate::{conv, dense};

/// See [`conv::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, w: &[f32], b: Option<&[f32]>, act: Act, g: &Geometry) {
    let m = pass.rows.count();
    let ([y], [x], tmp) = pass.rows.step([y], [x]);
    conv::forward(pass.isa, y, x, w, b, act, m, g, tmp);
}

/// See [`conv::forward_pooled`].
pub fn forward_pooled(
    pass: &mut Pass<'_>,
    y: Buf,
    x: Buf,
    w: &[f32],
    b: Option<&[f32]>,
    act: Act,
    g: &Geometry,
    pool: &Windows,
) {
    let m = pass.rows.count();
    let ([y], [x], tmp) = pass.rows.step([y], [x]);
    conv::forward_pooled(pass.isa, y, x, w, b, act, m, g, pool, tmp);
}

/// See [`conv::backward_data`].
pub fn backward_data(pass: &mut Pass<'_>, dx: Buf, dy: Buf, w: &[f32], g: &Geometry, acc: bool) {
    let m = pass.rows.count();
    let ([dx], [dy], tmp) = pass.rows.step([dx], [dy]);
    conv::backward_data(pass.isa, dx, dy, w, m, g, acc, tmp);
}

/// See [`conv::backward_kernel`].
pub fn backward_kernel(pass: &mut ParamPass<'_, '_>, to: To, x: Buf, dy: Buf, g: &Geometry) {
    let (isa, m) = (pass.isa, pass.whole.n());
    let Some((out, [x, dy], tmp)) = pass.some_rows(to, g.depth() * g.cout, [x, dy]) else { return };
    conv::backward_kernel(isa, out, x, dy, m, g, tmp);
}

/// The sums of the output's gradient. See [`dense::backward_bias`].
pub fn backward_bias(pass: &mut ParamPass<'_, '_>, to: To, dy: Buf, g: &Geometry) {
    let (isa, m) = (pass.isa, pass.whole.n() * g.windows.count());
    let Some((out, [dy], _)) = pass.param(to, g.cout, [dy]) else { return };
    dense::backward_bias(isa, out, dy, m, g.cout);
}
