//! Softmax in lanes.

use crate::lanes::{Function, LANES, larger, largest, map, sum};
use crate::math::exp_or_0 as exp;

/// As [`super::forward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: Option<&[f32]>, n: usize) {
    if let Some(x) = x {
        y.copy_from_slice(x);
    }
    if n == 0 {
        return;
    }
    if n < LANES {
        return short_rows(y, n);
    }
    for y in y.chunks_exact_mut(n) {
        row(y);
    }
}

/// Softmax of rows too short for lanes of their own: the exponential function, which is what takes long, runs over all
/// rows as one.
#[inline(always)]
fn short_rows(y: &mut [f32], n: usize) {
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

#[derive(Clone, Copy)]
struct Exp;

impl Function for Exp {
    #[inline(always)]
    fn of(self, x: f32) -> f32 {
        exp(x)
    }
}

/// Softmax of a row.
#[inline(always)]
fn row(y: &mut [f32]) {
    let top = largest(y);
    let (blocks, rest) = y.as_chunks_mut::<LANES>();
    let mut sums = [0.0; LANES];
    for block in blocks {
        for i in 0..LANES {
            block[i] = exp(block[i] - top);
            sums[i] += block[i];
        }
    }
    rest.iter_mut().for_each(|y| *y -= top);
    map(rest, None, Exp);
    let scale = 1.0 / rest.iter().fold(sum(sums), |sum, &y| sum + y);
    y.iter_mut().for_each(|y| *y *= scale);
}

/// As [`super::backward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn backward(dx: &mut [f32], dy: Option<&[f32]>, y: &[f32], n: usize, acc: bool) {
    if n == 0 {
        return;
    }
    match dy {
        Some(dy) if acc => {
            for ((dx, dy), y) in dx.chunks_exact_mut(n).zip(dy.chunks_exact(n)).zip(y.chunks_exact(n)) {
                let dot = dot(dy, y);
                for ((dx, &dy), &y) in dx.iter_mut().zip(dy).zip(y) {
                    *dx = y.mul_add(dy - dot, *dx);
                }
            }
        }
        dy => {
            if let Some(dy) = dy {
                dx.copy_from_slice(dy);
            }
            for (dx, y) in dx.chunks_exact_mut(n).zip(y.chunks_exact(n)) {
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
    let mut total = 0.0;
    if !xs.is_empty() {
        let mut sums = [0.0; LANES];
        for (x, y) in xs.iter().zip(ys) {
            for i in 0..LANES {
                sums[i] = x[i].mul_add(y[i], sums[i]);
            }
        }
        total = sum(sums);
    }
    x_rest.iter().zip(y_rest).fold(total, |total, (&x, &y)| x.mul_add(y, total))
}
