//! The arithmetic of a GRU's step.

use super::{Curve, Row, all, blocks, put, slopes, take};
use crate::Real;

impl<R: Real, const B: usize> Row<'_, R, B> {
    #[inline(always)]
    pub(super) fn gru_after(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        for (at, len) in blocks::<B>(u) {
            let [mut z, mut r] = [self.sum(at, len), self.sum(u + at, len)];
            let (mut g, hg) = (take::<R, B>(self.gates, 2 * u + at, len), take::<R, B>(self.sums, 2 * u + at, len));
            let mut h = take::<R, B>(self.state, at, len);
            all(&mut z, gate);
            all(&mut r, gate);
            for e in 0..B {
                g[e] += r[e] * hg[e];
            }
            if !self.pre.is_empty() {
                put(self.pre, 2 * u + at, len, &g);
            }
            all(&mut g, act);
            for e in 0..B {
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
    pub(super) fn gru_after_back(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        for (at, len) in blocks::<B>(u) {
            let [mut z, mut r, mut g] = [
                take::<R, B>(self.gates, at, len),
                take::<R, B>(self.gates, u + at, len),
                take::<R, B>(self.gates, 2 * u + at, len),
            ];
            let [xz, xr, xg] = [self.kept(at, len), self.kept(u + at, len), self.kept(2 * u + at, len)];
            let mut hg = take::<R, B>(self.aux, 2 * u + at, len);
            let (before, mut dh) = (self.before(at, len), take::<R, B>(self.state, at, len));
            let (of_z, of_r, of_g) = (slopes(&z, &xz, gate), slopes(&r, &xr, gate), slopes(&g, &xg, act));
            for e in 0..B {
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
                if self.apart {
                    put(self.sums, gate * u + at, len, &h);
                }
            }
            put(self.state, at, len, &dh);
        }
    }

    /// The first two gates of a GRU whose reset gate comes before U, and r·h.
    #[inline(always)]
    pub(super) fn gru_reset(&mut self, u: usize, gate: impl Curve<R>) {
        let last = self.a.len() - u;
        for (at, len) in blocks::<B>(u) {
            let [mut z, mut r] = [self.sum(at, len), self.sum(u + at, len)];
            let mut h = take::<R, B>(self.state, at, len);
            all(&mut z, gate);
            all(&mut r, gate);
            for e in 0..B {
                h[e] *= r[e];
            }
            if !self.drop.is_empty() {
                let drop = take::<R, B>(self.drop, 2 * u + at, len);
                for e in 0..B {
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
    pub(super) fn gru_candidate(&mut self, u: usize, act: impl Curve<R>) {
        for (at, len) in blocks::<B>(u) {
            let (z, mut g, mut h) =
                (take::<R, B>(self.gates, at, len), self.sum(2 * u + at, len), take::<R, B>(self.state, at, len));
            all(&mut g, act);
            for e in 0..B {
                h[e] = z[e] * h[e] + (R::ONE - z[e]) * g[e];
            }
            put(self.gates, 2 * u + at, len, &g);
            put(self.state, at, len, &h);
        }
    }

    #[inline(always)]
    pub(super) fn gru_candidate_back(&mut self, u: usize, act: impl Curve<R>, gate: impl Curve<R>) {
        for (at, len) in blocks::<B>(u) {
            let (mut z, mut g) = (take::<R, B>(self.gates, at, len), take::<R, B>(self.gates, 2 * u + at, len));
            let (xz, xg) = (self.kept(at, len), self.kept(2 * u + at, len));
            let (before, mut dh) = (self.before(at, len), take::<R, B>(self.state, at, len));
            let (of_z, of_g) = (slopes(&z, &xz, gate), slopes(&g, &xg, act));
            for e in 0..B {
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
    pub(super) fn gru_reset_back(&mut self, u: usize, gate: impl Curve<R>) {
        for (at, len) in blocks::<B>(u) {
            let (mut r, x, d) =
                (take::<R, B>(self.gates, u + at, len), self.kept(u + at, len), take::<R, B>(self.work, at, len));
            let (before, mut dh) = (self.before(at, len), take::<R, B>(self.state, at, len));
            let of_r = slopes(&r, &x, gate);
            for e in 0..B {
                dh[e] += d[e] * r[e];
                r[e] = d[e] * before[e] * of_r[e];
            }
            self.put_back(u + at, len, &r);
            put(self.state, at, len, &dh);
        }
    }
}
