//! Pooling in lanes: some features of a window at once.

use super::{Each, Pool, Positions, Windows, at_each, see_each_once};

/// Features that are taken at once, as long as there are so many.
const WIDTH: usize = 32;

/// As [`super::forward`]. The lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: &[f32], pool: Pool, m: usize, n: usize, windows: &Windows) {
    let (inside, count) = (windows.positions() * n, windows.count() * n);
    let two_by_two = pool == Pool::Max && is_two_by_two(windows);
    for sample in 0..m {
        let (y, x) = (&mut y[sample * count..][..count], &x[sample * inside..][..inside]);
        if two_by_two {
            two_by_twos(y, x, n, windows);
            continue;
        }
        for (window, positions) in Each::new(windows) {
            let (blocks, rest) = y[window * n..][..n].as_chunks_mut::<WIDTH>();
            // A division, which a maximum does not wait for.
            let share = if pool == Pool::Max { 0.0 } else { positions.share() as f32 };
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

/// Whether all windows see two by two positions, as most do.
#[inline(always)]
fn is_two_by_two(windows: &Windows) -> bool {
    let Windows { n, k, stride, before, out, .. } = windows;
    let inside = |i: usize| stride[i] > 0 && before[i] == 0 && (out[i] - 1) * stride[i] + k[i] <= n[i];
    (k[0], k[1], k[2]) == (1, 2, 2) && windows.count() > 0 && inside(0) && inside(1) && inside(2)
}

/// The largest features of such windows of a sample, without loops around those over features.
#[inline(always)]
fn two_by_twos(y: &mut [f32], x: &[f32], n: usize, windows: &Windows) {
    let Windows { n: [_, n1, n2], stride, out, .. } = *windows;
    let line = n2 * n;
    let mut window = 0;
    for o0 in 0..out[0] {
        for o1 in 0..out[1] {
            let (upper, lower) = x[(o0 * stride[0] * n1 + o1 * stride[1]) * line..][..2 * line].split_at(line);
            for o2 in 0..out[2] {
                let at = o2 * stride[2] * n;
                let (a, b) = upper[at..][..2 * n].split_at(n);
                let (c, d) = lower[at..][..2 * n].split_at(n);
                largest_of_four(&mut y[window * n..][..n], a, b, c, d);
                window += 1;
            }
        }
    }
}

/// The largest of four features each, the first of equal ones.
#[inline(always)]
fn largest_of_four(y: &mut [f32], a: &[f32], b: &[f32], c: &[f32], d: &[f32]) {
    let (blocks, rest) = y.as_chunks_mut::<WIDTH>();
    let [(a, a_rest), (b, b_rest), (c, c_rest), (d, d_rest)] =
        [a.as_chunks::<WIDTH>(), b.as_chunks(), c.as_chunks(), d.as_chunks()];
    for (i, y) in blocks.iter_mut().enumerate() {
        let (a, b, c, d) = (&a[i], &b[i], &c[i], &d[i]);
        for e in 0..WIDTH {
            y[e] = max(max(max(a[e], b[e]), c[e]), d[e]);
        }
    }
    for (i, y) in rest.iter_mut().enumerate() {
        *y = max(max(max(a_rest[i], b_rest[i]), c_rest[i]), d_rest[i]);
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
