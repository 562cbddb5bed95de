//! The arithmetic of one step between its products, over all rows. It is written for blocks of elements, so that the
//! compiler can make vectors of it.

use super::{Cell, Recurrent, Saved};
use crate::Real;

/// An activation.
pub(crate) trait Curve<R>: Copy {
    /// Its value.
    fn of(self, x: R) -> R;
    /// Its slope, from its value or, where that is what it is worked out from, its input.
    fn slope(self, y: R, x: R) -> R;
}

/// Which half of a step, where there is a product in its middle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    /// All of it, or the first half.
    First,
    /// The second half.
    Second,
}

/// Where the arithmetic is.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a, R> {
    pub(crate) l: &'a Recurrent,
    /// For each step of each sample 0 if it is left out.
    pub(crate) mask: Option<&'a [R]>,
    pub(crate) samples: usize,
    /// Rows of a sample at a step: 1, or a row for each position of a convolution.
    pub(crate) positions: usize,
    pub(crate) t: usize,
    pub(crate) half: Half,
    /// Whether `gates` has the projections and `sums` what is summed up by U; otherwise `sums` has both.
    pub(crate) apart: bool,
}

impl<R: Real> Step<'_, R> {
    /// The sample and the position of a row.
    #[inline(always)]
    fn place(&self, row: usize) -> (usize, usize) {
        if self.positions == 1 { (row, 0) } else { (row / self.positions, row % self.positions) }
    }

    /// Whether a sample leaves this step out.
    #[inline(always)]
    pub(crate) fn is_left_out(&self, sample: usize) -> bool {
        self.mask.is_some_and(|mask| mask[sample * self.l.steps + self.t] == R::ZERO)
    }
}

/// Elements that are taken at once.
const BLOCK: usize = 32;

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

/// The values of an activation. A loop for each keeps them in vectors.
#[inline(always)]
fn all<R: Real>(x: &mut Block<R>, curve: impl Curve<R>) {
    for x in x {
        *x = curve.of(*x);
    }
}

/// Its slopes.
#[inline(always)]
fn slopes<R: Real>(y: &Block<R>, x: &Block<R>, curve: impl Curve<R>) -> Block<R> {
    let mut slopes = [R::ZERO; BLOCK];
    for e in 0..BLOCK {
        slopes[e] = curve.slope(y[e], x[e]);
    }
    slopes
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
    sums: &'a mut [R],
    apart: bool,
    work: &'a mut [R],
}

impl<R> Saved<'_, R> {
    #[inline(always)]
    fn row(&mut self, step: &Step<'_, R>, sample: usize, position: usize) -> Row<'_, R> {
        let Step { l, positions, t, apart, .. } = *step;
        let (row, own) = ((sample * l.steps + t) * positions + position, sample * positions + position);
        let step = |len: usize| row * len..(row + 1) * len;
        let sample = |len: usize| own * len..(own + 1) * len;
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
            sums: &mut self.sums[sample(l.sums_len())],
            apart,
            work: &mut self.work[sample(l.work_len())],
        }
    }
}

/// From what was summed up for the gates to the next state, in all rows.
#[inline(always)]
pub(crate) fn forward<R: Real>(step: Step<'_, R>, saved: &mut Saved<'_, R>, act: impl Curve<R>, gate: impl Curve<R>) {
    let Step { l, half, .. } = step;
    for own in 0..step.samples * step.positions {
        let (sample, position) = step.place(own);
        let out = step.is_left_out(sample);
        let mut row = saved.row(&step, sample, position);
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
pub(crate) fn backward<R: Real>(step: Step<'_, R>, saved: &mut Saved<'_, R>, act: impl Curve<R>, gate: impl Curve<R>) {
    let Step { l, half, .. } = step;
    for own in 0..step.samples * step.positions {
        let (sample, position) = step.place(own);
        let out = step.is_left_out(sample);
        let mut row = saved.row(&step, sample, position);
        match l.cell {
            _ if out => {
                row.gates.fill(R::ZERO);
                row.sums.fill(R::ZERO);
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
    /// What is summed up for a gate; kept where a slope is worked out from it.
    #[inline(always)]
    fn sum(&mut self, at: usize, len: usize) -> Block<R> {
        let mut sum = take(self.sums, at, len);
        if self.apart {
            let projection = take(self.gates, at, len);
            for e in 0..BLOCK {
                sum[e] += projection[e];
            }
        }
        if !self.pre.is_empty() {
            put(self.pre, at, len, &sum);
        }
        sum
    }

    /// That of the first gates.
    #[inline(always)]
    fn sums<const G: usize>(&mut self, u: usize, at: usize, len: usize) -> [Block<R>; G] {
        let mut blocks = [[R::ZERO; BLOCK]; G];
        for gate in 0..G {
            blocks[gate] = self.sum(gate * u + at, len);
        }
        blocks
    }

    /// What became of it.
    #[inline(always)]
    fn values<const G: usize>(&self, u: usize, at: usize, len: usize) -> [Block<R>; G] {
        let mut blocks = [[R::ZERO; BLOCK]; G];
        for gate in 0..G {
            blocks[gate] = take(self.gates, gate * u + at, len);
        }
        blocks
    }

    /// What it was, where that was kept.
    #[inline(always)]
    fn inputs<const G: usize>(&self, u: usize, at: usize, len: usize) -> [Block<R>; G] {
        let mut blocks = [[R::ZERO; BLOCK]; G];
        for gate in 0..G {
            blocks[gate] = self.kept(gate * u + at, len);
        }
        blocks
    }

    /// The gradient of what was summed up for a gate.
    #[inline(always)]
    fn put_back(&mut self, at: usize, len: usize, block: &Block<R>) {
        put(self.gates, at, len, block);
        if self.apart {
            put(self.sums, at, len, block);
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
        for (at, len) in blocks(u) {
            let mut z = self.sum(at, len);
            all(&mut z, act);
            put(self.gates, at, len, &z);
            put(self.state, at, len, &z);
        }
    }

    #[inline(always)]
    fn simple_back(&mut self, u: usize, act: impl Curve<R>) {
        for (at, len) in blocks(u) {
            let (y, x, mut d) = (take(self.gates, at, len), self.kept(at, len), take(self.state, at, len));
            let slope = slopes(&y, &x, act);
            for e in 0..BLOCK {
                d[e] *= slope[e];
            }
            self.put_back(at, len, &d);
        }
        self.state.fill(R::ZERO);
    }

    #[inline(always)]
    fn lstm(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        for (at, len) in blocks(u) {
            let [mut i, mut f, mut g, mut o] = self.sums(u, at, len);
            let before = take(self.state, u + at, len);
            let (mut c, mut h) = (before, before);
            all(&mut i, gate);
            all(&mut f, gate);
            all(&mut g, act);
            all(&mut o, gate);
            for e in 0..BLOCK {
                c[e] = f[e] * before[e] + i[e] * g[e];
            }
            let mut top = c;
            all(&mut top, act);
            for e in 0..BLOCK {
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
            let [mut i, mut f, mut g, mut o] = self.values(u, at, len);
            let [xi, xf, xg, xo, xc] = self.inputs(u, at, len);
            let (before, top) = (take(self.aux, at, len), take(self.aux, u + at, len));
            let (dh, mut dc) = (take(self.state, at, len), take(self.state, u + at, len));
            let (of_i, of_f, of_o) = (slopes(&i, &xi, gate), slopes(&f, &xf, gate), slopes(&o, &xo, gate));
            let (of_g, of_c) = (slopes(&g, &xg, act), slopes(&top, &xc, act));
            for e in 0..BLOCK {
                let d = dc[e] + dh[e] * o[e] * of_c[e];
                dc[e] = d * f[e];
                (i[e], g[e]) = (d * g[e] * of_i[e], d * i[e] * of_g[e]);
                f[e] = d * before[e] * of_f[e];
                o[e] = dh[e] * top[e] * of_o[e];
            }
            for (gate, block) in [i, f, g, o].iter().enumerate() {
                self.put_back(gate * u + at, len, block);
            }
            put(self.state, u + at, len, &dc);
        }
        self.state[..u].fill(R::ZERO);
    }

    #[inline(always)]
    fn gru_after(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        for (at, len) in blocks(u) {
            let [mut z, mut r] = self.sums(u, at, len);
            let (mut g, hg) = (take(self.gates, 2 * u + at, len), take(self.sums, 2 * u + at, len));
            let mut h = take(self.state, at, len);
            all(&mut z, gate);
            all(&mut r, gate);
            for e in 0..BLOCK {
                g[e] += r[e] * hg[e];
            }
            if !self.pre.is_empty() {
                put(self.pre, 2 * u + at, len, &g);
            }
            all(&mut g, act);
            for e in 0..BLOCK {
                h[e] = z[e] * h[e] + (R::ONE - z[e]) * g[e];
            }
            for (gate, block) in [z, r, g].iter().enumerate() {
                put(self.gates, gate * u + at, len, block);
            }
            put(self.aux, 2 * u + at, len, &hg);
            put(self.state, at, len, &h);
        }
    }

    #[inline(always)]
    fn gru_after_back(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        for (at, len) in blocks(u) {
            let [mut z, mut r, mut g] = self.values(u, at, len);
            let [xz, xr, xg] = self.inputs(u, at, len);
            let mut hg = take(self.aux, 2 * u + at, len);
            let (before, mut dh) = (self.before(at, len), take(self.state, at, len));
            let (of_z, of_r, of_g) = (slopes(&z, &xz, gate), slopes(&r, &xr, gate), slopes(&g, &xg, act));
            for e in 0..BLOCK {
                let d = dh[e];
                let dg = d * (R::ONE - z[e]) * of_g[e];
                let dz = d * (before[e] - g[e]) * of_z[e];
                let dr = dg * hg[e] * of_r[e];
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
        let last = self.a.len() - u;
        for (at, len) in blocks(u) {
            let [mut z, mut r] = self.sums(u, at, len);
            let mut h = take(self.state, at, len);
            all(&mut z, gate);
            all(&mut r, gate);
            for e in 0..BLOCK {
                h[e] *= r[e];
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
        for (at, len) in blocks(u) {
            let (z, mut g, mut h) = (take(self.gates, at, len), self.sum(2 * u + at, len), take(self.state, at, len));
            all(&mut g, act);
            for e in 0..BLOCK {
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
            let (of_z, of_g) = (slopes(&z, &xz, gate), slopes(&g, &xg, act));
            for e in 0..BLOCK {
                let d = dh[e];
                let dg = d * (R::ONE - z[e]) * of_g[e];
                dh[e] = d * z[e];
                z[e] = d * (before[e] - g[e]) * of_z[e];
                g[e] = dg;
            }
            self.put_back(at, len, &z);
            self.put_back(2 * u + at, len, &g);
            put(self.state, at, len, &dh);
        }
    }

    /// `work` has the gradient of r·h.
    #[inline(always)]
    fn gru_reset_back(&mut self, u: usize, gate: impl Curve<R>) {
        for (at, len) in blocks(u) {
            let (mut r, x, d) = (take(self.gates, u + at, len), self.kept(u + at, len), take(self.work, at, len));
            let (before, mut dh) = (self.before(at, len), take(self.state, at, len));
            let of_r = slopes(&r, &x, gate);
            for e in 0..BLOCK {
                dh[e] += d[e] * r[e];
                r[e] = d[e] * before[e] * of_r[e];
            }
            self.put_back(u + at, len, &r);
            put(self.state, at, len, &dh);
        }
    }
}
