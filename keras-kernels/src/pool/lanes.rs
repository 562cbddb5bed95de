//! Pooling in lanes: some features of a window at once.

use super::{Pool, Positions, Windows, each};

/// Features that are taken at once, as long as there are so many.
const WIDTH: usize = 32;

/// The most features whose gradients are worked out at once.
const PIECE: usize = 64;

/// As [`super::forward`]. The lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: &[f32], pool: Pool, m: usize, n: usize, windows: &Windows) {
    let (inside, count) = (windows.positions() * n, windows.count() * n);
    for sample in 0..m {
        let (y, x) = (&mut y[sample * count..][..count], &x[sample * inside..][..inside]);
        each(windows, |window, positions| {
            let y = &mut y[window * n..][..n];
            let (blocks, rest) = y.as_chunks_mut::<WIDTH>();
            let mut from = 0;
            for y in blocks {
                *y = match pool {
                    Pool::Max => reduced(x, n, from, &positions, max),
                    Pool::Average => {
                        let share = positions.share() as f32;
                        reduced(x, n, from, &positions, |sum, x| sum + x).map(|sum| sum * share)
                    }
                };
                from += WIDTH;
            }
            match pool {
                Pool::Max => rest_reduced(rest, x, n, from, &positions, max),
                Pool::Average => {
                    let share = positions.share() as f32;
                    rest_reduced(rest, x, n, from, &positions, |sum, x| sum + x);
                    rest.iter_mut().for_each(|sum| *sum *= share);
                }
            }
        });
    }
}

/// The larger one; NaN if either is NaN.
#[inline(always)]
fn max(sum: f32, x: f32) -> f32 {
    if x > sum || x.is_nan() { x } else { sum }
}

/// What becomes of some features of a window, from `from` on.
#[inline(always)]
fn reduced(x: &[f32], n: usize, from: usize, positions: &Positions, f: impl Fn(f32, f32) -> f32) -> [f32; WIDTH] {
    let mut sums = [0.0; WIDTH];
    let mut first = true;
    positions.each(|at| {
        let x: &[f32; WIDTH] = x[at * n + from..][..WIDTH].try_into().expect("as many features");
        if first {
            (sums, first) = (*x, false);
        } else {
            for i in 0..WIDTH {
                sums[i] = f(sums[i], x[i]);
            }
        }
    });
    sums
}

/// The same for fewer features.
#[inline(always)]
fn rest_reduced(
    sums: &mut [f32],
    x: &[f32],
    n: usize,
    from: usize,
    positions: &Positions,
    f: impl Fn(f32, f32) -> f32,
) {
    if sums.is_empty() {
        return;
    }
    sums.fill(0.0);
    let mut first = true;
    positions.each(|at| {
        let x = &x[at * n + from..][..sums.len()];
        if first {
            first = false;
            sums.copy_from_slice(x);
        } else {
            sums.iter_mut().zip(x).for_each(|(sum, &x)| *sum = f(*sum, x));
        }
    });
}

/// As [`super::backward`]. The lengths have been checked.
#[inline(always)]
pub(super) fn backward(
    dx: &mut [f32],
    dy: &[f32],
    x: &[f32],
    y: &[f32],
    pool: Pool,
    m: usize,
    n: usize,
    windows: &Windows,
    acc: bool,
) {
    let (inside, count) = (windows.positions() * n, windows.count() * n);
    for sample in 0..m {
        let dx = &mut dx[sample * inside..][..inside];
        if !acc {
            dx.fill(0.0);
        }
        let x = if x.is_empty() { x } else { &x[sample * inside..][..inside] };
        each(windows, |window, positions| {
            let at = sample * count + window * n;
            let dy = &dy[at..][..n];
            match pool {
                Pool::Max => {
                    let y = &y[at..][..n];
                    for from in (0..n).step_by(PIECE) {
                        let piece = from..n.min(from + PIECE);
                        largest(dx, &dy[piece.clone()], x, &y[piece], n, from, &positions);
                    }
                }
                Pool::Average => {
                    let share = positions.share() as f32;
                    positions.each(|at| {
                        let dx = &mut dx[at * n..][..n];
                        dx.iter_mut().zip(dy).for_each(|(dx, &d)| *dx += d * share);
                    });
                }
            }
        });
    }
}

/// The gradient of some features' maximum, from `from` on.
#[inline(always)]
fn largest(dx: &mut [f32], dy: &[f32], x: &[f32], y: &[f32], n: usize, from: usize, positions: &Positions) {
    // What has not found its place yet.
    let mut left = [0.0; PIECE];
    let left = &mut left[..dy.len()];
    left.copy_from_slice(dy);
    positions.each(|at| {
        let at = at * n + from..at * n + from + left.len();
        take(&mut dx[at.clone()], left, &x[at], y);
    });
}

/// Adds to `dx` what is left where `x` is the maximum. (How many there are is not known, so that the compiler makes a loop
/// of vectors.)
#[inline(always)]
fn take(dx: &mut [f32], left: &mut [f32], x: &[f32], y: &[f32]) {
    for (((dx, left), &x), &y) in dx.iter_mut().zip(left).zip(x).zip(y) {
        let here = x == y;
        *dx += if here { *left } else { 0.0 };
        *left = if here { 0.0 } else { *left };
    }
}
