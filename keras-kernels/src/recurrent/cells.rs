//! The arithmetic of one step between its products, over all rows. It is written for blocks of elements, so that the
//! compiler can make vectors of it.

use super::{Cell, Recurrent, Saved};
use crate::Real;

/// An activation.
pub(super) trait Curve<R>: Copy {
    /// Its value.
    fn of(self, x: R) -> R;
    /// Its slope, from its value or, where that is what it is worked out from, its input.
    fn slope(self, y: R, x: R) -> R;
}

/// Which half of a step, where there is a product in its middle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// All of it, or the first half.
    First,
    /// The second half.
    Second,
}

/// Elements that are taken at once.
const BLOCK: usize = 64;

type Block<R> = [R; BLOCK];

/// Elements `at..at + len`, and zeros behind them.
#[inline(always)]
fn take<R: Real>(x: &[R], at: usize, len: usize) -> Block<R> {
    let x = &x[at..at + len];
    let mut block = [R::ZERO; BLOCK];
    match x.first_chunk() {
        Some(whole) => block = *whole,
        None => block[..len].copy_from_slice(x),
    }
    block
}

#[inline(always)]
fn put<R: Real>(x: &mut [R], at: usize, len: usize, block: &Block<R>) {
    let x = &mut x[at..at + len];
    match x.first_chunk_mut() {
        Some(whole) => *whole = *block,
        None => x.copy_from_slice(&block[..len]),
    }
}

/// The parts of a step of one row.
struct Row<'a, R> {
    gates: &'a mut [R],
    a: &'a mut [R],
    aux: &'a mut [R],
    pre: &'a mut [R],
    h: &'a [R],
    drop: &'a [R],
    state: &'a mut [R],
    work: &'a mut [R],
}

impl<'a, R> Saved<'a, R> {
    fn row(&mut self, l: &Recurrent, row: usize, t: usize) -> Row<'_, R> {
        let step = |len: usize| (row * l.steps + t) * len..(row * l.steps + t + 1) * len;
        let sample = |len: usize| row * len..(row + 1) * len;
        // The h before the step is the first part of what is multiplied by U, unless that is masked.
        let (u, wide) = (l.units, l.parts() * l.units);
        let h = if l.h_len() == 0 { &[][..] } else { &self.h[step(u)] };
        Row {
            gates: &mut self.gates[step(l.n())],
            a: &mut self.a[step(wide)],
            aux: &mut self.aux[step(l.aux())],
            pre: &mut self.pre[step(l.pre())],
            h,
            drop: &self.drop[sample(l.drop_len())],
            state: &mut self.state[sample(l.state_len())],
            work: &mut self.work[sample(l.work_len())],
        }
    }
}

/// Whether step `t` of a row is left out.
#[inline(always)]
fn left_out<R: Real>(mask: Option<&[R]>, l: &Recurrent, row: usize, t: usize) -> bool {
    mask.is_some_and(|mask| mask[row * l.steps + t] == R::ZERO)
}

/// From what was summed up for the gates to the next state, in so many rows.
#[inline(always)]
pub(super) fn forward<R: Real>(
    l: &Recurrent,
    saved: &mut Saved<'_, R>,
    mask: Option<&[R]>,
    rows: usize,
    t: usize,
    half: Half,
    act: impl Curve<R>,
    gate: impl Curve<R>,
) {
    for row in 0..rows {
        let out = left_out(mask, l, row, t);
        let mut row = saved.row(l, row, t);
        match l.cell {
            Cell::Gru { reset_after: false } if out && half == Half::First => {
                let wide = row.a.len();
                row.a[wide - l.units..].fill(R::ZERO);
            }
            _ if out => {}
            Cell::Simple => row.simple(l.units, act),
            Cell::Lstm => row.lstm(l.units, act, gate),
            Cell::Gru { reset_after: true } => row.gru_after(l.units, act, gate),
            Cell::Gru { .. } if half == Half::First => row.gru_reset(l.units, gate),
            Cell::Gru { .. } => row.gru_candidate(l.units, act),
        }
    }
}

/// From the gradient of the next state to those of what was summed up for the gates, and of what the state before it has
/// to do with the next one directly.
#[inline(always)]
pub(super) fn backward<R: Real>(
    l: &Recurrent,
    saved: &mut Saved<'_, R>,
    mask: Option<&[R]>,
    rows: usize,
    t: usize,
    half: Half,
    act: impl Curve<R>,
    gate: impl Curve<R>,
) {
    for row in 0..rows {
        let out = left_out(mask, l, row, t);
        let mut row = saved.row(l, row, t);
        match l.cell {
            _ if out => {
                row.gates.fill(R::ZERO);
                if matches!(l.cell, Cell::Gru { reset_after: true }) {
                    row.aux.fill(R::ZERO);
                }
            }
            Cell::Simple => row.simple_back(l.units, act),
            Cell::Lstm => row.lstm_back(l.units, act, gate),
            Cell::Gru { reset_after: true } => row.gru_after_back(l.units, act, gate),
            Cell::Gru { .. } if half == Half::First => row.gru_candidate_back(l.units, act, gate),
            Cell::Gru { .. } => row.gru_reset_back(l.units, gate),
        }
    }
}

/// The blocks of `len` elements: where each begins, and its length.
fn blocks(len: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len).step_by(BLOCK).map(move |at| (at, BLOCK.min(len - at)))
}

impl<R: Real> Row<'_, R> {
    /// Keeps the inputs of the gates from column `from` on where slopes are worked out from them.
    #[inline(always)]
    fn keep(&mut self, from: usize, to: usize) {
        if !self.pre.is_empty() {
            self.pre[from..to].copy_from_slice(&self.gates[from..to]);
        }
    }

    /// An input of the gates that was kept.
    #[inline(always)]
    fn kept(&self, at: usize, len: usize) -> Block<R> {
        if self.pre.is_empty() { [R::ZERO; BLOCK] } else { take(self.pre, at, len) }
    }

    #[inline(always)]
    fn before(&self, at: usize, len: usize) -> Block<R> {
        take(if self.h.is_empty() { self.a } else { self.h }, at, len)
    }

    #[inline(always)]
    fn simple(&mut self, u: usize, act: impl Curve<R>) {
        self.keep(0, u);
        for (at, len) in blocks(u) {
            let mut z = take(self.gates, at, len);
            for z in &mut z {
                *z = act.of(*z);
            }
            put(self.gates, at, len, &z);
            put(self.state, at, len, &z);
        }
    }

    #[inline(always)]
    fn simple_back(&mut self, u: usize, act: impl Curve<R>) {
        for (at, len) in blocks(u) {
            let (y, x, mut d) = (take(self.gates, at, len), self.kept(at, len), take(self.state, at, len));
            for i in 0..BLOCK {
                d[i] *= act.slope(y[i], x[i]);
            }
            put(self.gates, at, len, &d);
        }
        self.state.fill(R::ZERO);
    }

    #[inline(always)]
    fn lstm(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        self.keep(0, 4 * u);
        for (at, len) in blocks(u) {
            let [mut i, mut f, mut g, mut o] = [0, 1, 2, 3].map(|gate| take(self.gates, gate * u + at, len));
            let before = take(self.state, u + at, len);
            let (mut c, mut top, mut h) = (before, before, before);
            for e in 0..BLOCK {
                (i[e], f[e], g[e], o[e]) = (gate.of(i[e]), gate.of(f[e]), act.of(g[e]), gate.of(o[e]));
                c[e] = f[e] * before[e] + i[e] * g[e];
                top[e] = act.of(c[e]);
                h[e] = o[e] * top[e];
            }
            for (gate, block) in [i, f, g, o].iter().enumerate() {
                put(self.gates, gate * u + at, len, block);
            }
            put(self.aux, at, len, &before);
            put(self.aux, u + at, len, &top);
            put(self.state, at, len, &h);
            put(self.state, u + at, len, &c);
            if !self.pre.is_empty() {
                put(self.pre, 4 * u + at, len, &c);
            }
        }
    }

    #[inline(always)]
    fn lstm_back(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        for (at, len) in blocks(u) {
            let [mut i, mut f, mut g, mut o] = [0, 1, 2, 3].map(|gate| take(self.gates, gate * u + at, len));
            let [xi, xf, xg, xo, xc] = [0, 1, 2, 3, 4].map(|gate| self.kept(gate * u + at, len));
            let (before, top) = (take(self.aux, at, len), take(self.aux, u + at, len));
            let (dh, mut dc) = (take(self.state, at, len), take(self.state, u + at, len));
            for e in 0..BLOCK {
                let d = dc[e] + dh[e] * o[e] * act.slope(top[e], xc[e]);
                dc[e] = d * f[e];
                let (of_i, of_g) = (d * g[e], d * i[e]);
                i[e] = of_i * gate.slope(i[e], xi[e]);
                f[e] = d * before[e] * gate.slope(f[e], xf[e]);
                g[e] = of_g * act.slope(g[e], xg[e]);
                o[e] = dh[e] * top[e] * gate.slope(o[e], xo[e]);
            }
            for (gate, block) in [i, f, g, o].iter().enumerate() {
                put(self.gates, gate * u + at, len, block);
            }
            put(self.state, u + at, len, &dc);
        }
        self.state[..u].fill(R::ZERO);
    }

    #[inline(always)]
    fn gru_after(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        for (at, len) in blocks(u) {
            let [mut z, mut r, mut g] = [0, 1, 2].map(|gate| take(self.gates, gate * u + at, len));
            let [hz, hr, hg] = [0, 1, 2].map(|gate| take(self.aux, gate * u + at, len));
            let mut h = take(self.state, at, len);
            for e in 0..BLOCK {
                (z[e], r[e]) = (z[e] + hz[e], r[e] + hr[e]);
            }
            let (xz, xr) = (z, r);
            for e in 0..BLOCK {
                (z[e], r[e]) = (gate.of(z[e]), gate.of(r[e]));
                g[e] += r[e] * hg[e];
            }
            let xg = g;
            for e in 0..BLOCK {
                g[e] = act.of(g[e]);
                h[e] = z[e] * h[e] + (R::ONE - z[e]) * g[e];
            }
            for (gate, (block, x)) in [z, r, g].iter().zip([xz, xr, xg]).enumerate() {
                put(self.gates, gate * u + at, len, block);
                if !self.pre.is_empty() {
                    put(self.pre, gate * u + at, len, &x);
                }
            }
            put(self.state, at, len, &h);
        }
    }

    #[inline(always)]
    fn gru_after_back(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        for (at, len) in blocks(u) {
            let [mut z, mut r, mut g] = [0, 1, 2].map(|gate| take(self.gates, gate * u + at, len));
            let [xz, xr, xg] = [0, 1, 2].map(|gate| self.kept(gate * u + at, len));
            let mut hg = take(self.aux, 2 * u + at, len);
            let (before, mut dh) = (self.before(at, len), take(self.state, at, len));
            for e in 0..BLOCK {
                let d = dh[e];
                let dg = d * (R::ONE - z[e]) * act.slope(g[e], xg[e]);
                let dz = d * (before[e] - g[e]) * gate.slope(z[e], xz[e]);
                let dr = dg * hg[e] * gate.slope(r[e], xr[e]);
                dh[e] = d * z[e];
                hg[e] = dg * r[e];
                (z[e], r[e], g[e]) = (dz, dr, dg);
            }
            for (gate, (x, h)) in [z, r, g].iter().zip([z, r, hg]).enumerate() {
                put(self.gates, gate * u + at, len, x);
                put(self.aux, gate * u + at, len, &h);
            }
            put(self.state, at, len, &dh);
        }
    }

    /// The first two gates of a GRU whose reset gate comes before U, and r·h.
    #[inline(always)]
    fn gru_reset(&mut self, u: usize, gate: impl Curve<R>) {
        self.keep(0, 2 * u);
        let last = self.a.len() - u;
        for (at, len) in blocks(u) {
            let [mut z, mut r] = [0, 1].map(|gate| take(self.gates, gate * u + at, len));
            let mut h = take(self.state, at, len);
            for e in 0..BLOCK {
                (z[e], r[e]) = (gate.of(z[e]), gate.of(r[e]));
                h[e] = r[e] * h[e];
            }
            if !self.drop.is_empty() {
                let drop = take(self.drop, 2 * u + at, len);
                for e in 0..BLOCK {
                    h[e] *= drop[e];
                }
            }
            put(self.gates, at, len, &z);
            put(self.gates, u + at, len, &r);
            put(self.a, last + at, len, &h);
        }
    }

    /// The rest of that.
    #[inline(always)]
    fn gru_candidate(&mut self, u: usize, act: impl Curve<R>) {
        self.keep(2 * u, 3 * u);
        for (at, len) in blocks(u) {
            let (z, mut g, mut h) =
                (take(self.gates, at, len), take(self.gates, 2 * u + at, len), take(self.state, at, len));
            for e in 0..BLOCK {
                g[e] = act.of(g[e]);
                h[e] = z[e] * h[e] + (R::ONE - z[e]) * g[e];
            }
            put(self.gates, 2 * u + at, len, &g);
            put(self.state, at, len, &h);
        }
    }

    #[inline(always)]
    fn gru_candidate_back(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        for (at, len) in blocks(u) {
            let (mut z, mut g) = (take(self.gates, at, len), take(self.gates, 2 * u + at, len));
            let (xz, xg) = (self.kept(at, len), self.kept(2 * u + at, len));
            let (before, mut dh) = (self.before(at, len), take(self.state, at, len));
            for e in 0..BLOCK {
                let d = dh[e];
                let dg = d * (R::ONE - z[e]) * act.slope(g[e], xg[e]);
                dh[e] = d * z[e];
                z[e] = d * (before[e] - g[e]) * gate.slope(z[e], xz[e]);
                g[e] = dg;
            }
            put(self.gates, at, len, &z);
            put(self.gates, 2 * u + at, len, &g);
            put(self.state, at, len, &dh);
        }
    }

    /// `work` has the gradient of r·h.
    #[inline(always)]
    fn gru_reset_back(&mut self, u: usize, gate: impl Curve<R>) {
        for (at, len) in blocks(u) {
            let (mut r, x, d) = (take(self.gates, u + at, len), self.kept(u + at, len), take(self.work, at, len));
            let (before, mut dh) = (self.before(at, len), take(self.state, at, len));
            for e in 0..BLOCK {
                dh[e] += d[e] * r[e];
                r[e] = d[e] * before[e] * gate.slope(r[e], x[e]);
            }
            put(self.gates, u + at, len, &r);
            put(self.state, at, len, &dh);
        }
    }
}
