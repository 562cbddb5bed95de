//! Penalties in lanes.

use super::Penalty;
use crate::lanes::{LANES, sum};

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
    let (mut l1, mut l2) = (sum(l1), sum(l2));
    for w in rest {
        l1 += w.abs();
        l2 = w.mul_add(*w, l2);
    }
    p.l1 * l1 + p.l2 * l2
}
