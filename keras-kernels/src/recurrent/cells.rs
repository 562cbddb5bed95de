//! The arithmetic of one step between its products, over all rows. It is written for blocks of elements, so that the
//! compiler can make vectors of it, and without closures, which are not always compiled for the same instruction set.

mod gru;

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
    /// Whether `gates` has the projections and `sums` what is summed up by U; otherwise `sums` has both. In the backward pass
    /// whether `sums` gets the gradients of what is summed up by U, too.
    pub(crate) apart: bool,
    /// The samples that are computed, if not all are: those that do not leave this step out. What they have in `sums` and
    /// `work` lies side by side then. There is one position.
    pub(crate) some: Option<&'a [u8]>,
}

impl<R: Real> Step<'_, R> {
    /// The sample and the position of a row.
    #[inline(always)]
    fn place(&self, row: usize) -> (usize, usize) {
        if self.positions == 1 { (row, 0) } else { (row / self.positions, row % self.positions) }
    }

    /// How many rows are computed.
    #[inline(always)]
    pub(crate) fn rows(&self) -> usize {
        self.some.map_or(self.samples * self.positions, <[u8]>::len)
    }

    /// The sample of a row that is computed.
    #[inline(always)]
    pub(crate) fn sample(&self, row: usize) -> usize {
        self.some.map_or(row, |some| usize::from(some[row]))
    }

    /// Whether a sample leaves this step out.
    #[inline(always)]
    pub(crate) fn is_left_out(&self, sample: usize) -> bool {
        self.mask.is_some_and(|mask| mask[sample * self.l.steps + self.t] == R::ZERO)
    }
}

/// How many elements are taken at a time, unless there is a body for more.
pub(crate) const NARROW: usize = 16;

/// Elements `at..at + len`, and zeros behind them.
#[inline(always)]
fn take<R: Real, const B: usize>(x: &[R], at: usize, len: usize) -> [R; B] {
    let x = &x[at..at + len];
    let mut block = [R::ZERO; B];
    match x.first_chunk() {
        Some(whole) => block = *whole,
        None => block[..len].copy_from_slice(x),
    }
    block
}

#[inline(always)]
fn put<R: Real, const B: usize>(x: &mut [R], at: usize, len: usize, block: &[R; B]) {
    let x = &mut x[at..at + len];
    match x.first_chunk_mut() {
        Some(whole) => *whole = *block,
        None => x.copy_from_slice(&block[..len]),
    }
}

/// The values of an activation. A loop for each keeps them in vectors.
#[inline(always)]
fn all<R: Real, const B: usize>(x: &mut [R; B], curve: impl Curve<R>) {
    for x in x {
        *x = curve.of(*x);
    }
}

/// Its slopes.
#[inline(always)]
fn slopes<R: Real, const B: usize>(y: &[R; B], x: &[R; B], curve: impl Curve<R>) -> [R; B] {
    let mut slopes = [R::ZERO; B];
    for e in 0..B {
        slopes[e] = curve.slope(y[e], x[e]);
    }
    slopes
}

/// The parts of a step of one row, of which `B` elements are taken at once.
struct Row<'a, R, const B: usize> {
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
    fn row<const B: usize>(&mut self, step: &Step<'_, R>, at: usize, sample: usize, position: usize) -> Row<'_, R, B> {
        let Step { l, positions, t, apart, .. } = *step;
        let (row, own) = ((sample * l.steps + t) * positions + position, sample * positions + position);
        let step = |len: usize| row * len..(row + 1) * len;
        let sample = |len: usize| own * len..(own + 1) * len;
        let place = |len: usize| at * len..(at + 1) * len;
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
            sums: &mut self.sums[place(l.sums_len())],
            apart,
            work: &mut self.work[place(l.work_len())],
        }
    }
}

/// From what was summed up for the gates to the next state, in all rows.
#[inline(always)]
pub(crate) fn forward<R: Real, const B: usize>(
    step: Step<'_, R>,
    saved: &mut Saved<'_, R>,
    act: impl Curve<R>,
    gate: impl Curve<R>,
) {
    let Step { l, half, .. } = step;
    for at in 0..step.rows() {
        let (sample, position) = step.place(step.sample(at));
        if step.is_left_out(sample) {
            continue;
        }
        let mut row = saved.row::<B>(&step, at, sample, position);
        match l.cell {
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
pub(crate) fn backward<R: Real, const B: usize>(
    step: Step<'_, R>,
    saved: &mut Saved<'_, R>,
    act: impl Curve<R>,
    gate: impl Curve<R>,
) {
    let Step { l, half, .. } = step;
    for at in 0..step.rows() {
        let (sample, position) = step.place(step.sample(at));
        let mut row = saved.row::<B>(&step, at, sample, position);
        match l.cell {
            _ if step.is_left_out(sample) => {
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
fn blocks<const B: usize>(len: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len).step_by(B).map(move |at| (at, B.min(len - at)))
}

impl<R: Real, const B: usize> Row<'_, R, B> {
    /// What is summed up for a gate; kept where a slope is worked out from it.
    #[inline(always)]
    fn sum(&mut self, at: usize, len: usize) -> [R; B] {
        let mut sum = take::<R, B>(self.sums, at, len);
        if self.apart {
            let projection = take::<R, B>(self.gates, at, len);
            for e in 0..B {
                sum[e] += projection[e];
            }
        }
        if !self.pre.is_empty() {
            put(self.pre, at, len, &sum);
        }
        sum
    }

    /// The gradient of what was summed up for a gate.
    #[inline(always)]
    fn put_back(&mut self, at: usize, len: usize, block: &[R; B]) {
        put(self.gates, at, len, block);
        if self.apart {
            put(self.sums, at, len, block);
        }
    }

    /// An input of the gates that was kept.
    #[inline(always)]
    fn kept(&self, at: usize, len: usize) -> [R; B] {
        if self.pre.is_empty() { [R::ZERO; B] } else { take::<R, B>(self.pre, at, len) }
    }

    #[inline(always)]
    fn before(&self, at: usize, len: usize) -> [R; B] {
        take::<R, B>(if self.h.is_empty() { self.a } else { self.h }, at, len)
    }

    #[inline(always)]
    fn simple(&mut self, u: usize, act: impl Curve<R>) {
        for (at, len) in blocks::<B>(u) {
            let mut z = self.sum(at, len);
            all(&mut z, act);
            put(self.gates, at, len, &z);
            put(self.state, at, len, &z);
        }
    }

    #[inline(always)]
    fn simple_back(&mut self, u: usize, act: impl Curve<R>) {
        for (at, len) in blocks::<B>(u) {
            let (y, x, mut d) =
                (take::<R, B>(self.gates, at, len), self.kept(at, len), take::<R, B>(self.state, at, len));
            let slope = slopes(&y, &x, act);
            for e in 0..B {
                d[e] *= slope[e];
            }
            self.put_back(at, len, &d);
        }
        self.state.fill(R::ZERO);
    }

    /// The gates of a step from what was summed up for them. Each by itself: all at once they would not stay in registers.
    #[inline(always)]
    fn gate(&mut self, gate: usize, u: usize, curve: impl Curve<R>) {
        for (at, len) in blocks::<B>(u) {
            let mut z = self.sum(gate * u + at, len);
            all(&mut z, curve);
            put(self.gates, gate * u + at, len, &z);
        }
    }

    #[inline(always)]
    fn lstm(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        self.gate(0, u, gate);
        self.gate(1, u, gate);
        self.gate(2, u, act);
        self.gate(3, u, gate);
        for (at, len) in blocks::<B>(u) {
            let [i, f, g] = [
                take::<R, B>(self.gates, at, len),
                take::<R, B>(self.gates, u + at, len),
                take::<R, B>(self.gates, 2 * u + at, len),
            ];
            let before = take::<R, B>(self.state, u + at, len);
            let mut c = before;
            for e in 0..B {
                c[e] = f[e] * before[e] + i[e] * g[e];
            }
            put(self.aux, at, len, &before);
            put(self.state, u + at, len, &c);
            if !self.pre.is_empty() {
                put(self.pre, 4 * u + at, len, &c);
            }
            all(&mut c, act);
            put(self.aux, u + at, len, &c);
            let mut h = take::<R, B>(self.gates, 3 * u + at, len);
            for e in 0..B {
                h[e] *= c[e];
            }
            put(self.state, at, len, &h);
        }
    }

    #[inline(always)]
    fn lstm_back(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        for (at, len) in blocks::<B>(u) {
            let [mut i, mut f, mut g, mut o] = [
                take::<R, B>(self.gates, at, len),
                take::<R, B>(self.gates, u + at, len),
                take::<R, B>(self.gates, 2 * u + at, len),
                take::<R, B>(self.gates, 3 * u + at, len),
            ];
            let [xi, xf, xg, xo, xc] = [
                self.kept(at, len),
                self.kept(u + at, len),
                self.kept(2 * u + at, len),
                self.kept(3 * u + at, len),
                self.kept(4 * u + at, len),
            ];
            let (before, top) = (take::<R, B>(self.aux, at, len), take::<R, B>(self.aux, u + at, len));
            let (dh, mut dc) = (take::<R, B>(self.state, at, len), take::<R, B>(self.state, u + at, len));
            let (of_i, of_f, of_o) = (slopes(&i, &xi, gate), slopes(&f, &xf, gate), slopes(&o, &xo, gate));
            let (of_g, of_c) = (slopes(&g, &xg, act), slopes(&top, &xc, act));
            for e in 0..B {
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
}
