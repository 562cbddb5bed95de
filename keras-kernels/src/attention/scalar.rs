//! Attention in plain Rust, over `f32` or `f64`, one query after the other.

use super::{Dropped, Heads, Learnt, Masked};
use crate::{Real, philox};

/// A query of a head, and where its keys and values are.
#[derive(Clone, Copy)]
struct Query {
    /// Which sample, which query, and which head of it.
    sample: usize,
    t: usize,
    head: usize,
    /// Where the query, and the first of its keys and values, begin.
    q: usize,
    k: usize,
    v: usize,
    /// Where its result and its weights begin.
    y: usize,
    p: usize,
}

/// All queries of so many samples.
fn queries(heads: &Heads, samples: usize) -> impl Iterator<Item = Query> {
    let Heads { queries, keys, heads: n, kv_heads, depth, width, .. } = *heads;
    let all = (0..samples).flat_map(move |sample| (0..queries).map(move |t| (sample, t)));
    all.flat_map(move |(sample, t)| (0..n).map(move |head| (sample, t, head))).map(move |(sample, t, head)| {
        let (row, kv) = ((sample * queries + t) * n + head, sample * keys * kv_heads + head / (n / kv_heads));
        let p = ((sample * n + head) * queries + t) * keys;
        Query { sample, t, head, q: row * depth, k: kv * depth, v: kv * width, y: row * width, p }
    })
}

/// Writes the weights of a query, as they are before dropout; gives the logarithm of the sum of all powers of its scores, if it
/// may attend to anything.
fn row<R: Real>(
    p: &mut [R],
    [q, k]: [&[R]; 2],
    masked: &Masked<'_, R>,
    learnt: &Learnt<'_, R>,
    heads: &Heads,
    t: usize,
) -> Option<R> {
    let (d, ld) = (heads.depth, heads.depth * heads.kv_heads);
    if masked.empty(t, heads) {
        p.fill(if heads.none { R::ZERO } else { R::ONE / R::of(heads.keys as f64) });
        return None;
    }
    let counts = |of: &[R], s: usize| of.get(s).is_none_or(|&m| m != R::ZERO);
    let pairs = masked.row(t, heads.keys);
    let may = |s: usize| heads.range(t).contains(&s) && counts(masked.keys, s) && counts(pairs, s);
    let scale = R::of(f64::from(heads.scale()));
    let mut top: Option<R> = None;
    for s in 0..heads.keys {
        let key = &k[s * ld..][..d];
        p[s] = if heads.additive {
            (0..d).fold(R::ZERO, |sum, i| learnt.of(i).mul_add((learnt.inner() * (q[i] + key[i])).tanh(), sum))
        } else {
            (0..d).fold(R::ZERO, |sum, i| q[i].mul_add(key[i], sum)) * learnt.score()
        };
        p[s] *= scale;
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
    Some(top + sum.ln())
}

/// The gradients of a score, added.
fn pull<R: Real>(
    slope: R,
    [dq, dk, dscores, dinner]: [&mut [R]; 4],
    [q, k]: [&[R]; 2],
    learnt: &Learnt<'_, R>,
    heads: &Heads,
) {
    let slope = slope * R::of(f64::from(heads.scale()));
    for i in 0..heads.depth {
        if !heads.additive {
            dq[i] += slope * learnt.score() * k[i];
            dk[i] += slope * learnt.score() * q[i];
            if let Some(dscore) = dscores.first_mut() {
                *dscore += slope * q[i] * k[i];
            }
            continue;
        }
        let t = (learnt.inner() * (q[i] + k[i])).tanh();
        let within = slope * learnt.of(i) * (R::ONE - t * t);
        dq[i] += within * learnt.inner();
        dk[i] += within * learnt.inner();
        if let Some(dinner) = dinner.first_mut() {
            *dinner += within * (q[i] + k[i]);
        }
        let which = if dscores.len() > 1 { i } else { 0 };
        if let Some(dscore) = dscores.get_mut(which) {
            *dscore += slope * t;
        }
    }
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
    learnt: Learnt<'_, R>,
    dropped: Option<Dropped>,
    heads: &Heads,
    tmp: &mut [R],
) {
    let (e, samples, p) = (heads.width, heads.samples(q.len()), &mut tmp[..heads.keys]);
    for of in queries(heads, samples) {
        let masked = masked.of([of.sample, samples], of.head, heads);
        row(p, [&q[of.q..], &k[of.k..]], &masked, &learnt, heads, of.t);
        let first = dropped.map_or(0, |dropped| dropped.first) + of.sample;
        let y = &mut y[of.y..][..e];
        y.fill(R::ZERO);
        for (s, p) in p.iter().enumerate() {
            let p = *p * kept::<R>(dropped, heads.number(first, of.head, of.t) + s as u64);
            let v = &v[of.v + s * heads.kv_heads * e..][..e];
            y.iter_mut().zip(v).for_each(|(y, &v)| *y += p * v);
        }
    }
}

/// As [`super::backward`]; `tmp` has two numbers for each key.
pub fn backward<R: Real>(
    [dq, dk, dv, dscores, dinner]: [&mut [R]; 5],
    dy: &[R],
    [q, k, v]: [&[R]; 3],
    masked: Masked<'_, R>,
    learnt: Learnt<'_, R>,
    dropped: Option<Dropped>,
    heads: &Heads,
    tmp: &mut [R],
) {
    for d in [&mut *dq, &mut *dk, &mut *dv, &mut *dscores, &mut *dinner] {
        d.fill(R::ZERO);
    }
    let (e, samples, (p, dp)) = (heads.width, heads.samples(q.len()), tmp.split_at_mut(heads.keys));
    for of in queries(heads, samples) {
        let masked = masked.of([of.sample, samples], of.head, heads);
        let attends = row(p, [&q[of.q..], &k[of.k..]], &masked, &learnt, heads, of.t).is_some();
        let first = dropped.map_or(0, |dropped| dropped.first) + of.sample;
        let dy = &dy[of.y..][..e];
        for s in 0..heads.keys {
            let kept = kept::<R>(dropped, heads.number(first, of.head, of.t) + s as u64);
            let at = of.v + s * heads.kv_heads * e;
            dp[s] = (0..e).fold(R::ZERO, |sum, i| dy[i].mul_add(v[at + i], sum)) * kept;
            (0..e).for_each(|i| dv[at + i] += p[s] * kept * dy[i]);
        }
        if attends {
            pull_row([p, &dp[..heads.keys]], [dq, dk, dscores, dinner], [q, k], of, samples, &learnt, heads);
        }
    }
}

/// The gradients of the scores of a query from those of its weights, added.
fn pull_row<R: Real>(
    [p, dp]: [&[R]; 2],
    [dq, dk, dscores, dinner]: [&mut [R]; 4],
    [q, k]: [&[R]; 2],
    of: Query,
    samples: usize,
    learnt: &Learnt<'_, R>,
    heads: &Heads,
) {
    let dot: R = p.iter().zip(dp).map(|(&p, &dp)| p * dp).sum();
    for s in 0..heads.keys {
        let at = of.k + s * heads.kv_heads * heads.depth;
        let part = |of: &[R]| of.len() / samples;
        let (scores, inner) = (part(dscores), part(dinner));
        let (dscores, dinner) =
            (&mut dscores[of.sample * scores..][..scores], &mut dinner[of.sample * inner..][..inner]);
        let gradients = [&mut dq[of.q..], &mut dk[at..], dscores, dinner];
        pull(p[s] * (dp[s] - dot), gradients, [&q[of.q..], &k[at..]], learnt, heads);
    }
}

/// The logarithm of the sum of all powers of a query's scores, a row of queries for each head; infinite for one that may attend to
/// nothing. A weight is the power of a score less that. `tmp` has a number for each key.
pub fn logs<R: Real>(
    logs: &mut [R],
    [q, k]: [&[R]; 2],
    masked: Masked<'_, R>,
    learnt: Learnt<'_, R>,
    heads: &Heads,
    tmp: &mut [R],
) {
    let samples = heads.samples(q.len());
    for of in queries(heads, samples) {
        let masked = masked.of([of.sample, samples], of.head, heads);
        let log = row(&mut tmp[..heads.keys], [&q[of.q..], &k[of.k..]], &masked, &learnt, heads, of.t);
        logs[(of.sample * heads.heads + of.head) * heads.queries + of.t] = log.unwrap_or(R::of(f64::INFINITY));
    }
}

/// As [`super::weights::forward`].
pub fn weights<R: Real>(p: &mut [R], [q, k]: [&[R]; 2], masked: Masked<'_, R>, learnt: Learnt<'_, R>, heads: &Heads) {
    let samples = heads.samples(q.len());
    for of in queries(heads, samples) {
        let masked = masked.of([of.sample, samples], of.head, heads);
        row(&mut p[of.p..][..heads.keys], [&q[of.q..], &k[of.k..]], &masked, &learnt, heads, of.t);
    }
}

/// As [`super::weights::backward`].
pub fn weights_backward<R: Real>(
    gradients: [&mut [R]; 4],
    dp: &[R],
    p: &[R],
    [q, k]: [&[R]; 2],
    masked: Masked<'_, R>,
    learnt: Learnt<'_, R>,
    heads: &Heads,
) {
    let [dq, dk, dscores, dinner] = gradients;
    for d in [&mut *dq, &mut *dk, &mut *dscores, &mut *dinner] {
        d.fill(R::ZERO);
    }
    let samples = heads.samples(q.len());
    for of in queries(heads, samples) {
        if !masked.of([of.sample, samples], of.head, heads).empty(of.t, heads) {
            let rows = [p, dp].map(|rows| &rows[of.p..][..heads.keys]);
            pull_row(rows, [dq, dk, dscores, dinner], [q, k], of, samples, &learnt, heads);
        }
    }
}

/// As [`super::mix::forward`].
pub fn mix<R: Real>(y: &mut [R], p: &[R], v: &[R], heads: &Heads) {
    let e = heads.width;
    for of in queries(heads, p.len().checked_div(heads.pairs()).unwrap_or(0)) {
        let y = &mut y[of.y..][..e];
        y.fill(R::ZERO);
        for s in 0..heads.keys {
            let v = &v[of.v + s * heads.kv_heads * e..][..e];
            y.iter_mut().zip(v).for_each(|(y, &v)| *y += p[of.p + s] * v);
        }
    }
}

/// The gradients of weights and values, added: see [`super::mix`].
pub fn mix_backward<R: Real>([dp, dv]: [&mut [R]; 2], dy: &[R], p: &[R], v: &[R], heads: &Heads) {
    let e = heads.width;
    for of in queries(heads, p.len().checked_div(heads.pairs()).unwrap_or(0)) {
        let dy = &dy[of.y..][..e];
        for s in 0..heads.keys {
            let at = of.v + s * heads.kv_heads * e;
            dp[of.p + s] += (0..e).fold(R::ZERO, |sum, i| dy[i].mul_add(v[at + i], sum));
            (0..e).for_each(|i| dv[at + i] += p[of.p + s] * dy[i]);
        }
    }
}
