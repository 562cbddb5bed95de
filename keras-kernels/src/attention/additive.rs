//! Additive scores of some queries of a head, and their gradients.
//!
//! Keys come transposed, a row for each feature, so that the loops go over keys that lie side by side.

use core::ops::Range;

use super::Learnt;
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
use super::lanes;
use crate::Isa;
use crate::dispatch::per_isa;

/// Keys of a head, transposed and times the factor within the scores: `depth` rows of `ld` keys, of which some are scored.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    pub(super) rows: &'a [f32],
    pub(super) ld: usize,
    pub(super) scored: &'a Range<usize>,
}

/// Σ tanh(q + k) for each of some queries, rows of `d` features, and each key.
pub(super) fn forward(isa: Isa, p: &mut [f32], q: &[f32], keys: Keys<'_>, learnt: Learnt<'_>, d: usize) {
    per_isa!(
        isa,
        lanes::forward(p: &mut [f32], q: &[f32], keys: Keys<'_>, learnt: Learnt<'_>, d: usize),
        plain::forward
    )
}

/// From the gradients of the scores, `ds`, those of the queries, which are written, and those of the keys and of the factors
/// of the scores, which are added.
pub(super) fn backward(
    isa: Isa,
    [dq, dk, dscores]: [&mut [f32]; 3],
    ds: &[f32],
    q: &[f32],
    keys: Keys<'_>,
    learnt: Learnt<'_>,
    d: usize,
) {
    per_isa!(
        isa,
        lanes::backward(
            dq: &mut [f32], dk: &mut [f32], dscores: &mut [f32], ds: &[f32], q: &[f32], keys: Keys<'_>,
            learnt: Learnt<'_>, d: usize
        ),
        plain::backward
    )
}

mod plain {
    use super::{Keys, Learnt};
    use crate::Real;

    pub(super) fn forward(p: &mut [f32], q: &[f32], keys: Keys<'_>, learnt: Learnt<'_>, d: usize) {
        let n = keys.scored.len();
        for (p, q) in p.chunks_exact_mut(n.max(1)).zip(q.chunks_exact(d.max(1))) {
            for (s, p) in keys.scored.clone().zip(p) {
                let term = |sum, i: usize| learnt.of(i).mul_add(Real::tanh(q[i] + keys.rows[i * keys.ld + s]), sum);
                *p = (0..d).fold(0.0, term);
            }
        }
    }

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
        dq.fill(0.0);
        let queries = dq.chunks_exact_mut(d.max(1)).zip(q.chunks_exact(d.max(1)));
        for ((dq, q), ds) in queries.zip(ds.chunks_exact(n.max(1))) {
            for (i, (dq, q)) in dq.iter_mut().zip(q).enumerate() {
                let mut of_scores = 0.0;
                for (s, ds) in keys.scored.clone().zip(ds) {
                    let at = i * keys.ld + s;
                    let t = Real::tanh(q + keys.rows[at]);
                    let slope = ds * learnt.of(i) * (1.0 - t * t);
                    *dq += slope;
                    dk[at] += slope;
                    of_scores += ds * t;
                }
                let which = if dscores.len() > 1 { i } else { 0 };
                if let Some(dscore) = dscores.get_mut(which) {
                    *dscore += of_scores;
                }
            }
        }
    }
}
