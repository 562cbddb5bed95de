//! The steps one after the other, whatever computes them.

use super::cells::{Half, Step};
use super::{Cell, Given, Recurrent, Saved, TOGETHER};
use crate::Real;
use crate::gemm::view::{Begin, View, ViewMut};

/// What computes the parts of a step, for all rows.
pub(super) trait Engine<R: Real> {
    /// Makes the projections of a step, if `gates` does not have them already: there if they are apart, and otherwise in
    /// `sums`.
    fn begin(&mut self, step: &Step<'_, R>, saved: &mut Saved<'_, R>) {
        if !step.apart {
            gathered(step, saved);
        }
    }

    /// Which samples are computed at a step, where that are not all: see [`Step::some`].
    fn some<'r>(&self, _step: &Step<'_, R>, _room: &'r mut [u8; TOGETHER]) -> Option<&'r [u8]> {
        None
    }

    /// C = begin + A · (`n` columns of U from `col` on), for the rows of a step. A has a row for each sample.
    fn product(
        &mut self,
        step: &Step<'_, R>,
        c: ViewMut<'_, R>,
        a: View<'_, R>,
        col: usize,
        n: usize,
        begin: Begin<'_, R>,
    );

    /// C = begin + D · (`n` columns of U from `col` on)ᵀ, for `m` rows.
    fn transposed(&mut self, c: ViewMut<'_, R>, d: View<'_, R>, m: usize, col: usize, n: usize, begin: Begin<'_, R>);

    /// The same where C are the states of samples, to which the rows of a step are added.
    fn carried(&mut self, step: &Step<'_, R>, state: ViewMut<'_, R>, d: View<'_, R>, col: usize, n: usize) {
        self.transposed(state, d, step.rows(), col, n, Begin::Sum);
    }

    /// See [`super::cells::forward`].
    fn forward(&mut self, step: Step<'_, R>, saved: &mut Saved<'_, R>);

    /// See [`super::cells::backward`].
    fn backward(&mut self, step: Step<'_, R>, saved: &mut Saved<'_, R>);
}

/// Copies the projections of a step from `gates` to `sums`.
pub(super) fn gathered<R: Real>(step: &Step<'_, R>, saved: &mut Saved<'_, R>) {
    let (n, steps) = (step.l.n().max(1), step.l.steps);
    for (row, sums) in saved.sums.chunks_exact_mut(n).take(step.rows()).enumerate() {
        sums.copy_from_slice(&saved.gates[(step.sample(row) * steps + step.t) * n..][..n]);
    }
}

/// How many samples there are.
pub(super) fn samples<R>(l: &Recurrent, y: usize, mask: Option<&[R]>, saved: &Saved<'_, R>) -> usize {
    let rows = y.checked_div(l.y_len()).unwrap_or(0);
    let parts = [
        ("y", y, l.y_len()),
        ("gates", saved.gates.len(), l.gates_len()),
        ("a", saved.a.len(), l.a_len()),
        ("aux", saved.aux.len(), l.aux_len()),
        ("pre", saved.pre.len(), l.pre_len()),
        ("h", saved.h.len(), l.h_len()),
        ("drop", saved.drop.len(), l.drop_len()),
        ("state", saved.state.len(), l.state_len()),
        ("sums", saved.sums.len(), l.sums_len()),
        ("work", saved.work.len(), l.work_len()),
        ("mask", mask.map_or(rows * l.steps, <[R]>::len), l.steps),
    ];
    for (name, found, each) in parts {
        assert!(found == rows * each, "{name} has {found} elements instead of {rows} × {each}");
    }
    rows
}

/// The step that is taken as number `s`.
fn step<'a, R: Real>(
    engine: &impl Engine<R>,
    l: &'a Recurrent,
    mask: Option<&'a [R]>,
    samples: usize,
    s: usize,
    room: &'a mut [u8; TOGETHER],
) -> Step<'a, R> {
    let (t, half, apart) = (l.step(s), Half::First, l.apart());
    let step = Step { l, mask, samples, positions: 1, t, half, apart, some: None };
    Step { some: engine.some(&step, room), ..step }
}

/// Whether what is multiplied by U in part `part` is the state itself.
fn is_state(l: &Recurrent, part: usize) -> bool {
    let reset_before = matches!(l.cell, Cell::Gru { reset_after: false });
    !(l.dropout || reset_before && part + 1 == l.parts())
}

pub(super) fn forward<R: Real>(
    engine: &mut impl Engine<R>,
    l: &Recurrent,
    y: &mut [R],
    given: Given<'_, R>,
    bias: Option<&[R]>,
    saved: &mut Saved<'_, R>,
) {
    let rows = samples(l, y.len(), given.mask, saved);
    if rows == 0 {
        return;
    }
    let u = l.units;
    for (i, state) in saved.state.chunks_exact_mut(l.state_len()).enumerate() {
        for (part, initial) in state.chunks_exact_mut(u).zip([given.h, given.c]) {
            match initial {
                Some(initial) => part.copy_from_slice(&initial[i * u..][..u]),
                None => part.fill(R::ZERO),
            }
        }
    }
    let mut room = [0; TOGETHER];
    for s in 0..l.steps {
        let step = step(engine, l, given.mask, rows, s, &mut room);
        (0..rows).for_each(|row| multiplied(&step, saved, row));
        if step.rows() > 0 {
            engine.begin(&step, saved);
            let half = products(engine, step, saved, bias);
            engine.forward(Step { half, ..step }, saved);
        }
        let Some(place) = l.place(s) else { continue };
        for row in 0..rows {
            let y = &mut y[row * l.y_len() + place..][..u];
            if l.zero_masked && step.is_left_out(row) {
                y.fill(R::ZERO);
            } else {
                y.copy_from_slice(&saved.state[row * l.state_len()..][..u]);
            }
        }
    }
    if l.states {
        for (row, state) in saved.state.chunks_exact(l.state_len()).enumerate() {
            y[row * l.y_len() + l.out_len()..][..state.len()].copy_from_slice(state);
        }
    }
}

/// The products of a step, and what half of it is left to do.
fn products<R: Real>(
    engine: &mut impl Engine<R>,
    step: Step<'_, R>,
    saved: &mut Saved<'_, R>,
    bias: Option<&[R]>,
) -> Half {
    let Step { l, t, .. } = step;
    let (u, n, wide) = (l.units, l.n(), l.parts() * l.units);
    let reset_before = matches!(l.cell, Cell::Gru { reset_after: false });
    for part in 0..l.parts() {
        if reset_before && part + 1 == l.parts() {
            engine.forward(step, saved);
        }
        let (col, cols) = l.columns(part);
        let a = if is_state(l, part) {
            View::rows(saved.state, 0, l.state_len())
        } else {
            View::rows(saved.a, t * wide + part * u, l.steps * wide)
        };
        let begin = match bias {
            _ if !step.apart => Begin::Sum,
            Some(bias) => Begin::Row(&bias[col..col + cols]),
            None => Begin::Zero,
        };
        let sums = ViewMut { data: &mut *saved.sums, at: col, stride: n };
        engine.product(&step, sums, a, col, cols, begin);
    }
    if reset_before { Half::Second } else { Half::First }
}

/// Keeps what is multiplied by U at a step: h, by the masks of the dropout if there is one; 0 where the step is left out.
fn multiplied<R: Real>(step: &Step<'_, R>, saved: &mut Saved<'_, R>, row: usize) {
    let (l, out) = (step.l, step.is_left_out(row));
    let (u, wide, step) = (l.units, l.parts() * l.units, row * l.steps + step.t);
    let h = &saved.state[row * l.state_len()..][..u];
    let a = &mut saved.a[step * wide..][..wide];
    if out {
        return a.fill(R::ZERO);
    }
    if l.h_len() > 0 {
        saved.h[step * u..][..u].copy_from_slice(h);
    }
    if !l.dropout {
        // Where there is a second part, it is not this.
        a[..u].copy_from_slice(h);
        return;
    }
    let drop = &saved.drop[row * l.drop_len()..][..wide];
    for (a, drop) in a.chunks_exact_mut(u).zip(drop.chunks_exact(u)) {
        for i in 0..u {
            a[i] = h[i] * drop[i];
        }
    }
}

pub(super) fn backward<R: Real>(
    engine: &mut impl Engine<R>,
    l: &Recurrent,
    dy: &[R],
    mask: Option<&[R]>,
    saved: &mut Saved<'_, R>,
) {
    let rows = samples(l, dy.len(), mask, saved);
    if rows == 0 {
        return;
    }
    let (u, len) = (l.units, l.state_len());
    for (row, state) in saved.state.chunks_exact_mut(len).enumerate() {
        if l.states {
            state.copy_from_slice(&dy[row * l.y_len() + l.out_len()..][..len]);
        } else {
            state.fill(R::ZERO);
        }
    }
    let mut room = [0; TOGETHER];
    for s in (0..l.steps).rev() {
        let step = step(engine, l, mask, rows, s, &mut room);
        if let Some(place) = l.place(s) {
            for row in (0..rows).filter(|&row| !(l.zero_masked && step.is_left_out(row))) {
                let dh = &mut saved.state[row * len..][..u];
                dh.iter_mut().zip(&dy[row * l.y_len() + place..]).for_each(|(dh, &dy)| *dh += dy);
            }
        }
        let step = Step { apart: step.some.is_some(), ..step };
        if step.some.is_some() {
            (0..rows).filter(|&row| step.is_left_out(row)).for_each(|row| left_out(&step, saved, row));
        }
        if step.rows() == 0 {
            continue;
        }
        engine.backward(step, saved);
        let mut parts = 0..l.parts();
        if matches!(l.cell, Cell::Gru { reset_after: false })
            && let Some(part) = parts.next_back()
        {
            masked(engine, &step, saved, part);
            engine.backward(Step { half: Half::Second, ..step }, saved);
        }
        for part in parts {
            if l.dropout {
                masked(engine, &step, saved, part);
                for (row, d) in saved.work.chunks_exact(u).take(step.rows()).enumerate() {
                    let dh = &mut saved.state[step.sample(row) * len..][..u];
                    dh.iter_mut().zip(d).for_each(|(dh, &d)| *dh += d);
                }
            } else {
                let (col, cols) = l.columns(part);
                let state = ViewMut { data: &mut *saved.state, at: 0, stride: len };
                let d = gradients(&step, saved.gates, saved.aux, saved.sums, col);
                engine.carried(&step, state, d, col, cols);
            }
        }
    }
}

/// The gradients of the projections at a step that is left out, and of the products with U.
fn left_out<R: Real>(step: &Step<'_, R>, saved: &mut Saved<'_, R>, row: usize) {
    let (l, at) = (step.l, row * step.l.steps + step.t);
    saved.gates[at * l.n()..][..l.n()].fill(R::ZERO);
    if matches!(l.cell, Cell::Gru { reset_after: true }) {
        saved.aux[at * l.aux()..][..l.aux()].fill(R::ZERO);
    }
}

/// The gradients of the products with U for the rows of a step, from column `col` on.
fn gradients<'a, R: Real>(step: &Step<'_, R>, gates: &'a [R], aux: &'a [R], sums: &'a [R], col: usize) -> View<'a, R> {
    let (l, n) = (step.l, step.l.n());
    match step.some {
        Some(_) => View::rows(sums, col, n),
        None => View::rows(l.products(gates, aux), step.t * n + col, l.steps * n),
    }
}

/// `work` becomes the gradient of what was multiplied in a part, by the mask of the dropout if there is one.
fn masked<R: Real>(engine: &mut impl Engine<R>, step: &Step<'_, R>, saved: &mut Saved<'_, R>, part: usize) {
    let (l, u, (col, cols)) = (step.l, step.l.units, step.l.columns(part));
    let d = gradients(step, saved.gates, saved.aux, saved.sums, col);
    let work = ViewMut { data: &mut *saved.work, at: 0, stride: u };
    engine.transposed(work, d, step.rows(), col, cols, Begin::Zero);
    if l.dropout {
        for (row, work) in saved.work.chunks_exact_mut(u).take(step.rows()).enumerate() {
            let drop = &saved.drop[step.sample(row) * l.drop_len()..][part * u..];
            work.iter_mut().zip(drop).for_each(|(d, &drop)| *d *= drop);
        }
    }
}
