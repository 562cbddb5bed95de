//! Penalties in lanes.

use super::Penalty;
use crate::lanes::{LANES, Lanes, padded, sum};

/// As [`super::value`].
#[inline(always)]
pub(super) fn value(w: &[f32], p: Penalty) -> f32 {
    let (blocks, rest) = w.as_chunks::<LANES>();
    let (mut l1, mut l2) = ([0.0; LANES], [0.0; LANES]);
    for block in blocks {
        add(block, &mut l1, &mut l2);
    }
    add(&padded(rest), &mut l1, &mut l2);
    p.l1 * sum(l1) + p.l2 * sum(l2)
}

#[inline(always)]
fn add(block: &Lanes, l1: &mut Lanes, l2: &mut Lanes) {
    for i in 0..LANES {
        l1[i] += block[i].abs();
        l2[i] = block[i].mul_add(block[i], l2[i]);
    }
}
