//! Pooling in lanes: some features of a window at once.

use super::{Each, Pool, Positions, Windows, at_each, see_each_once};

/// Features that are taken at once, as long as there are so many.
const WIDTH: usize = 32;

/// As [`super::forward`]. The lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: &[f32], pool: Pool, m: usize, n: usize, windows: &Windows) {
    let (inside, count) = (windows.positions() * n, windows.count() * n);
    for sample in 0..m {
        let (y, x) = (&mut y[sample * count..][..count], &x[sample * inside..][..inside]);
        for (window, positions) in Each::new(windows) {
            let (blocks, rest) = y[window * n..][..n].as_chunks_mut::<WIDTH>();
            let share = positions.share() as f32;
            let mut from = 0;
            for y in blocks {
                *y = match pool {
                    Pool::Max => largest(x, n, from, &positions),
                    Pool::Average => mean(x, n, from, &positions, share),
                };
                from += WIDTH;
            }
            for (i, y) in rest.iter_mut().enumerate() {
                *y = one(x, n, from + i, &positions, pool, share);
            }
        }
    }
}

/// The larger one; NaN if either is NaN.
#[inline(always)]
fn max(sum: f32, x: f32) -> f32 {
    if x > sum || x.is_nan() { x } else { sum }
}

/// The features at a position, from `from` on.
#[inline(always)]
fn features(x: &[f32], n: usize, from: usize, at: usize) -> &[f32; WIDTH] {
    x[at * n + from..].first_chunk().expect("as many features")
}

/// The largest of some features in a window, 0 if it is empty.
#[inline(always)]
fn largest(x: &[f32], n: usize, from: usize, positions: &Positions) -> [f32; WIDTH] {
    if positions.len.contains(&0) {
        return [0.0; WIDTH];
    }
    let mut sums = *features(x, n, from, positions.first);
    at_each!(positions, at => {
        let x = features(x, n, from, at);
        for i in 0..WIDTH {
            sums[i] = max(sums[i], x[i]);
        }
    });
    sums
}

/// The mean of some features in a window.
#[inline(always)]
fn mean(x: &[f32], n: usize, from: usize, positions: &Positions, share: f32) -> [f32; WIDTH] {
    let mut sums = [0.0; WIDTH];
    at_each!(positions, at => {
        let x = features(x, n, from, at);
        for i in 0..WIDTH {
            sums[i] += x[i];
        }
    });
    for sum in &mut sums {
        *sum *= share;
    }
    sums
}

/// What becomes of one feature of a window.
#[inline(always)]
fn one(x: &[f32], n: usize, feature: usize, positions: &Positions, pool: Pool, share: f32) -> f32 {
    if positions.len.contains(&0) {
        return 0.0;
    }
    match pool {
        Pool::Max => {
            let mut sum = x[positions.first * n + feature];
            at_each!(positions, at => sum = max(sum, x[at * n + feature]));
            sum
        }
        Pool::Average => {
            let mut sum = 0.0;
            at_each!(positions, at => sum += x[at * n + feature]);
            sum * share
        }
    }
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
    // Where each position is seen once, its gradient is written at once and not added to.
    let add = acc || !see_each_once(windows);
    for sample in 0..m {
        let dx = &mut dx[sample * inside..][..inside];
        if add && !acc {
            dx.fill(0.0);
        }
        let x = if x.is_empty() { x } else { &x[sample * inside..][..inside] };
        for (window, positions) in Each::new(windows) {
            let at = sample * count + window * n;
            let (blocks, rest) = dy[at..][..n].as_chunks::<WIDTH>();
            let mut from = 0;
            match pool {
                Pool::Max => {
                    let (largest, few) = y[at..][..n].as_chunks::<WIDTH>();
                    for (dy, y) in blocks.iter().zip(largest) {
                        spread(dx, dy, x, y, n, from, &positions, add);
                        from += WIDTH;
                    }
                    for ((i, &d), &y) in rest.iter().enumerate().zip(few) {
                        spread_one(dx, d, x, y, n, from + i, &positions, add);
                    }
                }
                Pool::Average => {
                    let share = positions.share() as f32;
                    for dy in blocks {
                        let mut d = *dy;
                        for d in &mut d {
                            *d *= share;
                        }
                        at_each!(positions, at => put(&mut dx[at * n + from..], &d, add));
                        from += WIDTH;
                    }
                    for (i, d) in rest.iter().enumerate() {
                        at_each!(positions, at => {
                            let dx = &mut dx[at * n + from + i];
                            *dx = d * share + if add { *dx } else { 0.0 };
                        });
                    }
                }
            }
        }
    }
}

/// Writes some features' gradient, or adds it to what is there.
#[inline(always)]
fn put(dx: &mut [f32], d: &[f32; WIDTH], add: bool) {
    let dx: &mut [f32; WIDTH] = dx.first_chunk_mut().expect("as many features");
    if add {
        for i in 0..WIDTH {
            dx[i] += d[i];
        }
    } else {
        *dx = *d;
    }
}

/// The gradient of some features' maximum, from `from` on: all of it goes where `x` is the maximum for the first time.
#[inline(always)]
fn spread(
    dx: &mut [f32],
    dy: &[f32; WIDTH],
    x: &[f32],
    y: &[f32; WIDTH],
    n: usize,
    from: usize,
    positions: &Positions,
    add: bool,
) {
    // What has not found its place yet.
    let mut left = *dy;
    at_each!(positions, at => {
        let x = features(x, n, from, at);
        let mut d = [0.0; WIDTH];
        for i in 0..WIDTH {
            let here = x[i] == y[i];
            d[i] = if here { left[i] } else { 0.0 };
            left[i] = if here { 0.0 } else { left[i] };
        }
        put(&mut dx[at * n + from..], &d, add);
    });
}

/// The same for one feature.
#[inline(always)]
fn spread_one(dx: &mut [f32], d: f32, x: &[f32], y: f32, n: usize, feature: usize, positions: &Positions, add: bool) {
    let mut left = d;
    at_each!(positions, at => {
        let at = at * n + feature;
        let d = if x[at] == y { core::mem::take(&mut left) } else { 0.0 };
        dx[at] = d + if add { dx[at] } else { 0.0 };
    });
}
