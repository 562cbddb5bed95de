//! Attention. `masks` are those of the queries and of the keys, or no buffers.

use super::Pass;
use crate::attention::{self as kernel, Dropped, Masked};
pub use crate::attention::{Heads, Key};
use crate::memory::Buf;

fn dropped(key: Option<Key>, rate: f32, first: usize) -> Option<Dropped> {
    key.filter(|_| rate > 0.0).map(|key| Dropped { rate, key, first })
}

/// See [`kernel::forward`].
pub fn forward(
    pass: &mut Pass<'_>,
    y: Buf,
    [q, k, v]: [Buf; 3],
    masks: [Buf; 2],
    weight: Option<&[f32]>,
    rate: f32,
    key: Option<Key>,
    heads: &Heads,
) {
    let dropped = dropped(key, rate, pass.rows.first());
    let ([y], [q, k, v, queries, keys], tmp) = pass.rows.step([y], [q, k, v, masks[0], masks[1]]);
    let weight = weight.and_then(|weight| weight.first().copied());
    kernel::forward(pass.isa, y, [q, k, v], Masked { queries, keys }, weight, dropped, heads, tmp);
}

/// See [`kernel::backward`].
pub fn backward(
    pass: &mut Pass<'_>,
    gradients: [Buf; 4],
    dy: Buf,
    [q, k, v]: [Buf; 3],
    masks: [Buf; 2],
    weight: Option<&[f32]>,
    rate: f32,
    key: Option<Key>,
    heads: &Heads,
) {
    let dropped = dropped(key, rate, pass.rows.first());
    let (outs, [dy, q, k, v, queries, keys], tmp) = pass.rows.step(gradients, [dy, q, k, v, masks[0], masks[1]]);
    let weight = weight.and_then(|weight| weight.first().copied());
    kernel::backward(pass.isa, outs, dy, [q, k, v], Masked { queries, keys }, weight, dropped, heads, tmp);
}
