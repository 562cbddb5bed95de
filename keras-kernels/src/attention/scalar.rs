//! Attention in plain Rust, over `f32` or `f64`, one query after the other.

use super::{Dropped, Heads, Masked};
use crate::{Real, philox};

/// Writes the weights of a query, as they are before dropout; whether it may attend to anything.
fn weights<R: Real>(
    p: &mut [R],
    q: &[R],
    k: &[R],
    masked: &Masked<'_, R>,
    factor: R,
    heads: &Heads,
    [t, kv]: [usize; 2],
) -> bool {
    let (d, ld) = (heads.depth, heads.depth * heads.kv_heads);
    if masked.empty(t, heads) {
        p.fill(if heads.none { R::ZERO } else { R::ONE / R::of(heads.keys as f64) });
        return false;
    }
    let may = |s: usize| heads.range(t).contains(&s) && masked.key(s);
    let mut top: Option<R> = None;
    for s in 0..heads.keys {
        let key = &k[s * ld + kv * d..][..d];
        p[s] = (0..d).fold(R::ZERO, |sum, i| q[i].mul_add(key[i], sum)) * factor;
        if may(s) {
            top = Some(top.map_or(p[s], |top| top.max(p[s])));
        }
    }
    let top = top.unwrap_or(R::ZERO);
    let mut sum = R::ZERO;
    for s in 0..heads.keys {
        p[s] = if may(s) { (p[s] - top).exp() } else { R::ZERO };
        sum += p[s];
    }
    p.iter_mut().for_each(|p| *p /= sum);
    true
}

/// What a weight is multiplied with by dropout.
fn kept<R: Real>(dropped: Option<Dropped>, number: u64) -> R {
    match dropped {
        Some(Dropped { rate, key, .. }) if philox::uniform(key, number) < rate => R::ZERO,
        Some(Dropped { rate, .. }) => R::ONE / (R::ONE - R::of(f64::from(rate))),
        None => R::ONE,
    }
}

/// As [`super::forward`]; `tmp` has a number for each key.
pub fn forward<R: Real>(
    y: &mut [R],
    [q, k, v]: [&[R]; 3],
    masked: Masked<'_, R>,
    weight: Option<R>,
    dropped: Option<Dropped>,
    heads: &Heads,
    tmp: &mut [R],
) {
    let Heads { queries, keys, heads: n, kv_heads, depth: d, width: e, .. } = *heads;
    let factor = weight.unwrap_or(R::ONE) * R::of(f64::from(heads.scale));
    for (sample, y) in y.chunks_exact_mut((queries * n * e).max(1)).enumerate() {
        let (q, k) = (&q[sample * queries * n * d..], &k[sample * keys * kv_heads * d..]);
        let (v, masked) = (&v[sample * keys * kv_heads * e..], masked.of(sample, heads));
        let first = dropped.map_or(0, |dropped| dropped.first) + sample;
        for t in 0..queries {
            for head in 0..n {
                let kv = head / (n / kv_heads);
                let p = &mut tmp[..keys];
                weights(p, &q[(t * n + head) * d..][..d], k, &masked, factor, heads, [t, kv]);
                let y = &mut y[(t * n + head) * e..][..e];
                y.fill(R::ZERO);
                for s in 0..keys {
                    let p = p[s] * kept::<R>(dropped, heads.number(first, head, t) + s as u64);
                    let v = &v[(s * kv_heads + kv) * e..][..e];
                    y.iter_mut().zip(v).for_each(|(y, &v)| *y += p * v);
                }
            }
        }
    }
}

/// As [`super::backward`]; `tmp` has two numbers for each key.
pub fn backward<R: Real>(
    [dq, dk, dv, dw]: [&mut [R]; 4],
    dy: &[R],
    [q, k, v]: [&[R]; 3],
    masked: Masked<'_, R>,
    weight: Option<R>,
    dropped: Option<Dropped>,
    heads: &Heads,
    tmp: &mut [R],
) {
    let Heads { queries, keys, heads: n, kv_heads, depth: d, width: e, .. } = *heads;
    let scale = R::of(f64::from(heads.scale));
    let factor = weight.unwrap_or(R::ONE) * scale;
    for d in [&mut *dq, &mut *dk, &mut *dv, &mut *dw] {
        d.fill(R::ZERO);
    }
    let (p, dp) = tmp.split_at_mut(keys);
    for (sample, dy) in dy.chunks_exact((queries * n * e).max(1)).enumerate() {
        let (at_q, at_k, at_v) = (sample * queries * n * d, sample * keys * kv_heads * d, sample * keys * kv_heads * e);
        let (q, k, v, masked) = (&q[at_q..], &k[at_k..], &v[at_v..], masked.of(sample, heads));
        let (dq, dk, dv) = (&mut dq[at_q..], &mut dk[at_k..], &mut dv[at_v..]);
        let first = dropped.map_or(0, |dropped| dropped.first) + sample;
        for t in 0..queries {
            for head in 0..n {
                let kv = head / (n / kv_heads);
                let (at, dy) = ((t * n + head) * d, &dy[(t * n + head) * e..][..e]);
                let attends = weights(p, &q[at..][..d], k, &masked, factor, heads, [t, kv]);
                let mut dot = R::ZERO;
                for s in 0..keys {
                    let kept = kept::<R>(dropped, heads.number(first, head, t) + s as u64);
                    let at = (s * kv_heads + kv) * e;
                    dp[s] = (0..e).fold(R::ZERO, |sum, i| dy[i].mul_add(v[at + i], sum)) * kept;
                    dot += dp[s] * p[s];
                    (0..e).for_each(|i| dv[at + i] += p[s] * kept * dy[i]);
                }
                if !attends {
                    continue;
                }
                for s in 0..keys {
                    let (slope, from) = (p[s] * (dp[s] - dot), (s * kv_heads + kv) * d);
                    for i in 0..d {
                        dq[at + i] += slope * factor * k[from + i];
                        dk[from + i] += slope * factor * q[at + i];
                        if let Some(dw) = dw.get_mut(sample) {
                            *dw += slope * scale * q[at + i] * k[from + i];
                        }
                    }
                }
            }
        }
    }
}
