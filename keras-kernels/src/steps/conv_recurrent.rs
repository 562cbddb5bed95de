//! Recurrent layers of convolutions: sums of all steps, steps, and the gradients of both.

use super::recurrent::{Drop, Kept};
use super::{ParamPass, Pass, To};
use crate::conv_recurrent::{self, Given, Saved, Weights};
pub use crate::conv_recurrent::{ConvRecurrent, Geometry, Windows};
use crate::memory::Buf;
use crate::recurrent;

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
    let (isa, first) = (pass.isa, pass.rows.first() as u64);
    let [gates, a, aux, pre, h, masks, state, sums, work] = kept;
    let outs = [y, gates, a, aux, pre, h, masks, state, sums, work];
    let ([y, gates, a, aux, pre, h, drops, state, sums, work], [x, h0, c0, mask], tmp) =
        pass.rows.step(outs, [x, given[0], given[1], given[2]]);
    if let Some((rate, key)) = drop {
        recurrent::draw(isa, drops, rate, key, first * l.drop_len() as u64);
    }
    let some = |buf: Buf, x| if buf.is_empty() { None } else { Some(x) };
    let given = Given { h: some(given[0], h0), c: some(given[1], c0), mask: some(given[2], mask) };
    let mut saved = Saved { gates, a, aux, pre, h, drop: drops, state, sums, work };
    let w = Weights { kernel: w[0], recurrent: w[1], bias: b };
    conv_recurrent::forward(isa, l, y, x, given, w, &mut saved, tmp);
}

/// See [`conv_recurrent::backward`].
pub fn backward(pass: &mut Pass<'_>, l: &ConvRecurrent, dy: Buf, mask: Buf, u: &[f32], kept: Kept) {
    let isa = pass.isa;
    let (outs, given) = (kept, mask);
    let ([gates, a, aux, pre, h, drop, state, sums, work], [dy, mask], tmp) = pass.rows.step(outs, [dy, mask]);
    let mask = if given.is_empty() { None } else { Some(mask) };
    let mut saved = Saved { gates, a, aux, pre, h, drop, state, sums, work };
    conv_recurrent::backward(isa, l, dy, mask, Weights { kernel: &[], recurrent: u, bias: None }, &mut saved, tmp);
}

/// See [`conv_recurrent::backward_data`].
pub fn backward_data(pass: &mut Pass<'_>, l: &ConvRecurrent, dx: Buf, gates: Buf, w: &[f32], acc: bool) {
    let ([dx], [gates], tmp) = pass.rows.step([dx], [gates]);
    conv_recurrent::backward_data(pass.isa, l, dx, gates, w, acc, tmp);
}

/// See [`conv_recurrent::backward_state`].
pub fn backward_state(pass: &mut Pass<'_>, l: &ConvRecurrent, i: usize, dx: Buf, state: Buf, acc: bool) {
    let ([dx], [state], _) = pass.rows.step([dx], [state]);
    conv_recurrent::backward_state(pass.isa, l, i, dx, state, acc);
}

/// See [`conv_recurrent::backward_kernel`].
pub fn backward_kernel(pass: &mut ParamPass<'_, '_>, to: To, l: &ConvRecurrent, x: Buf, gates: Buf) {
    let isa = pass.isa;
    let Some((out, [x, gates], tmp)) = pass.some_rows(to, l.input.depth() * l.input.cout, [x, gates]) else { return };
    conv_recurrent::backward_kernel(isa, out, l, x, gates, tmp);
}

/// See [`conv_recurrent::backward_recurrent`]. The last buffer is that of other cells.
pub fn backward_recurrent(pass: &mut ParamPass<'_, '_>, to: To, l: &ConvRecurrent, a: Buf, gates: Buf, _: Buf) {
    let isa = pass.isa;
    let Some((out, [a, gates], tmp)) = pass.some_rows(to, l.state.depth() * l.state.cout, [a, gates]) else { return };
    conv_recurrent::backward_recurrent(isa, out, l, a, gates, tmp);
}

/// See [`conv_recurrent::backward_bias`]. The last buffer is that of other cells.
pub fn backward_bias(pass: &mut ParamPass<'_, '_>, to: To, l: &ConvRecurrent, gates: Buf, _: Buf) {
    let isa = pass.isa;
    let Some((out, [gates], _)) = pass.param(to, l.cell.n(), [gates]) else { return };
    conv_recurrent::backward_bias(isa, out, l, gates);
}
