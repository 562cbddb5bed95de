//! Products of rows with one of several kernels. A sample has `outer` rows.

use super::{ParamPass, Pass, To};
pub use crate::einsum::Groups;
use crate::memory::Buf;
use crate::{dense, einsum};

/// See [`einsum::forward`].
pub fn forward(pass: &mut Pass<'_>, y: Buf, x: Buf, w: &[f32], outer: usize, of: &Groups) {
    let m = pass.rows.count() * outer;
    let ([y], [x], tmp) = pass.rows.step([y], [x]);
    einsum::forward(pass.isa, y, x, w, m, of, tmp);
}

/// See [`einsum::backward_data`].
pub fn backward_data(pass: &mut Pass<'_>, dx: Buf, dy: Buf, w: &[f32], outer: usize, of: &Groups, acc: bool) {
    let m = pass.rows.count() * outer;
    let ([dx], [dy], tmp) = pass.rows.step([dx], [dy]);
    einsum::backward_data(pass.isa, dx, dy, w, m, of, acc, tmp);
}

/// See [`einsum::backward_kernel`]. The gradient of one kernel is that of a fully connected layer, in which x and dy change
/// places if it lies transposed.
pub fn backward_kernel(pass: &mut ParamPass<'_, '_>, to: To, x: Buf, dy: Buf, outer: usize, of: &Groups) {
    let (isa, m) = (pass.isa, pass.whole.n() * outer);
    if of.groups > 1 {
        let Some((out, [x, dy], tmp)) = pass.param(to, of.weights(), [x, dy]) else { return };
        return einsum::backward_kernel(isa, out, x, dy, m, of, tmp);
    }
    let Some((out, [x, dy], tmp)) = pass.some_rows(to, of.weights(), [x, dy]) else { return };
    if of.strides[2] == 1 {
        dense::backward_kernel(isa, out, x, dy, m, of.k, of.n, tmp);
    } else {
        dense::backward_kernel(isa, out, dy, x, m, of.n, of.k, tmp);
    }
}
