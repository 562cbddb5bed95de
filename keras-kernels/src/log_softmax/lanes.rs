//! Log-softmax in lanes.

use crate::lanes::{Exp, Function2, LANES, LONG, Lanes, larger, largest, map, padded, padded_with, sum, zip, zip_add};
use crate::math::{exp_or_0, ln};

/// Elements of rows shorter than that whose exponentials are taken as one.
const GROUP: usize = 256;

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
        let x = x.map(|x| &x[row * n..][..n]);
        let top = largest(x.unwrap_or(y));
        let log = ln(exponentials(x.unwrap_or(y), top));
        match x {
            Some(x) => y.iter_mut().zip(x).for_each(|(y, &x)| *y = x - top - log),
            None => y.iter_mut().for_each(|y| *y = *y - top - log),
        }
    }
}

/// Σ e^(x − top).
#[inline(always)]
fn exponentials(x: &[f32], top: f32) -> f32 {
    let (blocks, rest) = x.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for block in blocks {
        for i in 0..LANES {
            sums[i] += exp_or_0(block[i] - top);
        }
    }
    if !rest.is_empty() {
        let last = padded_with(rest, f32::NEG_INFINITY);
        for i in 0..LANES {
            sums[i] += exp_or_0(last[i] - top);
        }
    }
    sum(sums)
}

/// Log-softmax of short rows.
#[inline(always)]
fn short_rows(y: &mut [f32], x: Option<&[f32]>, n: usize) {
    if let Some(x) = x {
        y.copy_from_slice(x);
    }
    for y in y.chunks_mut(GROUP.min(n * LANES) / n * n) {
        for y in y.chunks_exact_mut(n) {
            let top = y.iter().fold(f32::NEG_INFINITY, |top, &y| larger(y, top));
            y.iter_mut().for_each(|y| *y -= top);
        }
        let mut exponentials = [0.0; GROUP];
        let exponentials = &mut exponentials[..y.len()];
        map(exponentials, Some(y), Exp);
        let mut logs: Lanes = [1.0; LANES];
        for (log, e) in logs.iter_mut().zip(exponentials.chunks_exact(n)) {
            *log = e.iter().fold(0.0, |sum, &e| sum + e);
        }
        for log in &mut logs {
            *log = ln(*log);
        }
        for (log, y) in logs.iter().zip(y.chunks_exact_mut(n)) {
            y.iter_mut().for_each(|y| *y -= log);
        }
    }
}

/// dy − eʸ · the sum of the row's dy.
#[derive(Clone, Copy)]
struct Less(f32);

impl Function2 for Less {
    #[inline(always)]
    fn of(self, dy: f32, y: f32) -> f32 {
        (-exp_or_0(y)).mul_add(self.0, dy)
    }
}

/// As [`super::backward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn backward(dx: &mut [f32], dy: Option<&[f32]>, y: &[f32], n: usize, acc: bool) {
    if n == 0 {
        return;
    }
    if n < LONG {
        return short_rows_backward(dx, dy, y, n, acc);
    }
    for (row, (dx, y)) in dx.chunks_exact_mut(n).zip(y.chunks_exact(n)).enumerate() {
        let dy = dy.map(|dy| &dy[row * n..][..n]);
        let sum = total(dy.unwrap_or(dx));
        match dy {
            Some(dy) if acc => zip_add(dx, dy, y, Less(sum)),
            dy => zip(dx, dy, y, Less(sum)),
        }
    }
}

/// The same for short rows.
#[inline(always)]
fn short_rows_backward(dx: &mut [f32], dy: Option<&[f32]>, y: &[f32], n: usize, acc: bool) {
    let group = GROUP / n * n;
    for (i, (dx, y)) in dx.chunks_mut(group).zip(y.chunks(group)).enumerate() {
        let mut probabilities = [0.0; GROUP];
        let probabilities = &mut probabilities[..y.len()];
        map(probabilities, Some(y), Exp);
        for (row, (dx, p)) in dx.chunks_exact_mut(n).zip(probabilities.chunks_exact(n)).enumerate() {
            let Some(dy) = dy else {
                let sum = dx.iter().fold(0.0, |sum, &dy| sum + dy);
                dx.iter_mut().zip(p).for_each(|(dx, &p)| *dx = (-p).mul_add(sum, *dx));
                continue;
            };
            let dy = &dy[i * group + row * n..][..n];
            let sum = dy.iter().fold(0.0, |sum, &dy| sum + dy);
            for ((dx, &dy), &p) in dx.iter_mut().zip(dy).zip(p) {
                let d = (-p).mul_add(sum, dy);
                *dx = if acc { *dx + d } else { d };
            }
        }
    }
}

/// Σ x.
#[inline(always)]
fn total(x: &[f32]) -> f32 {
    let (blocks, rest) = x.as_chunks::<LANES>();
    let mut sums = padded(rest);
    for block in blocks {
        for i in 0..LANES {
            sums[i] += block[i];
        }
    }
    sum(sums)
}
