//! Attention whose scores are products: a row of scores for each key, a column for each of some queries.
//!
//! So a softmax and its gradient go along columns, all queries side by side in lanes, and no row is ever summed across a
//! vector. Queries, keys and values stay where they lie, a row of all heads for each; what is copied are the transposes of
//! the queries and of the gradients of their results, and on the way back the keys and values that several tiles read.

use super::tiles::{QUERIES, Tile, cut, give, of_sample, take};
use super::{Dropped, Heads, Learnt, Masked, softmax};
use crate::gemm::view::{self, Begin, View, ViewMut, transposed};
use crate::{Isa, dropout};

/// Columns are padded to a multiple of that.
const PADDED: usize = 16;

/// Some queries of a head in a sample, with the keys and values that they attend to: where they begin in the tensors.
struct Part<'a> {
    isa: Isa,
    tile: Tile<'a>,
    heads: &'a Heads,
    sample: usize,
    head: usize,
    /// The distance between rows of scores: the queries, padded.
    ld: usize,
    /// Whether the keys and values of the head, and their gradients, are copies that lie by themselves.
    copied: bool,
}

impl<'a> Part<'a> {
    fn new(isa: Isa, tile: Tile<'a>, heads: &'a Heads, sample: usize, head: usize, copied: bool) -> Part<'a> {
        let ld = tile.rows.len().next_multiple_of(PADDED);
        Part { isa, tile, heads, sample, head, ld, copied }
    }

    /// Where the queries begin, and the distance between them, with so many features.
    #[inline(always)]
    fn queries(&self, features: usize) -> (usize, usize) {
        let row = self.sample * self.heads.queries + self.tile.rows.start;
        ((row * self.heads.heads + self.head) * features, self.heads.heads * features)
    }

    /// The same for the keys.
    #[inline(always)]
    fn keys(&self, features: usize) -> (usize, usize) {
        let Heads { keys, heads, kv_heads, .. } = *self.heads;
        if self.copied {
            return (self.tile.keys.start * features, features);
        }
        let row = self.sample * keys + self.tile.keys.start;
        ((row * kv_heads + self.head / (heads / kv_heads)) * features, kv_heads * features)
    }

    #[inline(always)]
    fn of_queries<'x>(&self, x: &'x [f32], features: usize) -> View<'x, f32> {
        let (at, stride) = self.queries(features);
        View::rows(x, at, stride)
    }

    #[inline(always)]
    fn of_keys<'x>(&self, x: &'x [f32], features: usize) -> View<'x, f32> {
        let (at, stride) = self.keys(features);
        View::rows(x, at, stride)
    }

    /// The scores, or what is like them, of features of queries and of keys. `tmp` has room for the transpose of the former.
    fn scores(&self, p: &mut [f32], q: View<'_, f32>, k: View<'_, f32>, features: usize, tmp: &mut [f32]) {
        let (rows, ld) = (self.tile.rows.len(), self.ld);
        let (columns, tmp) = tmp.split_at_mut(features * ld);
        if rows < ld {
            columns.fill(0.0);
        }
        transposed(self.isa, columns, ld, q, rows, features);
        let c = ViewMut { data: p, at: 0, stride: ld };
        product(self.isa, c, k, View::rows(columns, 0, ld), [self.tile.keys.len(), ld, features], Begin::Zero, tmp);
    }

    /// The weights, before dropout.
    fn weights(&self, p: &mut [f32], q: View<'_, f32>, k: View<'_, f32>, factor: f32, tmp: &mut [f32]) {
        if self.tile.nothing {
            return p.fill(self.tile.of_nothing());
        }
        self.scores(p, q, k, self.heads.depth, tmp);
        let factor = if self.tile.masked.whole(self.heads) { factor } else { self.mask(p, factor) };
        softmax::forward(self.isa, p, self.ld, factor);
        if self.heads.none {
            self.empty(p);
        }
    }

    /// Takes out what may not be attended to, and scales the scores where −∞ would not stay what it is. What is left to scale
    /// them with.
    fn mask(&self, p: &mut [f32], factor: f32) -> f32 {
        let (ld, rows) = (self.ld, &self.tile.rows);
        let left = if factor > 0.0 { factor } else { 1.0 };
        if factor != left {
            p.iter_mut().for_each(|p| *p *= factor);
        }
        for (s, p) in self.tile.keys.clone().zip(p.chunks_exact_mut(ld)) {
            let attending = self.heads.attending(s);
            let [from, to] = [attending.start, attending.end].map(|t| t.clamp(rows.start, rows.end) - rows.start);
            p[..from].fill(f32::NEG_INFINITY);
            p[to..].fill(f32::NEG_INFINITY);
            if self.tile.masked.keys.get(s) == Some(&0.0) {
                p.fill(f32::NEG_INFINITY);
            }
        }
        if self.tile.masked.never_empty(self.heads) {
            return left;
        }
        for (i, t) in rows.clone().enumerate() {
            let row = self.tile.masked.row(t, self.heads.keys);
            if self.tile.masked.empty(t, self.heads) {
                p[i..].iter_mut().step_by(ld).for_each(|p| *p = 0.0);
            } else if let Some(row) = row.get(self.tile.keys.clone()) {
                for (p, m) in p[i..].iter_mut().step_by(ld).zip(row) {
                    *p = if *m == 0.0 { f32::NEG_INFINITY } else { *p };
                }
            }
        }
        left
    }

    /// Sets what belongs to queries that may attend to nothing to 0.
    fn empty(&self, p: &mut [f32]) {
        if self.tile.masked.never_empty(self.heads) {
            return;
        }
        for (i, t) in self.tile.rows.clone().enumerate() {
            if self.tile.masked.empty(t, self.heads) {
                p[i..].iter_mut().step_by(self.ld).for_each(|p| *p = 0.0);
            }
        }
    }

    /// y where nothing may be attended to and nothing is dropped: the mean of all values for each of these queries, or 0.
    fn mean(&self, y: &mut [f32], p: &[f32], v: View<'_, f32>, tmp: &mut [f32]) {
        let ((at, stride), e) = (self.queries(self.heads.width), self.heads.width);
        if self.heads.none {
            return (0..self.tile.rows.len()).for_each(|i| y[at + i * stride..][..e].fill(0.0));
        }
        let first = ViewMut { data: &mut *y, at, stride };
        product(self.isa, first, View::columns(p, 0, self.ld), v, [1, e, self.tile.keys.len()], Begin::Zero, tmp);
        (1..self.tile.rows.len()).for_each(|i| y.copy_within(at..at + e, at + i * stride));
    }

    /// The gradients of values there, added: alike for all of them.
    fn mean_back(&self, dv: &mut [f32], p: &[f32], dy: View<'_, f32>, tmp: &mut [f32]) {
        let ((at, stride), e) = (self.keys(self.heads.width), self.heads.width);
        if self.heads.none {
            return;
        }
        let (each, tmp) = tmp.split_at_mut(e);
        let c = ViewMut { data: &mut *each, at: 0, stride: e };
        product(self.isa, c, View::rows(p, 0, self.ld), dy, [1, e, self.tile.rows.len()], Begin::Zero, tmp);
        for i in 0..self.tile.keys.len() {
            dv[at + i * stride..][..e].iter_mut().zip(&*each).for_each(|(dv, each)| *dv += each);
        }
    }

    /// Sets the gradients of all keys of the head to 0, or of all values.
    fn clear(&self, dx: &mut [f32], features: usize) {
        let (at, stride) = self.keys(features);
        let first = at - self.tile.keys.start * stride;
        (0..self.heads.keys).for_each(|s| dx[first + s * stride..][..features].fill(0.0));
    }

    /// Σ dq · q over these queries.
    fn dot_queries(&self, dq: &[f32], q: &[f32]) -> f32 {
        let ((at, stride), d) = (self.queries(self.heads.depth), self.heads.depth);
        let rows = (0..self.tile.rows.len()).map(|i| at + i * stride..at + i * stride + d);
        rows.map(|row| dq[row.clone()].iter().zip(&q[row]).map(|(dq, q)| dq * q).sum::<f32>()).sum()
    }

    /// dq *= factor, of these queries.
    fn scale_queries(&self, dq: &mut [f32], factor: f32) {
        let ((at, stride), d) = (self.queries(self.heads.depth), self.heads.depth);
        for i in 0..self.tile.rows.len() {
            dq[at + i * stride..][..d].iter_mut().for_each(|dq| *dq *= factor);
        }
    }

    /// dq = 0, of these queries.
    fn no_queries(&self, dq: &mut [f32]) {
        let ((at, stride), d) = (self.queries(self.heads.depth), self.heads.depth);
        (0..self.tile.rows.len()).for_each(|i| dq[at + i * stride..][..d].fill(0.0));
    }

    /// What weights are multiplied with by dropout; `tmp` is as long.
    fn dropped(&self, to: &mut [f32], dropped: Dropped, tmp: &mut [f32]) {
        let (rows, keys) = (self.tile.rows.len(), self.tile.keys.len());
        let factors = &mut tmp[..rows * keys];
        factors.fill(1.0);
        // The numbers of queries that attend to all keys follow one another: drawn together, few are drawn in vain.
        let at_once = if keys == self.heads.keys { rows } else { 1 };
        for (row, t) in factors.chunks_mut(keys * at_once).zip(self.tile.rows.clone().step_by(at_once)) {
            let number = self.heads.number(dropped.first + self.sample, self.head, t) + self.tile.keys.start as u64;
            dropout::forward(self.isa, row, None, dropped.rate, dropped.key, number);
        }
        to.fill(0.0);
        transposed(self.isa, to, self.ld, View::rows(factors, 0, keys), rows, keys);
    }
}

/// The largest depth of products whose operands are close by.
const NEAR: usize = 128;

/// C = begin + A · B, of whatever size.
#[inline(always)]
fn product(
    isa: Isa,
    c: ViewMut<'_, f32>,
    a: View<'_, f32>,
    b: View<'_, f32>,
    mnk: [usize; 3],
    begin: Begin<'_, f32>,
    tmp: &mut [f32],
) {
    if mnk[2] <= NEAR { view::near(isa, c, a, b, mnk, begin) } else { view::product(isa, c, a, b, mnk, begin, tmp) }
}

fn times(p: &mut [f32], by: &[f32]) {
    p.iter_mut().zip(by).for_each(|(p, by)| *p *= by);
}

/// As [`super::forward`]; the lengths have been checked, and there are queries and keys.
pub(super) fn forward(
    isa: Isa,
    y: &mut [f32],
    [q, k, v]: [&[f32]; 3],
    masked: Masked<'_>,
    learnt: Learnt<'_>,
    dropped: Option<Dropped>,
    heads: &Heads,
    mut tmp: &mut [f32],
) {
    let Heads { queries, keys, heads: n, depth: d, width: e, .. } = *heads;
    let (factor, samples) = (learnt.score() * heads.scale(), y.len() / (queries * n * e));
    let [own_p, own_kept, own_factors] = [(); 3].map(|()| cut(&mut tmp, QUERIES * keys));
    for sample in 0..samples {
        for head in 0..n {
            let masked = masked.of([sample, samples], head, heads);
            for tile in Tile::all(masked, learnt, heads) {
                let part = Part::new(isa, tile, heads, sample, head, false);
                let (rows, len) = (part.tile.rows.len(), part.tile.keys.len());
                let p = &mut own_p[..len * part.ld];
                part.weights(p, part.of_queries(q, d), part.of_keys(k, d), factor, tmp);
                if part.tile.nothing && dropped.is_none() {
                    part.mean(y, p, part.of_keys(v, e), tmp);
                    continue;
                }
                if let Some(dropped) = dropped {
                    let kept = &mut own_kept[..len * part.ld];
                    part.dropped(kept, dropped, own_factors);
                    times(p, kept);
                }
                let (at, stride) = part.queries(e);
                let y = ViewMut { data: y, at, stride };
                product(isa, y, View::columns(p, 0, part.ld), part.of_keys(v, e), [rows, e, len], Begin::Zero, tmp);
            }
        }
    }
}

/// As [`super::backward`]; the same is known, and the gradients of the learnt factors are 0.
pub(super) fn backward(
    isa: Isa,
    [dq, dk, dv, dscores]: [&mut [f32]; 4],
    dy: &[f32],
    [q, k, v]: [&[f32]; 3],
    masked: Masked<'_>,
    learnt: Learnt<'_>,
    dropped: Option<Dropped>,
    heads: &Heads,
    mut tmp: &mut [f32],
) {
    let Heads { queries, keys, heads: n, kv_heads, depth: d, width: e, .. } = *heads;
    let samples = dy.len() / (queries * n * e);
    let [own_p, own_dp, own_kept] = [(); 3].map(|()| cut(&mut tmp, QUERIES * keys));
    let [own_k, own_dk] = [(); 2].map(|()| cut(&mut tmp, keys * d));
    let [own_v, own_dv] = [(); 2].map(|()| cut(&mut tmp, keys * e));
    // Keys and values that several tiles read are copied to where they lie one behind the other: rows a power of two apart
    // fall on a few places of the first-level cache.
    let several = queries > QUERIES;
    for sample in 0..samples {
        let dscores = of_sample(dscores, [sample, samples]);
        for head in 0..n {
            let masked = masked.of([sample, samples], head, heads);
            let (kv, group) = (head / (n / kv_heads), n / kv_heads);
            let (at_k, at_v) = (sample * keys * kv_heads * d, sample * keys * kv_heads * e);
            if several && head % group == 0 {
                take(own_k, &k[at_k..], d, kv_heads, kv, 1.0);
                take(own_v, &v[at_v..], e, kv_heads, kv, 1.0);
            }
            let (of_k, of_v) = if several { (&*own_k, &*own_v) } else { (k, v) };
            let (to_k, to_v) = if several { (&mut *own_dk, &mut *own_dv) } else { (&mut *dk, &mut *dv) };
            // Heads that share keys and values, and all tiles of queries, add to the gradients of these.
            let mut add = head % group > 0;
            for tile in Tile::all(masked, learnt, heads) {
                let part = Part::new(isa, tile, heads, sample, head, several);
                let (rows, len, ld) = (part.tile.rows.len(), part.tile.keys.len(), part.ld);
                let (p, dp) = (&mut own_p[..len * ld], &mut own_dp[..len * ld]);
                let (of_q, of_dy) = (part.of_queries(q, d), part.of_queries(dy, e));
                part.weights(p, of_q, part.of_keys(of_k, d), learnt.score() * heads.scale(), tmp);
                let nothing = part.tile.nothing;
                let clear = !add && (nothing || len < keys);
                if clear {
                    part.clear(to_k, d);
                    part.clear(to_v, e);
                }
                let begin = Begin::from_acc(add || clear);
                add = true;
                if nothing && dropped.is_none() {
                    part.mean_back(to_v, p, of_dy, tmp);
                    part.no_queries(dq);
                    continue;
                }
                let mut kept = &*p;
                if let Some(dropped) = dropped {
                    let factors = &mut own_kept[..len * ld];
                    part.dropped(factors, dropped, dp);
                    if !nothing {
                        part.scores(dp, of_dy, part.of_keys(of_v, e), e, tmp);
                        times(dp, factors);
                    }
                    times(factors, p);
                    kept = factors;
                } else {
                    part.scores(dp, of_dy, part.of_keys(of_v, e), e, tmp);
                }
                let (at, stride) = part.keys(e);
                let to = ViewMut { data: to_v, at, stride };
                product(isa, to, View::rows(kept, 0, ld), of_dy, [len, e, rows], begin, tmp);
                if nothing {
                    part.no_queries(dq);
                    continue;
                }
                softmax::backward(isa, dp, p, ld, heads.scale());
                part.empty(dp);
                let (at, stride) = part.queries(d);
                let to = ViewMut { data: dq, at, stride };
                product(isa, to, View::columns(dp, 0, ld), part.of_keys(of_k, d), [rows, d, len], Begin::Zero, tmp);
                if let ([score], [dscore]) = (learnt.scores, &mut *dscores) {
                    *dscore += part.dot_queries(dq, q);
                    part.scale_queries(dq, *score);
                    dp.iter_mut().for_each(|dp| *dp *= score);
                }
                let (at, stride) = part.keys(d);
                let to = ViewMut { data: to_k, at, stride };
                product(isa, to, View::rows(dp, 0, ld), of_q, [len, d, rows], begin, tmp);
            }
            if several && head % group == group - 1 {
                give(&mut dk[at_k..at_k + keys * kv_heads * d], own_dk, d, kv_heads, kv, 1.0);
                give(&mut dv[at_v..at_v + keys * kv_heads * e], own_dv, e, kv_heads, kv, 1.0);
            }
        }
    }
}
