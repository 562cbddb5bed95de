//! Penalties in lanes.

use super::Penalty;
use crate::lanes::{LANES, padded, sum};

/// As [`super::value`].
#[inline(always)]
pub(super) fn value(w: &[f32], p: Penalty) -> f32 {
    let (blocks, rest) = w.as_chunks::<LANES>();
    let (mut l1, mut l2) = ([0.0; LANES], [0.0; LANES]);
    for block in blocks {
        for i in 0..LANES {
            l1[i] += block[i].abs();
            l2[i] = block[i].mul_add(block[i], l2[i]);
        }
    }
    if !rest.is_empty() {
        let rest = padded(rest);
        for i in 0..LANES {
            l1[i] += rest[i].abs();
            l2[i] = rest[i].mul_add(rest[i], l2[i]);
        }
    }
    p.l1 * sum(l1) + p.l2 * sum(l2)
}
