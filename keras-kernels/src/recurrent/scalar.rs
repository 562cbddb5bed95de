//! Recurrent layers in plain Rust, over `f32` or `f64`.

use super::cells::{self, Curve, NARROW, Step};
use super::time::{self, Engine};
use super::{Cell, Given, Recurrent, Saved, Weights};
use crate::Real;
use crate::activation::scalar::{slope, value};
use crate::activation::{Act, Saves};
use crate::dense::scalar as dense;
use crate::gemm::view::{Begin, View, ViewMut, scalar as product};

/// Any activation.
#[derive(Clone, Copy)]
pub(super) struct Any(pub(super) Act);

impl<R: Real> Curve<R> for Any {
    #[inline(always)]
    fn of(self, x: R) -> R {
        value(self.0, x)
    }

    #[inline(always)]
    fn slope(self, y: R, x: R) -> R {
        slope(self.0, if matches!(self.0.saves(), Saves::Input) { x } else { y })
    }
}

/// Products by loops.
pub(super) struct Plain<'a, R> {
    u: &'a [R],
    units: usize,
    n: usize,
}

impl<'a, R> Plain<'a, R> {
    pub(super) fn new(l: &Recurrent, u: &'a [R]) -> Plain<'a, R> {
        assert!(u.len() == l.units * l.n(), "a recurrent kernel of {} weights", u.len());
        Plain { u, units: l.units, n: l.n() }
    }
}

impl<R: Real> Engine<R> for Plain<'_, R> {
    fn product(
        &mut self,
        step: &Step<'_, R>,
        c: ViewMut<'_, R>,
        a: View<'_, R>,
        col: usize,
        n: usize,
        begin: Begin<'_, R>,
    ) {
        product(c, a, View::rows(self.u, col, self.n), [step.samples, n, self.units], begin);
    }

    fn transposed(&mut self, c: ViewMut<'_, R>, d: View<'_, R>, m: usize, col: usize, n: usize, begin: Begin<'_, R>) {
        product(c, d, View::columns(self.u, col, self.n), [m, self.units, n], begin);
    }

    fn forward(&mut self, step: Step<'_, R>, saved: &mut Saved<'_, R>) {
        forward_step(step, saved);
    }

    fn backward(&mut self, step: Step<'_, R>, saved: &mut Saved<'_, R>) {
        backward_step(step, saved);
    }
}

pub(crate) fn forward_step<R: Real>(step: Step<'_, R>, saved: &mut Saved<'_, R>) {
    cells::forward::<_, NARROW>(step, saved, Any(step.l.act), Any(step.l.recurrent_act));
}

pub(crate) fn backward_step<R: Real>(step: Step<'_, R>, saved: &mut Saved<'_, R>) {
    cells::backward::<_, NARROW>(step, saved, Any(step.l.act), Any(step.l.recurrent_act));
}

/// As [`super::forward`].
pub fn forward<R: Real>(
    l: &Recurrent,
    y: &mut [R],
    x: &[R],
    given: Given<'_, R>,
    w: Weights<'_, R>,
    saved: &mut Saved<'_, R>,
) {
    project(l, saved.gates, x, w);
    steps(l, y, given, w, saved);
}

/// All steps, from the projections that `saved.gates` has: the second part of [`forward`].
pub fn steps<R: Real>(l: &Recurrent, y: &mut [R], given: Given<'_, R>, w: Weights<'_, R>, saved: &mut Saved<'_, R>) {
    let [_, bias] = w.biases(l);
    time::forward(&mut Plain::new(l, w.recurrent), l, y, given, bias, saved);
}

/// As [`super::backward`].
pub fn backward<R: Real>(l: &Recurrent, dy: &[R], mask: Option<&[R]>, w: Weights<'_, R>, saved: &mut Saved<'_, R>) {
    time::backward(&mut Plain::new(l, w.recurrent), l, dy, mask, saved);
}

/// gates = x·W + b, for all steps of all samples: the first part of [`forward`].
pub fn project<R: Real>(l: &Recurrent, gates: &mut [R], x: &[R], w: Weights<'_, R>) {
    let (m, k, n) = (l.rows(gates.len()), l.k, l.n());
    let ([b, _], w) = (w.biases(l), w.kernel);
    for part in 0..l.inputs {
        let (col, cols) = l.projected(part);
        let begin = Begin::with(b.map(|b| &b[col..col + cols]));
        let (a, b) = (View::rows(x, part * k, l.inputs * k), View::rows(w, col, n));
        product(ViewMut { data: gates, at: col, stride: n }, a, b, [m, cols, k], begin);
    }
}

/// As [`super::backward_data`].
pub fn backward_data<R: Real>(l: &Recurrent, dx: &mut [R], gates: &[R], w: &[R], acc: bool) {
    let (m, k, n) = (l.rows(gates.len()), l.k, l.n());
    for part in 0..l.inputs {
        let (col, cols) = l.projected(part);
        let begin = Begin::from_acc(acc);
        let (a, b) = (View::rows(gates, col, n), View::columns(w, col, n));
        product(ViewMut { data: dx, at: part * k, stride: l.inputs * k }, a, b, [m, k, cols], begin);
    }
}

/// As [`super::backward_kernel`]; `dw` is overwritten.
pub fn backward_kernel<R: Real>(l: &Recurrent, dw: &mut [R], x: &[R], gates: &[R]) {
    let (m, k, n) = (l.rows(gates.len()), l.k, l.n());
    for part in 0..l.inputs {
        let (col, cols) = l.projected(part);
        let (a, d) = (View::columns(x, part * k, l.inputs * k), View::rows(gates, col, n));
        product(ViewMut { data: dw, at: col, stride: n }, a, d, [k, cols, m], Begin::Zero);
    }
}

/// As [`super::backward_recurrent`]; `du` is overwritten.
pub fn backward_recurrent<R: Real>(l: &Recurrent, du: &mut [R], a: &[R], gates: &[R], aux: &[R]) {
    let (m, u, n, d) = (l.rows(gates.len()), l.units, l.n(), l.products(gates, aux));
    for part in 0..l.parts() {
        let (col, cols) = l.columns(part);
        let (a, d) = (View::columns(a, part * u, l.parts() * u), View::rows(d, col, n));
        product(ViewMut { data: du, at: col, stride: n }, a, d, [u, cols, m], Begin::Zero);
    }
}

/// As [`super::backward_bias`]; `db` is overwritten.
pub fn backward_bias<R: Real>(l: &Recurrent, db: &mut [R], gates: &[R], aux: &[R]) {
    let (m, n) = (l.rows(gates.len()), l.n());
    let both = matches!(l.cell, Cell::Gru { reset_after: true });
    for (db, d) in db.chunks_exact_mut(n.max(1)).zip(if both { [gates, aux] } else { [gates, &[]] }) {
        dense::backward_bias(db, d, m, n);
    }
}
