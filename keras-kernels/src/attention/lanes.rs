//! Additive scores in lanes: keys that lie side by side are taken at once.

use super::Learnt;
use super::additive::Keys;
use crate::lanes::{LANES, Lanes, padded, sum};
use crate::math::tanh;

/// Lanes of keys from `at` on, of which the row has so many.
#[inline(always)]
fn lanes(row: &[f32], at: usize) -> Lanes {
    let row = &row[at..];
    match row.first_chunk::<LANES>() {
        Some(lanes) => *lanes,
        None => padded(row),
    }
}

/// As [`super::additive::forward`].
#[inline(always)]
pub(super) fn forward(p: &mut [f32], q: &[f32], keys: Keys<'_>, learnt: Learnt<'_>, d: usize) {
    let n = keys.scored.len();
    if n == 0 || d == 0 {
        return p.fill(0.0);
    }
    for (p, q) in p.chunks_exact_mut(n).zip(q.chunks_exact(d)) {
        for (at, p) in (0..n).step_by(LANES).zip(p.chunks_mut(LANES)) {
            let mut sums = [0.0; LANES];
            for (i, q) in q.iter().enumerate() {
                let (k, factor) = (lanes(&keys.rows[i * keys.ld..][keys.scored.clone()], at), learnt.of(i));
                for j in 0..LANES {
                    sums[j] = factor.mul_add(tanh(q + k[j]), sums[j]);
                }
            }
            p.copy_from_slice(&sums[..p.len()]);
        }
    }
}

/// As [`super::additive::backward`].
#[inline(always)]
pub(super) fn backward(
    dq: &mut [f32],
    dk: &mut [f32],
    dscores: &mut [f32],
    ds: &[f32],
    q: &[f32],
    keys: Keys<'_>,
    learnt: Learnt<'_>,
    d: usize,
) {
    let n = keys.scored.len();
    if n == 0 || d == 0 {
        return dq.fill(0.0);
    }
    for ((dq, q), ds) in dq.chunks_exact_mut(d).zip(q.chunks_exact(d)).zip(ds.chunks_exact(n)) {
        for (i, (dq, q)) in dq.iter_mut().zip(q).enumerate() {
            let (mut of_query, mut of_scores) = ([0.0; LANES], [0.0; LANES]);
            let (row, dk) =
                (&keys.rows[i * keys.ld..][keys.scored.clone()], &mut dk[i * keys.ld..][keys.scored.clone()]);
            let factor = learnt.of(i);
            for (at, dk) in (0..n).step_by(LANES).zip(dk.chunks_mut(LANES)) {
                let (k, ds, mut slopes) = (lanes(row, at), lanes(ds, at), lanes(dk, 0));
                for j in 0..LANES {
                    let t = tanh(q + k[j]);
                    let slope = ds[j] * factor * (-t).mul_add(t, 1.0);
                    of_query[j] += slope;
                    slopes[j] += slope;
                    of_scores[j] = ds[j].mul_add(t, of_scores[j]);
                }
                dk.copy_from_slice(&slopes[..dk.len()]);
            }
            *dq = sum(of_query);
            let which = if dscores.len() > 1 { i } else { 0 };
            if let Some(dscore) = dscores.get_mut(which) {
                *dscore += sum(of_scores);
            }
        }
    }
}

/// Softmax of columns.
pub(super) mod columns {
    use crate::lanes::larger;
    use crate::math::exp_or_0;

    /// As [`super::super::softmax::forward`].
    #[inline(always)]
    pub(in super::super) fn forward(p: &mut [f32], ld: usize, factor: f32) {
        let mut at = 0;
        while at < ld {
            at += match ld - at {
                64.. => forward_block::<64>(p, ld, at, factor),
                32.. => forward_block::<32>(p, ld, at, factor),
                _ => forward_block::<16>(p, ld, at, factor),
            };
        }
    }

    /// The softmax of `W` columns from `at` on; how many they are.
    #[inline(always)]
    fn forward_block<const W: usize>(p: &mut [f32], ld: usize, at: usize, factor: f32) -> usize {
        let mut tops = [f32::NEG_INFINITY; W];
        for row in p.chunks_exact(ld) {
            let row: &[f32; W] = row[at..].first_chunk().expect("columns within the row");
            for i in 0..W {
                tops[i] = larger(row[i] * factor, tops[i]);
            }
        }
        let mut sums = [0.0; W];
        for row in p.chunks_exact_mut(ld) {
            let row: &mut [f32; W] = row[at..].first_chunk_mut().expect("columns within the row");
            for i in 0..W {
                let e = exp_or_0(row[i].mul_add(factor, -tops[i]));
                row[i] = e;
                sums[i] += e;
            }
        }
        for sum in &mut sums {
            *sum = 1.0 / *sum;
        }
        for row in p.chunks_exact_mut(ld) {
            let row: &mut [f32; W] = row[at..].first_chunk_mut().expect("columns within the row");
            for i in 0..W {
                row[i] *= sums[i];
            }
        }
        W
    }

    /// As [`super::super::softmax::backward`].
    #[inline(always)]
    pub(in super::super) fn backward(dp: &mut [f32], p: &[f32], ld: usize, factor: f32) {
        let mut at = 0;
        while at < ld {
            at += match ld - at {
                64.. => backward_block::<64>(dp, p, ld, at, factor),
                32.. => backward_block::<32>(dp, p, ld, at, factor),
                _ => backward_block::<16>(dp, p, ld, at, factor),
            };
        }
    }

    /// The gradients of `W` columns from `at` on; how many they are.
    #[inline(always)]
    fn backward_block<const W: usize>(dp: &mut [f32], p: &[f32], ld: usize, at: usize, factor: f32) -> usize {
        let mut dots = [0.0; W];
        for (dp, p) in dp.chunks_exact(ld).zip(p.chunks_exact(ld)) {
            let dp: &[f32; W] = dp[at..].first_chunk().expect("columns within the row");
            let p: &[f32; W] = p[at..].first_chunk().expect("columns within the row");
            for i in 0..W {
                dots[i] = dp[i].mul_add(p[i], dots[i]);
            }
        }
        for (dp, p) in dp.chunks_exact_mut(ld).zip(p.chunks_exact(ld)) {
            let dp: &mut [f32; W] = dp[at..].first_chunk_mut().expect("columns within the row");
            let p: &[f32; W] = p[at..].first_chunk().expect("columns within the row");
            for i in 0..W {
                dp[i] = (dp[i] - dots[i]) * (p[i] * factor);
            }
        }
        W
    }
}
