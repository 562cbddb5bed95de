//! Attention. `masks` are those of the queries, of the keys, and of both, or no buffers; `learnt` the factors of the scores
//! and the factor within them.

use super::Pass;
use crate::attention::{self as kernel, Dropped, Learnt, Masked};
pub use crate::attention::{Heads, Key};
use crate::memory::Buf;

fn dropped(key: Option<Key>, rate: f32, first: usize) -> Option<Dropped> {
    key.filter(|_| rate > 0.0).map(|key| Dropped { rate, key, first })
}

fn learnt([scores, inner]: [Option<&[f32]>; 2]) -> Learnt<'_> {
    Learnt { scores: scores.unwrap_or_default(), inner: inner.unwrap_or_default() }
}

/// See [`kernel::forward`].
pub fn forward(
    pass: &mut Pass<'_>,
    y: Buf,
    [q, k, v]: [Buf; 3],
    [queries, keys, pairs]: [Buf; 3],
    factors: [Option<&[f32]>; 2],
    rate: f32,
    key: Option<Key>,
    heads: &Heads,
) {
    let dropped = dropped(key, rate, pass.rows.first());
    let ([y], [q, k, v, queries, keys, pairs], tmp) = pass.rows.step([y], [q, k, v, queries, keys, pairs]);
    kernel::forward(pass.isa, y, [q, k, v], Masked { queries, keys, pairs }, learnt(factors), dropped, heads, tmp);
}

/// See [`kernel::backward`].
pub fn backward(
    pass: &mut Pass<'_>,
    gradients: [Buf; 5],
    dy: Buf,
    [q, k, v]: [Buf; 3],
    [queries, keys, pairs]: [Buf; 3],
    factors: [Option<&[f32]>; 2],
    rate: f32,
    key: Option<Key>,
    heads: &Heads,
) {
    let dropped = dropped(key, rate, pass.rows.first());
    let (outs, [dy, q, k, v, queries, keys, pairs], tmp) =
        pass.rows.step(gradients, [dy, q, k, v, queries, keys, pairs]);
    let masked = Masked { queries, keys, pairs };
    kernel::backward(pass.isa, outs, dy, [q, k, v], masked, learnt(factors), dropped, heads, tmp);
}

/// See [`kernel::weights::forward`].
pub fn weights(
    pass: &mut Pass<'_>,
    p: Buf,
    [q, k]: [Buf; 2],
    [queries, keys, pairs]: [Buf; 3],
    factors: [Option<&[f32]>; 2],
    heads: &Heads,
) {
    let ([p], [q, k, queries, keys, pairs], tmp) = pass.rows.step([p], [q, k, queries, keys, pairs]);
    kernel::weights::forward(pass.isa, p, [q, k], Masked { queries, keys, pairs }, learnt(factors), heads, tmp);
}

/// See [`kernel::weights::backward`].
pub fn weights_backward(
    pass: &mut Pass<'_>,
    gradients: [Buf; 4],
    [dp, p]: [Buf; 2],
    [q, k]: [Buf; 2],
    [queries, keys, pairs]: [Buf; 3],
    factors: [Option<&[f32]>; 2],
    heads: &Heads,
) {
    let (outs, [dp, p, q, k, queries, keys, pairs], tmp) =
        pass.rows.step(gradients, [dp, p, q, k, queries, keys, pairs]);
    let masked = Masked { queries, keys, pairs };
    kernel::weights::backward(pass.isa, outs, dp, p, [q, k], masked, learnt(factors), heads, tmp);
}

/// See [`kernel::mix::forward`].
pub fn mix(pass: &mut Pass<'_>, y: Buf, p: Buf, v: Buf, heads: &Heads) {
    let ([y], [p, v], tmp) = pass.rows.step([y], [p, v]);
    kernel::mix::forward(pass.isa, y, p, v, heads, tmp);
}

/// See [`kernel::mix::backward_weights`].
pub fn mix_backward_weights(pass: &mut Pass<'_>, dp: Buf, dy: Buf, v: Buf, heads: &Heads, acc: bool) {
    let ([dp], [dy, v], tmp) = pass.rows.step([dp], [dy, v]);
    kernel::mix::backward_weights(pass.isa, dp, dy, v, acc, heads, tmp);
}

/// See [`kernel::mix::backward_values`].
pub fn mix_backward_values(pass: &mut Pass<'_>, dv: Buf, dy: Buf, p: Buf, heads: &Heads, acc: bool) {
    let ([dv], [dy, p], tmp) = pass.rows.step([dv], [dy, p]);
    kernel::mix::backward_values(pass.isa, dv, dy, p, acc, heads, tmp);
}
