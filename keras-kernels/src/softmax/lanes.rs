//! Softmax in lanes.

use crate::lanes::{LANES, Lanes, larger, max, padded, sum};
use crate::math::exp;

/// As [`super::forward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: Option<&[f32]>, n: usize) {
    if let Some(x) = x {
        y.copy_from_slice(x);
    }
    if n == 0 {
        return;
    }
    if n <= LANES {
        return short_rows(y, n);
    }
    for y in y.chunks_exact_mut(n) {
        row(y);
    }
}

/// Rows that fit a vector.
///
/// Each is read together with what follows it and written back so, which is safe as what follows is written later.
#[inline(always)]
fn short_rows(y: &mut [f32], n: usize) {
    for at in (0..y.len()).step_by(n) {
        match y[at..].first_chunk_mut::<LANES>() {
            Some(chunk) => *chunk = short_row(*chunk, n),
            None => {
                let rest = &mut y[at..];
                let done = short_row(padded(rest), n);
                rest.copy_from_slice(&done[..rest.len()]);
            }
        }
    }
}

/// Softmax of the first `n` lanes; the others are left as they are.
#[inline(always)]
fn short_row(x: Lanes, n: usize) -> Lanes {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for i in 0..LANES {
        lanes[i] = if i < n { x[i] } else { f32::NEG_INFINITY };
    }
    let max = max(lanes);
    for i in 0..LANES {
        lanes[i] = if i < n { exp(x[i] - max) } else { 0.0 };
    }
    let sum = sum(lanes);
    for i in 0..LANES {
        lanes[i] = if i < n { lanes[i] / sum } else { x[i] };
    }
    lanes
}

/// Softmax of a row longer than a vector.
#[inline(always)]
fn row(y: &mut [f32]) {
    let (blocks, rest) = y.as_chunks_mut::<LANES>();
    let mut top = [f32::NEG_INFINITY; LANES];
    for block in &*blocks {
        for i in 0..LANES {
            top[i] = larger(block[i], top[i]);
        }
    }
    let mut last = [f32::NEG_INFINITY; LANES];
    last[..rest.len()].copy_from_slice(rest);
    for i in 0..LANES {
        top[i] = larger(last[i], top[i]);
    }
    let top = max(top);
    let mut sums = [0.0; LANES];
    for block in &mut *blocks {
        for i in 0..LANES {
            block[i] = exp(block[i] - top);
            sums[i] += block[i];
        }
    }
    // The lanes behind the row are e^−∞ = 0, unless the largest is itself −∞ and the whole row NaN.
    for i in 0..LANES {
        last[i] = exp(last[i] - top);
        sums[i] += last[i];
    }
    rest.copy_from_slice(&last[..rest.len()]);
    let sum = sum(sums);
    y.iter_mut().for_each(|y| *y /= sum);
}

/// As [`super::backward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn backward(dx: &mut [f32], dy: Option<&[f32]>, y: &[f32], n: usize, acc: bool) {
    if n == 0 {
        return;
    }
    for (row, (dx, y)) in dx.chunks_exact_mut(n).zip(y.chunks_exact(n)).enumerate() {
        match dy.map(|dy| &dy[row * n..][..n]) {
            Some(dy) => {
                let dot = dot(dy, y);
                for ((dx, &dy), &y) in dx.iter_mut().zip(dy).zip(y) {
                    let d = y * (dy - dot);
                    *dx = if acc { *dx + d } else { d };
                }
            }
            None => {
                let dot = dot(dx, y);
                for (dx, &y) in dx.iter_mut().zip(y) {
                    *dx = y * (*dx - dot);
                }
            }
        }
    }
}

/// Σ x · y.
#[inline(always)]
fn dot(x: &[f32], y: &[f32]) -> f32 {
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let (ys, y_rest) = y.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (x, y) in xs.iter().zip(ys) {
        for i in 0..LANES {
            sums[i] = x[i].mul_add(y[i], sums[i]);
        }
    }
    let (x, y) = (padded(x_rest), padded(y_rest));
    for i in 0..LANES {
        sums[i] = x[i].mul_add(y[i], sums[i]);
    }
    sum(sums)
}
