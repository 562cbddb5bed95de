//! Attention by matrix products, some queries of a head at a time.

use core::ops::Range;

use super::{Dropped, Heads, Masked};
use crate::gemm::{Factor, gemm};
use crate::{Isa, dropout, softmax};

/// Queries that are taken at once.
const QUERIES: usize = 64;

/// A head of some rows, copied to where it lies side by side, times a factor.
fn take(to: &mut [f32], from: &[f32], cols: usize, heads: usize, head: usize, factor: f32) {
    if cols == 0 {
        return;
    }
    for (to, from) in to.chunks_exact_mut(cols).zip(from.chunks_exact(cols * heads)) {
        let from = &from[head * cols..][..cols];
        to.iter_mut().zip(from).for_each(|(to, from)| *to = from * factor);
    }
}

/// The way back.
fn give(to: &mut [f32], from: &[f32], cols: usize, heads: usize, head: usize, factor: f32) {
    if cols == 0 {
        return;
    }
    for (to, from) in to.chunks_exact_mut(cols * heads).zip(from.chunks_exact(cols)) {
        let to = &mut to[head * cols..][..cols];
        to.iter_mut().zip(from).for_each(|(to, from)| *to = from * factor);
    }
}

/// Some floats of scratch.
fn cut<'t>(tmp: &mut &'t mut [f32], len: usize) -> &'t mut [f32] {
    let (part, rest) = core::mem::take(tmp).split_at_mut(len);
    *tmp = rest;
    part
}

/// Some queries of a head in a sample, and the keys that at least one of them attends to.
struct Tile<'a> {
    rows: Range<usize>,
    keys: Range<usize>,
    masked: Masked<'a>,
    heads: &'a Heads,
}

impl<'a> Tile<'a> {
    fn new(first: usize, masked: Masked<'a>, heads: &'a Heads) -> Tile<'a> {
        let rows = first..(first + QUERIES).min(heads.queries);
        // Who may attend to nothing attends to all.
        let all = rows.clone().any(|t| masked.empty(t, heads));
        let keys = if all { 0..heads.keys } else { heads.range(rows.start).start..heads.range(rows.end - 1).end };
        Tile { rows, keys, masked, heads }
    }

    /// The weights of the queries, before dropout.
    fn weights(&self, isa: Isa, p: &mut [f32], q: &[f32], k: &[f32], tmp: &mut [f32]) {
        let (m, n, d) = (self.rows.len(), self.keys.len(), self.heads.depth);
        gemm(isa, p, Factor::Plain(q), Factor::Transposed(k), m, n, d, false, tmp);
        for (p, t) in p.chunks_exact_mut(n.max(1)).zip(self.rows.clone()) {
            if self.masked.empty(t, self.heads) {
                p.fill(0.0);
                continue;
            }
            let Range { start, end } = self.heads.range(t);
            let (start, end) = (start - self.keys.start, end - self.keys.start);
            p[..start].fill(f32::NEG_INFINITY);
            p[end..].fill(f32::NEG_INFINITY);
            if !self.masked.keys.is_empty() {
                for (p, m) in p.iter_mut().zip(&self.masked.keys[self.keys.clone()]) {
                    *p = if *m == 0.0 { f32::NEG_INFINITY } else { *p };
                }
            }
        }
        softmax::forward(isa, p, None, n);
        if self.heads.none {
            self.empty(p, n);
        }
    }

    /// Sets rows of queries that may attend to nothing to 0.
    fn empty(&self, p: &mut [f32], n: usize) {
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
}

/// As [`super::forward`]; the lengths have been checked.
pub(super) fn forward(
    isa: Isa,
    y: &mut [f32],
    [q, k, v]: [&[f32]; 3],
    masked: Masked<'_>,
    weight: Option<f32>,
    dropped: Option<Dropped>,
    heads: &Heads,
    mut tmp: &mut [f32],
) {
    let Heads { queries, keys, heads: n, kv_heads, depth: d, width: e, .. } = *heads;
    if y.is_empty() || keys == 0 {
        return y.fill(0.0);
    }
    let factor = weight.unwrap_or(1.0) * heads.scale;
    let (own_k, own_v) = (cut(&mut tmp, keys * d), cut(&mut tmp, keys * e));
    let (own_q, own_y) = (cut(&mut tmp, QUERIES * d), cut(&mut tmp, QUERIES * e));
    let own_p = cut(&mut tmp, QUERIES * keys);
    for (sample, y) in y.chunks_exact_mut(queries * n * e).enumerate() {
        let masked = masked.of(sample, heads);
        for head in 0..n {
            let kv = head / (n / kv_heads);
            if head % (n / kv_heads) == 0 {
                take(own_k, &k[sample * keys * kv_heads * d..], d, kv_heads, kv, 1.0);
                take(own_v, &v[sample * keys * kv_heads * e..], e, kv_heads, kv, 1.0);
            }
            for first in (0..queries).step_by(QUERIES) {
                let tile = Tile::new(first, masked, heads);
                let (rows, s) = (tile.rows.len(), tile.keys.clone());
                let (q_, y_, p) = (&mut own_q[..rows * d], &mut own_y[..rows * e], &mut own_p[..rows * s.len()]);
                take(q_, &q[(sample * queries + first) * n * d..], d, n, head, factor);
                tile.weights(isa, p, q_, &own_k[s.start * d..s.end * d], tmp);
                tile.drop(isa, p, dropped, sample, head);
                let v = &own_v[s.start * e..s.end * e];
                gemm(isa, y_, Factor::Plain(p), Factor::Plain(v), rows, e, s.len(), false, tmp);
                give(&mut y[first * n * e..(first + rows) * n * e], y_, e, n, head, 1.0);
            }
        }
    }
}

/// As [`super::backward`]; the lengths have been checked.
pub(super) fn backward(
    isa: Isa,
    [dq, dk, dv, dw]: [&mut [f32]; 4],
    dy: &[f32],
    [q, k, v]: [&[f32]; 3],
    masked: Masked<'_>,
    weight: Option<f32>,
    dropped: Option<Dropped>,
    heads: &Heads,
    mut tmp: &mut [f32],
) {
    let Heads { queries, keys, heads: n, kv_heads, depth: d, width: e, .. } = *heads;
    dw.fill(0.0);
    if dy.is_empty() || keys == 0 {
        return [dq, dk, dv].into_iter().for_each(|gradient| gradient.fill(0.0));
    }
    let factor = weight.unwrap_or(1.0) * heads.scale;
    let (own_k, own_v) = (cut(&mut tmp, keys * d), cut(&mut tmp, keys * e));
    let (own_dk, own_dv) = (cut(&mut tmp, keys * d), cut(&mut tmp, keys * e));
    let (own_q, own_dq) = (cut(&mut tmp, QUERIES * d), cut(&mut tmp, QUERIES * d));
    let own_dy = cut(&mut tmp, QUERIES * e);
    let [own_p, own_dp, own_kept] = [(); 3].map(|()| cut(&mut tmp, QUERIES * keys));
    for (sample, dy) in dy.chunks_exact(queries * n * e).enumerate() {
        let masked = masked.of(sample, heads);
        for head in 0..n {
            let (kv, group) = (head / (n / kv_heads), n / kv_heads);
            if head % group == 0 {
                take(own_k, &k[sample * keys * kv_heads * d..], d, kv_heads, kv, 1.0);
                take(own_v, &v[sample * keys * kv_heads * e..], e, kv_heads, kv, 1.0);
                own_dk.fill(0.0);
                own_dv.fill(0.0);
            }
            for first in (0..queries).step_by(QUERIES) {
                let tile = Tile::new(first, masked, heads);
                let (rows, s) = (tile.rows.len(), tile.keys.clone());
                let len = s.len();
                let (q_, dq_, dy_) = (&mut own_q[..rows * d], &mut own_dq[..rows * d], &mut own_dy[..rows * e]);
                let (p, dp) = (&mut own_p[..rows * len], &mut own_dp[..rows * len]);
                take(q_, &q[(sample * queries + first) * n * d..], d, n, head, factor);
                take(dy_, &dy[first * n * e..], e, n, head, 1.0);
                let k_ = &own_k[s.start * d..s.end * d];
                tile.weights(isa, p, q_, k_, tmp);
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
                let v_ = &own_v[s.start * e..s.end * e];
                gemm(isa, dp, Factor::Plain(dy_), Factor::Transposed(v_), rows, len, e, false, tmp);
                tile.drop(isa, dp, dropped, sample, head);
                softmax::backward(isa, dp, None, p, len, false);
                tile.empty(dp, len);
                gemm(isa, dq_, Factor::Plain(dp), Factor::Plain(k_), rows, d, len, false, tmp);
                if let Some(dw) = dw.get_mut(sample) {
                    let q = &q[(sample * queries + first) * n * d..];
                    for (row, dq) in dq_.chunks_exact(d).enumerate() {
                        let q = &q[(row * n + head) * d..][..d];
                        *dw += heads.scale * dq.iter().zip(q).map(|(dq, q)| dq * q).sum::<f32>();
                    }
                }
                let at = (sample * queries + first) * n * d;
                give(&mut dq[at..at + rows * n * d], dq_, d, n, head, factor);
                let dk_ = &mut own_dk[s.start * d..s.end * d];
                gemm(isa, dk_, Factor::Transposed(dp), Factor::Plain(q_), len, d, rows, true, tmp);
            }
            if head % group == group - 1 {
                let [from, to] = [sample, sample + 1].map(|sample| sample * keys * kv_heads);
                give(&mut dk[from * d..to * d], own_dk, d, kv_heads, kv, 1.0);
                give(&mut dv[from * e..to * e], own_dv, e, kv_heads, kv, 1.0);
            }
        }
    }
}
