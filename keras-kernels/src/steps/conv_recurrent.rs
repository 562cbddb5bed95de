//! Recurrent layers of convolutions: sums of all steps, steps, and the gradients of both.

use super::recurrent::{Back, Buffers, Drop, Kept, back, buffers, some};
use super::{ParamPass, Pass, To};
use crate::conv_recurrent::{self, Weights};
pub use crate::conv_recurrent::{ConvRecurrent, Geometry, Windows};
use crate::memory::Buf;

/// See [`conv_recurrent::forward`]. `given` is h, c and the mask; those that are not given are empty.
pub fn forward(
    pass: &mut Pass<'_>,
    l: &ConvRecurrent,
    y: Buf,
    x: Buf,
    given: [Buf; 3],
    w: [&[f32]; 2],
    b: Option<&[f32]>,
    drop: Drop,
    kept: Kept,
) {
    let isa = pass.isa;
    let Buffers { y, x, given, mut saved, tmp } = buffers(pass, [y, x], given, drop, l.drop_len(), kept);
    conv_recurrent::forward(isa, l, y, x, given, Weights { kernel: w[0], recurrent: w[1], bias: b }, &mut saved, tmp);
}

/// See [`conv_recurrent::backward`].
pub fn backward(pass: &mut Pass<'_>, l: &ConvRecurrent, dy: Buf, mask: Buf, u: &[f32], kept: Kept) {
    let isa = pass.isa;
    let Back { dy, mask, mut saved, tmp } = back(pass, dy, mask, kept);
    conv_recurrent::backward(isa, l, dy, mask, Weights { kernel: &[], recurrent: u, bias: None }, &mut saved, tmp);
}

/// See [`conv_recurrent::backward_data`].
pub fn backward_data(pass: &mut Pass<'_>, l: &ConvRecurrent, dx: Buf, gates: Buf, mask: Buf, w: &[f32], acc: bool) {
    let given = mask;
    let ([dx], [gates, mask], tmp) = pass.rows.step([dx], [gates, mask]);
    conv_recurrent::backward_data(pass.isa, l, dx, gates, some(given, mask), w, acc, tmp);
}

/// See [`conv_recurrent::backward_state`].
pub fn backward_state(pass: &mut Pass<'_>, l: &ConvRecurrent, i: usize, dx: Buf, state: Buf, acc: bool) {
    let ([dx], [state], _) = pass.rows.step([dx], [state]);
    conv_recurrent::backward_state(pass.isa, l, i, dx, state, acc);
}

/// See [`conv_recurrent::backward_kernel`].
pub fn backward_kernel(pass: &mut ParamPass<'_, '_>, to: To, l: &ConvRecurrent, x: Buf, gates: Buf, mask: Buf) {
    let (isa, given, len) = (pass.isa, mask, l.input.depth() * l.input.cout);
    let Some((out, [x, gates, mask], tmp)) = pass.some_rows(to, len, [x, gates, mask]) else { return };
    conv_recurrent::backward_kernel(isa, out, l, x, gates, some(given, mask), tmp);
}

/// See [`conv_recurrent::backward_recurrent`]. The third buffer is that of other cells.
pub fn backward_recurrent(pass: &mut ParamPass<'_, '_>, to: To, l: &ConvRecurrent, [a, gates, _]: [Buf; 3], mask: Buf) {
    let (isa, given, len) = (pass.isa, mask, l.state.depth() * l.state.cout);
    let Some((out, [a, gates, mask], tmp)) = pass.some_rows(to, len, [a, gates, mask]) else { return };
    conv_recurrent::backward_recurrent(isa, out, l, a, gates, some(given, mask), tmp);
}

/// See [`conv_recurrent::backward_bias`]. The last buffer is that of other cells.
pub fn backward_bias(pass: &mut ParamPass<'_, '_>, to: To, l: &ConvRecurrent, gates: Buf, _: Buf) {
    let isa = pass.isa;
    let Some((out, [gates], _)) = pass.param(to, l.cell.n(), [gates]) else { return };
    conv_recurrent::backward_bias(isa, out, l, gates);
}
