//! Gated linear units in plain Rust, over `f32` or `f64`.

use super::check;
use crate::Real;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: &[R], n: usize) {
    check(y.len(), x.len(), x.len(), n);
    if n == 0 {
        return;
    }
    for (y, x) in y.chunks_exact_mut(n).zip(x.chunks_exact(2 * n)) {
        for j in 0..n {
            y[j] = x[j] * sigmoid(x[n + j]);
        }
    }
}

/// As [`super::backward`].
pub fn backward<R: Real>(dx: &mut [R], dy: &[R], x: &[R], n: usize, acc: bool) {
    check(dy.len(), x.len(), dx.len(), n);
    if n == 0 {
        return;
    }
    for ((dx, dy), x) in dx.chunks_exact_mut(2 * n).zip(dy.chunks_exact(n)).zip(x.chunks_exact(2 * n)) {
        for j in 0..n {
            let s = sigmoid(x[n + j]);
            let (da, db) = (dy[j] * s, dy[j] * x[j] * s * (R::ONE - s));
            dx[j] = if acc { dx[j] + da } else { da };
            dx[n + j] = if acc { dx[n + j] + db } else { db };
        }
    }
}

fn sigmoid<R: Real>(x: R) -> R {
    R::ONE / (R::ONE + (-x).exp())
}
