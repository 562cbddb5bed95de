//! The steps one after the other, whatever computes them.

use core::ops::Range;

use super::cells::Half;
use super::{Cell, Given, Recurrent, Saved};
use crate::Real;
use crate::gemm::view::{Begin, View, ViewMut};

/// What computes the parts of a step, for all rows.
pub(super) trait Engine<R: Real> {
    /// C = begin + A · (`n` columns of U from `col` on), for `m` rows.
    fn product(&mut self, c: ViewMut<'_, R>, a: View<'_, R>, m: usize, col: usize, n: usize, begin: Begin<'_, R>);

    /// C = begin + D · (`n` columns of U from `col` on)ᵀ, for `m` rows.
    fn transposed(&mut self, c: ViewMut<'_, R>, d: View<'_, R>, m: usize, col: usize, n: usize, begin: Begin<'_, R>);

    /// See [`super::cells::forward`].
    fn forward(
        &mut self,
        l: &Recurrent,
        s: &mut Saved<'_, R>,
        mask: Option<&[R]>,
        rows: Range<usize>,
        t: usize,
        half: Half,
    );

    /// See [`super::cells::backward`].
    fn backward(
        &mut self,
        l: &Recurrent,
        s: &mut Saved<'_, R>,
        mask: Option<&[R]>,
        rows: Range<usize>,
        t: usize,
        half: Half,
    );
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

/// Whether what is multiplied by U in part `part` is the state itself.
fn is_state(l: &Recurrent, part: usize) -> bool {
    let reset_before = matches!(l.cell, Cell::Gru { reset_after: false });
    !(l.dropout || reset_before && part + 1 == l.parts())
}

/// Whether a step of a row is left out.
fn left_out<R: Real>(mask: Option<&[R]>, l: &Recurrent, row: usize, t: usize) -> bool {
    mask.is_some_and(|mask| mask[row * l.steps + t] == R::ZERO)
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
    let all = 0..rows;
    for s in 0..l.steps {
        let (t, rows) = (l.step(s), all.clone());
        rows.clone().for_each(|row| multiplied(l, saved, row, t));
        let half = products(engine, l, saved, &given, bias, &rows, t);
        engine.forward(l, saved, given.mask, rows.clone(), t, half);
        let Some(place) = l.place(s) else { continue };
        for row in rows {
            let y = &mut y[row * l.y_len() + place..][..u];
            if l.zero_masked && left_out(given.mask, l, row, t) {
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
    l: &Recurrent,
    saved: &mut Saved<'_, R>,
    given: &Given<'_, R>,
    bias: Option<&[R]>,
    rows: &Range<usize>,
    t: usize,
) -> Half {
    let (u, n, wide, m) = (l.units, l.n(), l.parts() * l.units, rows.len());
    let reset_before = matches!(l.cell, Cell::Gru { reset_after: false });
    for part in 0..l.parts() {
        if reset_before && part + 1 == l.parts() {
            engine.forward(l, saved, given.mask, rows.clone(), t, Half::First);
        }
        let (col, cols) = l.columns(part);
        let a = if is_state(l, part) {
            View::rows(saved.state, rows.start * l.state_len(), l.state_len())
        } else {
            View::rows(saved.a, (rows.start * l.steps + t) * wide + part * u, l.steps * wide)
        };
        let begin = bias.map_or(Begin::Zero, |bias| Begin::Row(&bias[col..col + cols]));
        let sums = ViewMut { data: &mut *saved.sums, at: rows.start * n + col, stride: n };
        engine.product(sums, a, m, col, cols, begin);
    }
    if reset_before { Half::Second } else { Half::First }
}

/// Keeps what is multiplied by U at step `t`: h, by the masks of the dropout if there is one.
fn multiplied<R: Real>(l: &Recurrent, saved: &mut Saved<'_, R>, row: usize, t: usize) {
    let (u, wide, step) = (l.units, l.parts() * l.units, row * l.steps + t);
    let h = &saved.state[row * l.state_len()..][..u];
    let a = &mut saved.a[step * wide..][..wide];
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
    let (u, n, len) = (l.units, l.n(), l.state_len());
    for (row, state) in saved.state.chunks_exact_mut(len).enumerate() {
        if l.states {
            state.copy_from_slice(&dy[row * l.y_len() + l.out_len()..][..len]);
        } else {
            state.fill(R::ZERO);
        }
    }
    let all = 0..rows;
    for s in (0..l.steps).rev() {
        let (t, rows) = (l.step(s), all.clone());
        if let Some(place) = l.place(s) {
            for row in rows.clone().filter(|&row| !(l.zero_masked && left_out(mask, l, row, t))) {
                let dh = &mut saved.state[row * len..][..u];
                dh.iter_mut().zip(&dy[row * l.y_len() + place..]).for_each(|(dh, &dy)| *dh += dy);
            }
        }
        engine.backward(l, saved, mask, rows.clone(), t, Half::First);
        let mut parts = 0..l.parts();
        if matches!(l.cell, Cell::Gru { reset_after: false })
            && let Some(part) = parts.next_back()
        {
            masked(engine, l, saved, &rows, part);
            engine.backward(l, saved, mask, rows.clone(), t, Half::Second);
        }
        for part in parts {
            if l.dropout {
                masked(engine, l, saved, &rows, part);
                let (states, works) = (&mut saved.state[rows.start * len..], &saved.work[rows.start * u..]);
                for (dh, d) in states.chunks_exact_mut(len).zip(works.chunks_exact(u)).take(rows.len()) {
                    dh.iter_mut().zip(d).for_each(|(dh, &d)| *dh += d);
                }
            } else {
                let (col, cols) = l.columns(part);
                let d = View::rows(saved.sums, rows.start * n + col, n);
                let state = ViewMut { data: &mut *saved.state, at: rows.start * len, stride: len };
                engine.transposed(state, d, rows.len(), col, cols, Begin::Sum);
            }
        }
    }
}

/// `work` becomes the gradient of what was multiplied in a part, by the mask of the dropout if there is one.
fn masked<R: Real>(
    engine: &mut impl Engine<R>,
    l: &Recurrent,
    saved: &mut Saved<'_, R>,
    rows: &Range<usize>,
    part: usize,
) {
    let (u, n, (col, cols)) = (l.units, l.n(), l.columns(part));
    let d = View::rows(saved.sums, rows.start * n + col, n);
    let work = ViewMut { data: &mut *saved.work, at: rows.start * u, stride: u };
    engine.transposed(work, d, rows.len(), col, cols, Begin::Zero);
    if l.dropout {
        let (works, drops) = (&mut saved.work[rows.start * u..], &saved.drop[rows.start * l.drop_len()..]);
        for (work, drop) in works.chunks_exact_mut(u).zip(drops.chunks_exact(l.drop_len())).take(rows.len()) {
            work.iter_mut().zip(&drop[part * u..]).for_each(|(d, &drop)| *d *= drop);
        }
    }
}
