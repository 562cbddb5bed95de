//! Attention whose scores are additive, some queries of a head at a time, a row of scores for each.
//!
//! The two halves of attention go by the same tiles, whichever scores they have: [`super::weights`], and [`super::mix`]. Where
//! scores are products and nobody wants the weights, [`super::columns`] is the body; of this one it has what cuts heads into
//! tiles.

use core::ops::Range;

use super::additive::{self, Keys};
use super::{Dropped, Heads, Learnt, Masked};
use crate::gemm::{Factor, gemm};
use crate::{Isa, dropout, softmax};

/// Queries that are taken at once.
pub(super) const QUERIES: usize = 64;

/// A head of some rows, copied to where it lies side by side, times a factor.
pub(super) fn take(to: &mut [f32], from: &[f32], cols: usize, heads: usize, head: usize, factor: f32) {
    if cols == 0 {
        return;
    }
    for (to, from) in to.chunks_exact_mut(cols).zip(from.chunks_exact(cols * heads)) {
        let from = &from[head * cols..][..cols];
        to.iter_mut().zip(from).for_each(|(to, from)| *to = from * factor);
    }
}

/// The way back.
pub(super) fn give(to: &mut [f32], from: &[f32], cols: usize, heads: usize, head: usize, factor: f32) {
    if cols == 0 {
        return;
    }
    for (to, from) in to.chunks_exact_mut(cols * heads).zip(from.chunks_exact(cols)) {
        let to = &mut to[head * cols..][..cols];
        to.iter_mut().zip(from).for_each(|(to, from)| *to = from * factor);
    }
}

/// The factor that queries are taken with.
pub(super) fn of_queries(learnt: Learnt<'_>, heads: &Heads) -> f32 {
    if heads.additive { learnt.inner() } else { learnt.score() * heads.scale() }
}

/// The keys of a head, as they are scored: one behind the other, or transposed where scores are additive.
pub(super) fn take_keys(to: &mut [f32], k: &[f32], kv: usize, learnt: Learnt<'_>, heads: &Heads) {
    let (d, n) = (heads.depth, heads.keys);
    if !heads.additive {
        return take(to, k, d, heads.kv_heads, kv, 1.0);
    }
    let inner = learnt.inner();
    for (i, to) in to.chunks_exact_mut(n.max(1)).take(d).enumerate() {
        for (s, to) in to.iter_mut().enumerate() {
            *to = k[(s * heads.kv_heads + kv) * d + i] * inner;
        }
    }
}

/// The way back of their gradients, and what those make of that of the factor within the scores.
pub(super) fn give_keys(
    dk: &mut [f32],
    from: &[f32],
    k: &[f32],
    kv: usize,
    learnt: Learnt<'_>,
    dinner: &mut [f32],
    heads: &Heads,
) {
    let (d, n) = (heads.depth, heads.keys);
    if !heads.additive {
        return give(dk, from, d, heads.kv_heads, kv, 1.0);
    }
    let (inner, mut sum) = (learnt.inner(), 0.0);
    for (i, from) in from.chunks_exact(n.max(1)).take(d).enumerate() {
        for (s, from) in from.iter().enumerate() {
            let at = (s * heads.kv_heads + kv) * d + i;
            dk[at] = from * inner;
            sum += from * k[at];
        }
    }
    dinner.iter_mut().for_each(|dinner| *dinner += sum);
}

/// Some floats of scratch.
pub(super) fn cut<'t>(tmp: &mut &'t mut [f32], len: usize) -> &'t mut [f32] {
    let (part, rest) = core::mem::take(tmp).split_at_mut(len);
    *tmp = rest;
    part
}

/// Some queries of a head in a sample, and the keys that at least one of them attends to: what lies before and behind these is
/// not computed.
pub(super) struct Tile<'a> {
    pub(super) rows: Range<usize>,
    pub(super) keys: Range<usize>,
    /// Whether none of the queries may attend to anything: the weights are known, and have no gradients.
    pub(super) nothing: bool,
    pub(super) masked: Masked<'a>,
    learnt: Learnt<'a>,
    heads: &'a Heads,
}

impl<'a> Tile<'a> {
    /// All queries; the masks are those of the head.
    pub(super) fn all(
        masked: Masked<'a>,
        learnt: Learnt<'a>,
        heads: &'a Heads,
    ) -> impl Iterator<Item = Tile<'a>> + use<'a> {
        (0..heads.queries).step_by(QUERIES).flat_map(move |first| {
            let rows = first..(first + QUERIES).min(heads.queries);
            let empty = |t: &usize| !masked.never_empty(heads) && masked.empty(*t, heads);
            // Those that may attend to nothing are by themselves where they are the first or the last.
            let from = rows.start + rows.clone().take_while(empty).count();
            let to = rows.end - (from..rows.end).rev().take_while(empty).count();
            let parts = [(rows.start..from, true), (from..to, false), (to..rows.end, true)];
            let parts = parts.into_iter().filter(|(rows, _)| !rows.is_empty());
            parts.map(move |(rows, nothing)| Tile::new(rows, nothing, masked, learnt, heads))
        })
    }

    fn new(rows: Range<usize>, nothing: bool, masked: Masked<'a>, learnt: Learnt<'a>, heads: &'a Heads) -> Tile<'a> {
        // Who may attend to nothing attends to all.
        let some_to_none = || nothing || rows.clone().any(|t| masked.empty(t, heads));
        let all = masked.whole(heads) || !masked.never_empty(heads) && some_to_none();
        let mut keys = 0..heads.keys;
        if !all {
            keys = heads.range(rows.start).start..heads.range(rows.end - 1).end;
            let counts = |m: &f32| *m != 0.0;
            let first = masked.keys.iter().position(counts).unwrap_or(0);
            let last = masked.keys.iter().rposition(counts).map_or(heads.keys, |last| last + 1);
            keys = keys.start.max(first)..keys.end.min(last);
        }
        Tile { rows, keys, nothing, masked, learnt, heads }
    }

    /// The weights where nothing may be attended to.
    pub(super) fn of_nothing(&self) -> f32 {
        if self.heads.none { 0.0 } else { 1.0 / self.heads.keys as f32 }
    }

    fn scored<'k>(&'k self, k: &'k [f32]) -> Keys<'k> {
        Keys { rows: k, ld: self.heads.keys, scored: &self.keys }
    }

    /// The weights of the queries, before dropout; `k` are all keys of the head, as they are scored.
    pub(super) fn weights(&self, isa: Isa, p: &mut [f32], q: &[f32], k: &[f32], tmp: &mut [f32]) {
        if self.nothing {
            return p.fill(self.of_nothing());
        }
        let (m, n, d) = (self.rows.len(), self.keys.len(), self.heads.depth);
        if self.heads.additive {
            additive::forward(isa, p, q, self.scored(k), self.learnt, d);
        } else {
            let k = &k[self.keys.start * d..self.keys.end * d];
            gemm(isa, p, Factor::Plain(q), Factor::Transposed(k), m, n, d, false, tmp);
        }
        for (p, t) in p.chunks_exact_mut(n.max(1)).zip(self.rows.clone()) {
            if self.masked.empty(t, self.heads) {
                p.fill(0.0);
                continue;
            }
            let Range { start, end } = self.heads.range(t);
            let [start, end] = [start, end].map(|s| s.clamp(self.keys.start, self.keys.end) - self.keys.start);
            p[..start].fill(f32::NEG_INFINITY);
            p[end..].fill(f32::NEG_INFINITY);
            for mask in [self.masked.keys, self.masked.row(t, self.heads.keys)] {
                for (p, m) in p.iter_mut().zip(mask.get(self.keys.clone()).unwrap_or_default()) {
                    *p = if *m == 0.0 { f32::NEG_INFINITY } else { *p };
                }
            }
        }
        softmax::forward(isa, p, None, n);
        if self.heads.none {
            self.empty(p, n);
        }
    }

    /// Sets rows of `n` numbers of queries that may attend to nothing to 0.
    pub(super) fn empty(&self, p: &mut [f32], n: usize) {
        for (p, t) in p.chunks_exact_mut(n.max(1)).zip(self.rows.clone()) {
            if self.masked.empty(t, self.heads) {
                p.fill(0.0);
            }
        }
    }

    /// Drops some of the weights, or of their gradients.
    fn drop(&self, isa: Isa, p: &mut [f32], dropped: Option<Dropped>, sample: usize, head: usize) {
        let Some(Dropped { rate, key, first }) = dropped else { return };
        for (p, t) in p.chunks_exact_mut(self.keys.len().max(1)).zip(self.rows.clone()) {
            let number = self.heads.number(first + sample, head, t) + self.keys.start as u64;
            dropout::forward(isa, p, None, rate, key, number);
        }
    }

    /// From the gradients of the scores those of the queries, as they were taken, and of the keys, to which they are added;
    /// and those of the learnt factors, added. `x` are the queries as they are, all heads of them.
    pub(super) fn pull(
        &self,
        isa: Isa,
        ds: &[f32],
        [q, k, x]: [&[f32]; 3],
        [dq, dk, dscores, dinner]: [&mut [f32]; 4],
        head: usize,
        tmp: &mut [f32],
    ) {
        let Heads { depth: d, heads, .. } = *self.heads;
        let (m, n) = (self.rows.len(), self.keys.len());
        if self.heads.additive {
            additive::backward(isa, [dq, dk, dscores], ds, q, self.scored(k), self.learnt, d);
        } else {
            let range = self.keys.start * d..self.keys.end * d;
            gemm(isa, dq, Factor::Plain(ds), Factor::Plain(&k[range.clone()]), m, d, n, false, tmp);
            gemm(isa, &mut dk[range], Factor::Transposed(ds), Factor::Plain(q), n, d, m, true, tmp);
        }
        let sum = if self.heads.additive { dinner } else { dscores };
        let Some(sum) = sum.first_mut() else { return };
        for (x, dq) in x.chunks_exact((heads * d).max(1)).zip(dq.chunks_exact(d.max(1))) {
            let of_row: f32 = dq.iter().zip(&x[head * d..]).map(|(dq, x)| dq * x).sum();
            *sum += self.heads.scale() * of_row;
        }
    }
}

/// The part of a sample in the gradients of learnt factors.
pub(super) fn of_sample(gradients: &mut [f32], [sample, samples]: [usize; 2]) -> &mut [f32] {
    let each = gradients.len() / samples.max(1);
    &mut gradients[sample * each..][..each]
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
    let Heads { queries, keys, heads: n, kv_heads, depth: d, width: e, .. } = *heads;
    let (factor, samples) = (of_queries(learnt, heads), y.len() / (queries * n * e));
    let (own_k, own_v) = (cut(&mut tmp, keys * d), cut(&mut tmp, keys * e));
    let (own_q, own_y) = (cut(&mut tmp, QUERIES * d), cut(&mut tmp, QUERIES * e));
    let own_p = cut(&mut tmp, QUERIES * keys);
    for (sample, y) in y.chunks_exact_mut(queries * n * e).enumerate() {
        for head in 0..n {
            let (kv, masked) = (head / (n / kv_heads), masked.of([sample, samples], head, heads));
            if head % (n / kv_heads) == 0 {
                take_keys(own_k, &k[sample * keys * kv_heads * d..], kv, learnt, heads);
                take(own_v, &v[sample * keys * kv_heads * e..], e, kv_heads, kv, 1.0);
            }
            for tile in Tile::all(masked, learnt, heads) {
                let (first, rows, s) = (tile.rows.start, tile.rows.len(), tile.keys.clone());
                let (q_, y_, p) = (&mut own_q[..rows * d], &mut own_y[..rows * e], &mut own_p[..rows * s.len()]);
                take(q_, &q[(sample * queries + first) * n * d..], d, n, head, factor);
                tile.weights(isa, p, q_, own_k, tmp);
                tile.drop(isa, p, dropped, sample, head);
                let v = &own_v[s.start * e..s.end * e];
                gemm(isa, y_, Factor::Plain(p), Factor::Plain(v), rows, e, s.len(), false, tmp);
                give(&mut y[first * n * e..(first + rows) * n * e], y_, e, n, head, 1.0);
            }
        }
    }
}

/// As [`super::backward`]; the same is known, and the gradients of the learnt factors are 0.
pub(super) fn backward(
    isa: Isa,
    [dq, dk, dv, dscores, dinner]: [&mut [f32]; 5],
    dy: &[f32],
    [q, k, v]: [&[f32]; 3],
    masked: Masked<'_>,
    learnt: Learnt<'_>,
    dropped: Option<Dropped>,
    heads: &Heads,
    mut tmp: &mut [f32],
) {
    let Heads { queries, keys, heads: n, kv_heads, depth: d, width: e, .. } = *heads;
    let (factor, samples) = (of_queries(learnt, heads), dy.len() / (queries * n * e));
    let (own_k, own_v) = (cut(&mut tmp, keys * d), cut(&mut tmp, keys * e));
    let (own_dk, own_dv) = (cut(&mut tmp, keys * d), cut(&mut tmp, keys * e));
    let (own_q, own_dq) = (cut(&mut tmp, QUERIES * d), cut(&mut tmp, QUERIES * d));
    let own_dy = cut(&mut tmp, QUERIES * e);
    let [own_p, own_dp, own_kept] = [(); 3].map(|()| cut(&mut tmp, QUERIES * keys));
    for (sample, dy) in dy.chunks_exact(queries * n * e).enumerate() {
        let dscores = of_sample(dscores, [sample, samples]);
        let dinner = of_sample(dinner, [sample, samples]);
        let [from, to] = [sample, sample + 1].map(|sample| sample * keys * kv_heads);
        for head in 0..n {
            let (kv, group) = (head / (n / kv_heads), n / kv_heads);
            let masked = masked.of([sample, samples], head, heads);
            if head % group == 0 {
                take_keys(own_k, &k[from * d..], kv, learnt, heads);
                take(own_v, &v[from * e..], e, kv_heads, kv, 1.0);
                own_dk.fill(0.0);
                own_dv.fill(0.0);
            }
            for tile in Tile::all(masked, learnt, heads) {
                let (first, rows, s) = (tile.rows.start, tile.rows.len(), tile.keys.clone());
                let len = s.len();
                let (q_, dq_, dy_) = (&mut own_q[..rows * d], &mut own_dq[..rows * d], &mut own_dy[..rows * e]);
                let (p, dp) = (&mut own_p[..rows * len], &mut own_dp[..rows * len]);
                let at = (sample * queries + first) * n * d;
                let x = &q[at..at + rows * n * d];
                take(q_, x, d, n, head, factor);
                take(dy_, &dy[first * n * e..], e, n, head, 1.0);
                tile.weights(isa, p, q_, own_k, tmp);
                let kept = if dropped.is_some() {
                    let kept = &mut own_kept[..rows * len];
                    kept.copy_from_slice(p);
                    tile.drop(isa, kept, dropped, sample, head);
                    &*kept
                } else {
                    &*p
                };
                let dv_ = &mut own_dv[s.start * e..s.end * e];
                gemm(isa, dv_, Factor::Transposed(kept), Factor::Plain(dy_), len, e, rows, true, tmp);
                if tile.nothing {
                    dq_.fill(0.0);
                    give(&mut dq[at..at + rows * n * d], dq_, d, n, head, factor);
                    continue;
                }
                let v_ = &own_v[s.start * e..s.end * e];
                gemm(isa, dp, Factor::Plain(dy_), Factor::Transposed(v_), rows, len, e, false, tmp);
                tile.drop(isa, dp, dropped, sample, head);
                softmax::backward(isa, dp, None, p, len, false);
                tile.empty(dp, len);
                tile.pull(isa, dp, [q_, own_k, x], [dq_, own_dk, dscores, dinner], head, tmp);
                give(&mut dq[at..at + rows * n * d], dq_, d, n, head, factor);
            }
            if head % group == group - 1 {
                give_keys(&mut dk[from * d..to * d], own_dk, &k[from * d..to * d], kv, learnt, dinner, heads);
                give(&mut dv[from * e..to * e], own_dv, e, kv_heads, kv, 1.0);
            }
        }
    }
}
