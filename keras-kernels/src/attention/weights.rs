//! The weights of attention by themselves: a number for each head, query and key, before dropout.

use super::tiles::{QUERIES, Tile, cut, give, give_keys, of_queries, of_sample, take, take_keys};
use super::{Heads, Learnt, Masked};
use crate::{Isa, softmax};

/// P: for each head rows of keys, one for each query.
///
/// # Panics
/// If the slices do not fit together, or the scratch is less than `keras_shapes::plan::attention_scratch`.
pub fn forward(
    isa: Isa,
    p: &mut [f32],
    [q, k]: [&[f32]; 2],
    masked: Masked<'_>,
    learnt: Learnt<'_>,
    heads: &Heads,
    mut tmp: &mut [f32],
) {
    let samples = check(p, [q, k], &masked, learnt, [0, 0], heads);
    let Heads { queries, keys, heads: n, kv_heads, depth: d, .. } = *heads;
    let factor = of_queries(learnt, heads);
    let (own_k, own_q) = (cut(&mut tmp, keys * d), cut(&mut tmp, QUERIES * d));
    let own_p = cut(&mut tmp, QUERIES * keys);
    for (i, p) in p.chunks_exact_mut((queries * keys).max(1)).enumerate() {
        let (sample, head) = (i / n, i % n);
        if head % (n / kv_heads) == 0 {
            take_keys(own_k, &k[sample * keys * kv_heads * d..], head / (n / kv_heads), learnt, heads);
        }
        let masked = masked.of([sample, samples], head, heads);
        for tile in Tile::all(masked, learnt, heads) {
            let (first, rows, len) = (tile.rows.start, tile.rows.len(), tile.keys.len());
            let p = &mut p[first * keys..(first + rows) * keys];
            let (q_, own_p) = (&mut own_q[..rows * d], &mut own_p[..rows * len]);
            take(q_, &q[(sample * queries + first) * n * d..], d, n, head, factor);
            tile.weights(isa, own_p, q_, own_k, tmp);
            p.fill(0.0);
            for (p, own) in p.chunks_exact_mut(keys).zip(own_p.chunks_exact(len.max(1))) {
                p[tile.keys.clone()].copy_from_slice(own);
            }
        }
    }
}

/// The gradients of queries and keys, and those of the learnt factors if they are not empty, from `dp`. `p` is what the
/// forward pass wrote.
///
/// # Panics
/// As [`forward`].
pub fn backward(
    isa: Isa,
    [dq, dk, dscores, dinner]: [&mut [f32]; 4],
    dp: &[f32],
    p: &[f32],
    [q, k]: [&[f32]; 2],
    masked: Masked<'_>,
    learnt: Learnt<'_>,
    heads: &Heads,
    mut tmp: &mut [f32],
) {
    let samples = check(dp, [q, k], &masked, learnt, [dscores.len(), dinner.len()], heads);
    heads.check_scored(dq.len(), dk.len(), samples);
    assert!(p.len() == dp.len(), "{} weights with {} gradients", p.len(), dp.len());
    let Heads { queries, keys, heads: n, kv_heads, depth: d, .. } = *heads;
    dscores.fill(0.0);
    dinner.fill(0.0);
    if dp.is_empty() {
        return [dq, dk].into_iter().for_each(|gradient| gradient.fill(0.0));
    }
    let factor = of_queries(learnt, heads);
    let (own_k, own_dk) = (cut(&mut tmp, keys * d), cut(&mut tmp, keys * d));
    let (own_q, own_dq) = (cut(&mut tmp, QUERIES * d), cut(&mut tmp, QUERIES * d));
    let [own_p, own_dp] = [(); 2].map(|()| cut(&mut tmp, QUERIES * keys));
    let group = n / kv_heads;
    for (i, (dp, p)) in dp.chunks_exact(queries * keys).zip(p.chunks_exact(queries * keys)).enumerate() {
        let (sample, head) = (i / n, i % n);
        let [from, to] = [sample, sample + 1].map(|sample| sample * keys * kv_heads * d);
        if head % group == 0 {
            take_keys(own_k, &k[from..], head / group, learnt, heads);
            own_dk.fill(0.0);
        }
        let masked = masked.of([sample, samples], head, heads);
        let dscores = of_sample(dscores, [sample, samples]);
        let dinner = of_sample(dinner, [sample, samples]);
        for tile in Tile::all(masked, learnt, heads) {
            let (first, rows, len) = (tile.rows.start, tile.rows.len(), tile.keys.len());
            let (own_p, own_dp) = (&mut own_p[..rows * len], &mut own_dp[..rows * len]);
            let (q_, dq_) = (&mut own_q[..rows * d], &mut own_dq[..rows * d]);
            let at = (sample * queries + first) * n * d;
            if tile.nothing {
                dq_.fill(0.0);
                give(&mut dq[at..at + rows * n * d], dq_, d, n, head, factor);
                continue;
            }
            for (own, all) in [(&mut *own_p, p), (&mut *own_dp, dp)] {
                let all = all[first * keys..].chunks_exact(keys);
                own.chunks_exact_mut(len.max(1)).zip(all).for_each(|(own, all)| {
                    own.copy_from_slice(&all[tile.keys.clone()]);
                });
            }
            softmax::backward(isa, own_dp, None, own_p, len, false);
            tile.empty(own_dp, len);
            let x = &q[at..at + rows * n * d];
            take(q_, x, d, n, head, factor);
            tile.pull(isa, own_dp, [q_, own_k, x], [dq_, own_dk, dscores, dinner], head, tmp);
            give(&mut dq[at..at + rows * n * d], dq_, d, n, head, factor);
        }
        if head % group == group - 1 {
            give_keys(&mut dk[from..to], own_dk, &k[from..to], head / group, learnt, dinner, heads);
        }
    }
}

fn check(
    p: &[f32],
    [q, k]: [&[f32]; 2],
    masked: &Masked<'_>,
    learnt: Learnt<'_>,
    gradients: [usize; 2],
    heads: &Heads,
) -> usize {
    let samples = heads.samples(q.len());
    heads.check_scored(q.len(), k.len(), samples);
    heads.check_masked(masked, samples);
    learnt.check(gradients, samples, heads);
    assert!(p.len() == samples * heads.pairs(), "{} weights of {samples} samples", p.len());
    samples
}
