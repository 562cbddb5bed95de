//! Recurrent layers: projections, steps, and the gradients of both.

use super::{ParamPass, Pass, To};
use crate::dropout::Key;
use crate::memory::Buf;
use crate::recurrent::{self, Given, Saved, Weights};
pub use crate::recurrent::{Cell, Output, Recurrent};

/// The buffers of [`Saved`], in its order.
pub type Kept = [Buf; 9];

/// The dropout of h: the rate, and the key if this is training.
pub type Drop = Option<(f32, Option<Key>)>;

/// What the steps of a layer are given and write besides y and x, and scratch.
pub(super) struct Buffers<'p> {
    pub(super) y: &'p mut [f32],
    pub(super) x: &'p [f32],
    pub(super) given: Given<'p, f32>,
    pub(super) saved: Saved<'p, f32>,
    pub(super) tmp: &'p mut [f32],
}

/// What a buffer holds, if it is one.
pub(super) fn some(buf: Buf, x: &[f32]) -> Option<&[f32]> {
    if buf.is_empty() { None } else { Some(x) }
}

/// The buffers of a forward pass, the masks of the dropout of h drawn: `drop_len` of them for each row.
pub(super) fn buffers<'p>(
    pass: &'p mut Pass<'_>,
    [y, x]: [Buf; 2],
    given: [Buf; 3],
    drop: Drop,
    drop_len: usize,
    kept: Kept,
) -> Buffers<'p> {
    let (isa, first) = (pass.isa, pass.rows.first() as u64);
    let [gates, a, aux, pre, h, masks, state, sums, work] = kept;
    let outs = [y, gates, a, aux, pre, h, masks, state, sums, work];
    let ([y, gates, a, aux, pre, h, drops, state, sums, work], [x, h0, c0, mask], tmp) =
        pass.rows.step(outs, [x, given[0], given[1], given[2]]);
    if let Some((rate, key)) = drop {
        recurrent::draw(isa, drops, rate, key, first * drop_len as u64);
    }
    let given = Given { h: some(given[0], h0), c: some(given[1], c0), mask: some(given[2], mask) };
    Buffers { y, x, given, saved: Saved { gates, a, aux, pre, h, drop: drops, state, sums, work }, tmp }
}

/// What the way back through the steps is given and writes, and scratch.
pub(super) struct Back<'p> {
    pub(super) dy: &'p [f32],
    pub(super) mask: Option<&'p [f32]>,
    pub(super) saved: Saved<'p, f32>,
    pub(super) tmp: &'p mut [f32],
}

/// The buffers of the way back.
pub(super) fn back<'p>(pass: &'p mut Pass<'_>, dy: Buf, mask: Buf, kept: Kept) -> Back<'p> {
    let given = mask;
    let ([gates, a, aux, pre, h, drop, state, sums, work], [dy, mask], tmp) = pass.rows.step(kept, [dy, mask]);
    let mask = some(given, mask);
    Back { dy, mask, saved: Saved { gates, a, aux, pre, h, drop, state, sums, work }, tmp }
}

/// See [`recurrent::forward`]. `given` is h, c and the mask; those that are not given are empty.
pub fn forward(
    pass: &mut Pass<'_>,
    l: &Recurrent,
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
    recurrent::forward(isa, l, y, x, given, Weights { kernel: w[0], recurrent: w[1], bias: b }, &mut saved, tmp);
}

/// See [`recurrent::backward`].
pub fn backward(pass: &mut Pass<'_>, l: &Recurrent, dy: Buf, mask: Buf, u: &[f32], kept: Kept) {
    let isa = pass.isa;
    let Back { dy, mask, mut saved, tmp } = back(pass, dy, mask, kept);
    recurrent::backward(isa, l, dy, mask, Weights { kernel: &[], recurrent: u, bias: None }, &mut saved, tmp);
}

/// See [`recurrent::backward_data`].
pub fn backward_data(pass: &mut Pass<'_>, l: &Recurrent, dx: Buf, gates: Buf, mask: Buf, w: &[f32], acc: bool) {
    let given = mask;
    let ([dx], [gates, mask], tmp) = pass.rows.step([dx], [gates, mask]);
    recurrent::backward_data(pass.isa, l, dx, gates, some(given, mask), w, acc, tmp);
}

/// The gradient of initial state `i`, which the steps have left in `state`.
pub fn backward_state(pass: &mut Pass<'_>, l: &Recurrent, i: usize, dx: Buf, state: Buf, acc: bool) {
    let ([dx], [state], _) = pass.rows.step([dx], [state]);
    for (dx, state) in dx.chunks_exact_mut(l.units.max(1)).zip(state.chunks_exact(l.state_len().max(1))) {
        crate::add::backward(pass.isa, dx, &state[i * l.units..][..l.units], acc);
    }
}

/// See [`recurrent::backward_kernel`].
pub fn backward_kernel(pass: &mut ParamPass<'_, '_>, to: To, l: &Recurrent, x: Buf, gates: Buf, mask: Buf) {
    let (isa, given) = (pass.isa, mask);
    let Some((out, [x, gates, mask], tmp)) = pass.some_rows(to, l.k * l.n(), [x, gates, mask]) else { return };
    recurrent::backward_kernel(isa, out, l, x, gates, some(given, mask), tmp);
}

/// See [`recurrent::backward_recurrent`].
pub fn backward_recurrent(pass: &mut ParamPass<'_, '_>, to: To, l: &Recurrent, [a, gates, aux]: [Buf; 3], mask: Buf) {
    let (isa, given, ins) = (pass.isa, mask, [a, gates, aux, mask]);
    let Some((out, [a, gates, aux, mask], tmp)) = pass.some_rows(to, l.units * l.n(), ins) else { return };
    recurrent::backward_recurrent(isa, out, l, a, gates, aux, some(given, mask), tmp);
}

/// See [`recurrent::backward_bias`].
pub fn backward_bias(pass: &mut ParamPass<'_, '_>, to: To, l: &Recurrent, gates: Buf, aux: Buf) {
    let (isa, twice) = (pass.isa, matches!(l.cell, Cell::Gru { reset_after: true }));
    let len = if twice { 2 * l.n() } else { l.n() };
    let Some((out, [gates, aux], _)) = pass.param(to, len, [gates, aux]) else { return };
    recurrent::backward_bias(isa, out, l, gates, aux);
}
