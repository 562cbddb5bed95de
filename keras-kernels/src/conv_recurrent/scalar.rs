//! The same in plain Rust, over `f32` or `f64`.

use super::time::{self, Engine};
use super::{ConvRecurrent, Geometry, Given, Saved, Weights};
use crate::Real;
use crate::activation::Act;
use crate::conv::scalar as conv;
use crate::dense::scalar as dense;
use crate::recurrent::cells::Step;
use crate::recurrent::scalar::{backward_step, forward_step};

/// Convolutions by loops.
struct Plain<'a, R> {
    state: &'a Geometry,
    u: &'a [R],
}

impl<R: Real> Engine<R> for Plain<'_, R> {
    fn product(&mut self, sums: &mut [R], a: &[R], samples: usize) {
        conv::forward(sums, a, self.u, None, Act::Linear, samples, self.state);
    }

    fn transposed(&mut self, da: &mut [R], sums: &[R], samples: usize) {
        conv::backward_data(da, sums, self.u, samples, self.state, false);
    }

    fn forward(&mut self, step: Step<'_, R>, saved: &mut Saved<'_, R>) {
        forward_step(step, saved);
    }

    fn backward(&mut self, step: Step<'_, R>, saved: &mut Saved<'_, R>) {
        backward_step(step, saved);
    }
}

/// As [`super::forward`].
pub fn forward<R: Real>(
    l: &ConvRecurrent,
    y: &mut [R],
    x: &[R],
    given: Given<'_, R>,
    w: Weights<'_, R>,
    saved: &mut Saved<'_, R>,
) {
    let images = l.images(saved.gates.len());
    conv::forward(saved.gates, x, w.kernel, w.bias, Act::Linear, images, &l.input);
    time::forward(&mut Plain { state: &l.state, u: w.recurrent }, l, y, given, saved);
}

/// As [`super::backward`].
pub fn backward<R: Real>(l: &ConvRecurrent, dy: &[R], mask: Option<&[R]>, w: Weights<'_, R>, saved: &mut Saved<'_, R>) {
    time::backward(&mut Plain { state: &l.state, u: w.recurrent }, l, dy, mask, saved);
}

/// As [`super::backward_data`].
pub fn backward_data<R: Real>(l: &ConvRecurrent, dx: &mut [R], gates: &[R], w: &[R], acc: bool) {
    conv::backward_data(dx, gates, w, l.images(gates.len()), &l.input, acc);
}

/// As [`super::backward_kernel`]; `dw` is overwritten.
pub fn backward_kernel<R: Real>(l: &ConvRecurrent, dw: &mut [R], x: &[R], gates: &[R]) {
    conv::backward_kernel(dw, x, gates, l.images(gates.len()), &l.input);
}

/// As [`super::backward_recurrent`]; `du` is overwritten.
pub fn backward_recurrent<R: Real>(l: &ConvRecurrent, du: &mut [R], a: &[R], gates: &[R]) {
    conv::backward_kernel(du, a, gates, l.images(gates.len()), &l.state);
}

/// As [`super::backward_bias`]; `db` is overwritten.
pub fn backward_bias<R: Real>(l: &ConvRecurrent, db: &mut [R], gates: &[R]) {
    dense::backward_bias(db, gates, l.images(gates.len()) * l.positions(), l.cell.n());
}
