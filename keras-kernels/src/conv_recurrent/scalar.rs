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

/// The parts of [`forward`] and [`backward`] between convolutions, for those who run these by themselves.
///
/// Step `s` is the one that is taken as number `s`. Slices are for whole samples, as in [`super::forward`].
pub mod parts {
    use super::{ConvRecurrent, Given, Real, Saved, backward_step, forward_step, time};

    fn samples<R>(l: &ConvRecurrent, state: &[R]) -> usize {
        state.len() / (2 * l.image()).max(1)
    }

    /// The states before the first step.
    pub fn begin<R: Real>(l: &ConvRecurrent, state: &mut [R], given: Given<'_, R>) {
        time::begin(l, state, given);
    }

    /// What is convolved with U at a step, to `work`, and to its place in `a`.
    pub fn multiply<R: Real>(l: &ConvRecurrent, s: usize, saved: &mut Saved<'_, R>) {
        time::multiplied(l, saved, time::step(l, None, samples(l, saved.state), s));
    }

    /// The gates and the states of a step, where `sums` has what is summed up by U; and its output.
    pub fn step<R: Real>(l: &ConvRecurrent, s: usize, y: &mut [R], mask: Option<&[R]>, saved: &mut Saved<'_, R>) {
        let step = time::step(l, mask, samples(l, saved.state), s);
        forward_step(step, saved);
        time::show(l, y, &step, saved.state, s);
    }

    /// The states after the last step, behind the output.
    pub fn end<R: Real>(l: &ConvRecurrent, y: &mut [R], state: &[R]) {
        time::end(l, y, state);
    }

    /// The gradients of the states after the last step, if they come out.
    pub fn begin_back<R: Real>(l: &ConvRecurrent, dy: &[R], state: &mut [R]) {
        time::begin_back(l, dy, state);
    }

    /// The gradients of a step's sums, in the place of its gates and in `sums`, from those of its output and its states.
    pub fn step_back<R: Real>(l: &ConvRecurrent, s: usize, dy: &[R], mask: Option<&[R]>, saved: &mut Saved<'_, R>) {
        let step = time::step(l, mask, samples(l, saved.state), s);
        time::shown_back(l, dy, &step, saved.state, s);
        backward_step(step, saved);
    }

    /// Adds the gradient of what was convolved with U, which `work` has, to that of h.
    pub fn multiply_back<R: Real>(l: &ConvRecurrent, saved: &mut Saved<'_, R>) {
        time::multiplied_back(l, saved, &(0..samples(l, saved.state)));
    }
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
