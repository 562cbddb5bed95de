//! Pooling in plain Rust, over `f32` or `f64`.

use super::{Each, Pool, Windows, at_each, check};
use crate::Real;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: &[R], pool: Pool, m: usize, n: usize, windows: &Windows) {
    check(y.len(), x.len(), m, n, windows);
    let (inside, count) = (windows.positions() * n, windows.count() * n);
    for sample in 0..m {
        let (y, x) = (&mut y[sample * count..][..count], &x[sample * inside..][..inside]);
        for (window, positions) in Each::new(windows) {
            for i in 0..n {
                let mut sum: Option<R> = None;
                at_each!(positions, at => {
                    let x = x[at * n + i];
                    sum = Some(match (sum, pool) {
                        (None, _) => x,
                        (Some(sum), Pool::Max) => sum.max(x),
                        (Some(sum), Pool::Average) => sum + x,
                    });
                });
                let sum = sum.unwrap_or(R::ZERO);
                y[window * n + i] = match pool {
                    Pool::Max => sum,
                    Pool::Average => sum * R::of(positions.share()),
                };
            }
        }
    }
}

/// As [`super::backward`].
pub fn backward<R: Real>(
    dx: &mut [R],
    dy: &[R],
    x: &[R],
    y: &[R],
    pool: Pool,
    m: usize,
    n: usize,
    windows: &Windows,
    acc: bool,
) {
    check(dy.len(), dx.len(), m, n, windows);
    let (inside, count) = (windows.positions() * n, windows.count() * n);
    if !acc {
        dx.fill(R::ZERO);
    }
    for sample in 0..m {
        let dx = &mut dx[sample * inside..][..inside];
        for (window, positions) in Each::new(windows) {
            for i in 0..n {
                let out = sample * count + window * n + i;
                match pool {
                    Pool::Max => {
                        let mut first = None;
                        at_each!(positions, at => {
                            if first.is_none() && x[sample * inside + at * n + i] == y[out] {
                                first = Some(at);
                            }
                        });
                        if let Some(at) = first {
                            dx[at * n + i] += dy[out];
                        }
                    }
                    Pool::Average => {
                        let d = dy[out] * R::of(positions.share());
                        at_each!(positions, at => dx[at * n + i] += d);
                    }
                }
            }
        }
    }
}
