//! Log-softmax in plain Rust, over `f32` or `f64`.

use super::{check_backward, check_forward};
use crate::Real;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: Option<&[R]>, n: usize) {
    check_forward(y.len(), x.map(<[R]>::len), n);
    if let Some(x) = x {
        y.copy_from_slice(x);
    }
    if n == 0 {
        return;
    }
    for y in y.chunks_exact_mut(n) {
        let max = y.iter().fold(y[0], |max, &y| max.max(y));
        y.iter_mut().for_each(|y| *y -= max);
        let sum: R = y.iter().map(|y| y.exp()).sum();
        let log = sum.ln();
        y.iter_mut().for_each(|y| *y -= log);
    }
}

/// As [`super::backward`].
pub fn backward<R: Real>(dx: &mut [R], dy: Option<&[R]>, y: &[R], n: usize, acc: bool) {
    check_backward(dx.len(), dy.map(<[R]>::len), y.len(), n, acc);
    if n == 0 {
        return;
    }
    for (row, (dx, y)) in dx.chunks_exact_mut(n).zip(y.chunks_exact(n)).enumerate() {
        let dy = dy.map(|dy| &dy[row * n..][..n]);
        let at = |dx: &[R], j: usize| dy.map_or(dx[j], |dy| dy[j]);
        let sum: R = (0..n).map(|j| at(dx, j)).sum();
        for j in 0..n {
            let d = at(dx, j) - y[j].exp() * sum;
            dx[j] = if acc { dx[j] + d } else { d };
        }
    }
}
