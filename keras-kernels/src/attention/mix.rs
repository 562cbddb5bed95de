//! The mean of the values by weights that are given, as [`super::weights`] has them.

use super::Heads;
use super::tiles::{QUERIES, cut, give, take};
use crate::Isa;
use crate::gemm::{Factor, gemm};

/// Y, a row of all heads for each query: P · V of each head.
///
/// # Panics
/// If the slices do not fit together, or the scratch is less than `keras_shapes::plan::attention_scratch`.
pub fn forward(isa: Isa, y: &mut [f32], p: &[f32], v: &[f32], heads: &Heads, mut tmp: &mut [f32]) {
    check(y.len(), p.len(), v.len(), heads);
    let Heads { queries, keys, heads: n, kv_heads, width: e, .. } = *heads;
    if keys == 0 {
        return y.fill(0.0);
    }
    let (own_v, own_y) = (cut(&mut tmp, keys * e), cut(&mut tmp, QUERIES * e));
    for (i, p) in p.chunks_exact((queries * keys).max(1)).enumerate() {
        let (sample, head) = (i / n, i % n);
        if head % (n / kv_heads) == 0 {
            take(own_v, &v[sample * keys * kv_heads * e..], e, kv_heads, head / (n / kv_heads), 1.0);
        }
        for (first, p) in (0..queries).step_by(QUERIES).zip(p.chunks(QUERIES * keys)) {
            let rows = p.len() / keys;
            let own_y = &mut own_y[..rows * e];
            gemm(isa, own_y, Factor::Plain(p), Factor::Plain(own_v), rows, e, keys, false, tmp);
            let at = (sample * queries + first) * n * e;
            give(&mut y[at..at + rows * n * e], own_y, e, n, head, 1.0);
        }
    }
}

/// dP = dY · Vᵀ of each head, or dP += that if `acc`.
///
/// # Panics
/// As [`forward`].
pub fn backward_weights(
    isa: Isa,
    dp: &mut [f32],
    dy: &[f32],
    v: &[f32],
    acc: bool,
    heads: &Heads,
    mut tmp: &mut [f32],
) {
    check(dy.len(), dp.len(), v.len(), heads);
    let Heads { queries, keys, heads: n, kv_heads, width: e, .. } = *heads;
    if keys == 0 {
        return;
    }
    let (own_v, own_dy) = (cut(&mut tmp, keys * e), cut(&mut tmp, QUERIES * e));
    for (i, dp) in dp.chunks_exact_mut((queries * keys).max(1)).enumerate() {
        let (sample, head) = (i / n, i % n);
        if head % (n / kv_heads) == 0 {
            take(own_v, &v[sample * keys * kv_heads * e..], e, kv_heads, head / (n / kv_heads), 1.0);
        }
        for (first, dp) in (0..queries).step_by(QUERIES).zip(dp.chunks_mut(QUERIES * keys)) {
            let rows = dp.len() / keys;
            let own_dy = &mut own_dy[..rows * e];
            take(own_dy, &dy[(sample * queries + first) * n * e..], e, n, head, 1.0);
            gemm(isa, dp, Factor::Plain(own_dy), Factor::Transposed(own_v), rows, keys, e, acc, tmp);
        }
    }
}

/// dV = Pᵀ · dY of each head, those that share values added, or dV += that if `acc`.
///
/// # Panics
/// As [`forward`].
pub fn backward_values(isa: Isa, dv: &mut [f32], dy: &[f32], p: &[f32], acc: bool, heads: &Heads, mut tmp: &mut [f32]) {
    check(dy.len(), p.len(), dv.len(), heads);
    let Heads { queries, keys, heads: n, kv_heads, width: e, .. } = *heads;
    if p.is_empty() && !acc {
        dv.fill(0.0);
    }
    let (own_dv, own_dy, group) = (cut(&mut tmp, keys * e), cut(&mut tmp, QUERIES * e), n / kv_heads);
    for (i, p) in p.chunks_exact((queries * keys).max(1)).enumerate() {
        let (sample, head) = (i / n, i % n);
        let [from, to] = [sample, sample + 1].map(|sample| sample * keys * kv_heads * e);
        if head % group == 0 && acc {
            take(own_dv, &dv[from..to], e, kv_heads, head / group, 1.0);
        } else if head % group == 0 {
            own_dv.fill(0.0);
        }
        for (first, p) in (0..queries).step_by(QUERIES).zip(p.chunks(QUERIES * keys)) {
            let rows = p.len() / keys;
            let own_dy = &mut own_dy[..rows * e];
            take(own_dy, &dy[(sample * queries + first) * n * e..], e, n, head, 1.0);
            gemm(isa, own_dv, Factor::Transposed(p), Factor::Plain(own_dy), keys, e, rows, true, tmp);
        }
        if head % group == group - 1 {
            give(&mut dv[from..to], own_dv, e, kv_heads, head / group, 1.0);
        }
    }
}

fn check(y: usize, p: usize, v: usize, heads: &Heads) {
    let samples = p.checked_div(heads.pairs()).unwrap_or(0);
    assert!(p == samples * heads.pairs(), "{p} weights of {} in a sample", heads.pairs());
    heads.check_mixed(y, v, samples);
}
