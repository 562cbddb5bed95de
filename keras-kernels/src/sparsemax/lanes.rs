//! Sparsemax in lanes.

use super::scalar;
use crate::lanes::{LANES, LONG, Lanes, largest, padded_with, sum};

/// As [`super::forward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: Option<&[f32]>, n: usize) {
    if let Some(x) = x {
        y.copy_from_slice(x);
    }
    if n == 0 {
        return;
    }
    for y in y.chunks_exact_mut(n) {
        // Relative to the largest, so that large numbers keep their digits.
        let top = largest(y);
        y.iter_mut().for_each(|y| *y -= top);
        let tau = threshold(y);
        // NaN stays.
        y.iter_mut().for_each(|y| *y = if *y <= tau { 0.0 } else { *y - tau });
    }
}

/// τ of a row whose largest element is 0.
#[inline(always)]
fn threshold(x: &[f32]) -> f32 {
    if x.len() < LONG {
        return scalar::threshold(x);
    }
    let (blocks, rest) = x.as_chunks::<LANES>();
    let last = padded_with(rest, f32::NEG_INFINITY);
    // Nothing of 1 or more below the largest can be above it.
    let (mut tau, mut count) = (-1.0, f32::INFINITY);
    loop {
        let (mut sums, mut counts): (Lanes, Lanes) = ([0.0; LANES], [0.0; LANES]);
        for block in blocks.iter().chain([&last]) {
            for i in 0..LANES {
                // Also where it is NaN.
                let below = block[i] <= tau;
                sums[i] += if below { 0.0 } else { block[i] };
                counts[i] += if below { 0.0 } else { 1.0 };
            }
        }
        let above = sum(counts);
        // Rounding can bring one back that fell out, which would never end.
        if above >= count || above == 0.0 {
            return tau;
        }
        count = above;
        tau = (sum(sums) - 1.0) / above;
    }
}
