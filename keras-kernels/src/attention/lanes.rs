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
