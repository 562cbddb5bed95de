//! Attention.

use super::{Kernel, Rows, Scratch, Whole};
use keras_kernels::attention;
use keras_kernels::dropout::Key;
use keras_shapes::plan::attention_scratch;

/// Attention of four heads that share two of keys and values, of `n` features, to three keys each.
pub(super) fn attention(all: &mut Vec<Kernel>, n: usize) {
    use attention::{Learnt, Masked, mix, weights};
    for (causal, window, none, additive) in [(false, 0, false, false), (true, 2, true, true), (false, 0, false, true)] {
        let (queries, keys, heads, kv_heads, scale) = (2, 3, 4, 2, 0.5);
        let (depth, width) = (n, n);
        let sizes =
            attention::Heads { queries, keys, heads, kv_heads, depth, width, additive, scale, causal, window, none };
        let (q, kv, scratch) = (queries * heads * n, keys * kv_heads * n, attention_scratch(keys, n, n));
        let pairs = heads * queries * keys;
        let mask = |m: &mut [f32]| m.iter_mut().for_each(|m| *m = if *m > 0.25 { 0.0 } else { 1.0 });
        kernel!(
            all,
            format!("attention, {causal}, {additive}"),
            [
                y: Rows(q), q: Rows(q), k: Rows(kv), v: Rows(kv), m: Rows(keys), both: Rows(pairs), factor: Whole(1),
                tmp: Scratch(scratch)
            ],
            |isa, first, r| {
                let key = Key { seed: 5, step: 3, stream: 1 };
                let dropped = Some(attention::Dropped { rate: 0.25, key, first });
                mask(m);
                mask(both);
                let masked = if n == 0 { Masked::NONE } else { Masked { queries: &[], keys: m, pairs: both } };
                let learnt = Learnt { scores: factor, inner: &[] };
                attention::forward(isa, y, [q, k, v], masked, learnt, dropped, &sizes, tmp)
            }
        );
        kernel!(
            all,
            format!("attention backward, {causal}, {additive}"),
            [
                dq: Rows(q), dk: Rows(kv), dv: Rows(kv), dscores: Rows(if additive { n } else { 0 }), dy: Rows(q),
                q: Rows(q), k: Rows(kv), v: Rows(kv), m: Rows(queries), factors: Whole(if additive { n } else { 0 }),
                inner: Whole(1), tmp: Scratch(scratch)
            ],
            |isa, first, r| {
                mask(m);
                let masked = Masked { queries: if n == 0 { &[] } else { m }, keys: &[], pairs: &[] };
                let gradients = [dq, dk, dv, dscores, &mut []];
                let learnt = Learnt { scores: factors, inner: if additive { inner } else { &[] } };
                attention::backward(isa, gradients, dy, [q, k, v], masked, learnt, None, &sizes, tmp)
            }
        );
        if n == 0 {
            continue;
        }
        kernel!(
            all,
            format!("weights of attention, {causal}, {additive}"),
            [p: Rows(pairs), q: Rows(q), k: Rows(kv), both: Rows(queries * keys), tmp: Scratch(scratch)],
            |isa, f, r| {
                mask(both);
                let masked = Masked { queries: &[], keys: &[], pairs: both };
                weights::forward(isa, p, [q, k], masked, Learnt::NONE, &sizes, tmp)
            }
        );
        kernel!(
            all,
            format!("weights of attention backward, {causal}, {additive}"),
            [
                dq: Rows(q), dk: Rows(kv), dscores: Rows(1), dp: Rows(pairs), p: Rows(pairs), q: Rows(q), k: Rows(kv),
                factor: Whole(1), tmp: Scratch(scratch)
            ],
            |isa, f, r| {
                let learnt = Learnt { scores: factor, inner: &[] };
                let gradients = [dq, dk, dscores, &mut []];
                weights::backward(isa, gradients, dp, p, [q, k], Masked::NONE, learnt, &sizes, tmp)
            }
        );
        if additive {
            continue;
        }
        kernel!(
            all,
            format!("mix of attention, {causal}"),
            [y: Rows(q), p: Rows(pairs), v: Rows(kv), tmp: Scratch(scratch)],
            |isa, f, r| mix::forward(isa, y, p, v, &sizes, tmp)
        );
        kernel!(
            all,
            format!("mix of attention backward, {causal}"),
            [dp: Rows(pairs), dv: Rows(kv), dy: Rows(q), p: Rows(pairs), v: Rows(kv), tmp: Scratch(scratch)],
            |isa, f, r| {
                mix::backward_weights(isa, dp, dy, v, causal, &sizes, tmp);
                mix::backward_values(isa, dv, dy, p, causal, &sizes, tmp)
            }
        );
    }
}
