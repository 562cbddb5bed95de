//! Softmax in lanes.

use crate::lanes::{Exp, LANES, LONG, Lanes, dot, larger, largest, map, padded_with, sum};
use crate::math::exp_or_0;

/// As [`super::forward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: Option<&[f32]>, n: usize) {
    if n == 0 {
        return;
    }
    if n < LONG {
        return short_rows(y, x, n);
    }
    for (row, y) in y.chunks_exact_mut(n).enumerate() {
        long_row(y, x.map(|x| &x[row * n..][..n]));
    }
}

/// Softmax of rows too short for lanes of their own: the exponential function, which is what takes long, runs over all
/// rows as one.
#[inline(always)]
fn short_rows(y: &mut [f32], x: Option<&[f32]>, n: usize) {
    if let Some(x) = x {
        y.copy_from_slice(x);
    }
    for y in y.chunks_exact_mut(n) {
        let top = y.iter().fold(f32::NEG_INFINITY, |top, &y| larger(y, top));
        y.iter_mut().for_each(|y| *y -= top);
    }
    map(y, None, Exp);
    for y in y.chunks_exact_mut(n) {
        let scale = 1.0 / y.iter().fold(0.0, |sum, &y| sum + y);
        y.iter_mut().for_each(|y| *y *= scale);
    }
}

/// Softmax of a row.
#[inline(always)]
fn long_row(y: &mut [f32], x: Option<&[f32]>) {
    let top = largest(x.unwrap_or(y));
    let (blocks, rest) = y.as_chunks_mut::<LANES>();
    let (from, from_rest) = x.map_or((None, None), |x| {
        let (blocks, rest) = x.as_chunks::<LANES>();
        (Some(blocks), Some(rest))
    });
    let mut sums = [0.0; LANES];
    for (i, y) in blocks.iter_mut().enumerate() {
        let source: &Lanes = from.map_or(&*y, |x| &x[i]);
        let mut block = *source;
        for i in 0..LANES {
            block[i] = exp_or_0(block[i] - top);
            sums[i] += block[i];
        }
        *y = block;
    }
    if !rest.is_empty() {
        let mut block = padded_with(from_rest.unwrap_or(rest), f32::NEG_INFINITY);
        for i in 0..LANES {
            block[i] = exp_or_0(block[i] - top);
            sums[i] += block[i];
        }
        rest.copy_from_slice(&block[..rest.len()]);
    }
    let scale = 1.0 / sum(sums);
    y.iter_mut().for_each(|y| *y *= scale);
}

/// As [`super::backward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn backward(dx: &mut [f32], dy: Option<&[f32]>, y: &[f32], n: usize, acc: bool) {
    if n == 0 {
        return;
    }
    for (row, (dx, y)) in dx.chunks_exact_mut(n).zip(y.chunks_exact(n)).enumerate() {
        let Some(dy) = dy else {
            let dot = dot(dx, y);
            dx.iter_mut().zip(y).for_each(|(dx, &y)| *dx = y * (*dx - dot));
            continue;
        };
        let dy = &dy[row * n..][..n];
        let dot = dot(dy, y);
        if acc {
            for ((dx, &dy), &y) in dx.iter_mut().zip(dy).zip(y) {
                *dx = y.mul_add(dy - dot, *dx);
            }
        } else {
            for ((dx, &dy), &y) in dx.iter_mut().zip(dy).zip(y) {
                *dx = y * (dy - dot);
            }
        }
    }
}
