//! Unit normalization in plain Rust, over `f32` or `f64`.

use super::{SMALLEST, check_backward, check_forward};
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
        let scale = R::ONE / squares(y).max(R::of(SMALLEST)).sqrt();
        y.iter_mut().for_each(|y| *y *= scale);
    }
}

/// Σ x².
fn squares<R: Real>(x: &[R]) -> R {
    x.iter().fold(R::ZERO, |sum, &x| x.mul_add(x, sum))
}

/// As [`super::backward`].
pub fn backward<R: Real>(dx: &mut [R], dy: Option<&[R]>, x: &[R], n: usize, acc: bool) {
    check_backward(dx.len(), dy.map(<[R]>::len), x.len(), n, acc);
    if n == 0 {
        return;
    }
    for (row, (dx, x)) in dx.chunks_exact_mut(n).zip(x.chunks_exact(n)).enumerate() {
        let dy = dy.map(|dy| &dy[row * n..][..n]);
        let at = |dx: &[R], j: usize| dy.map_or(dx[j], |dy| dy[j]);
        let sum = squares(x);
        let held = sum <= R::of(SMALLEST);
        let scale = R::ONE / sum.max(R::of(SMALLEST)).sqrt();
        let dot = (0..n).fold(R::ZERO, |dot, j| at(dx, j).mul_add(x[j], dot));
        let along = if held { R::ZERO } else { dot * scale };
        for j in 0..n {
            let d = (at(dx, j) - x[j] * scale * along) * scale;
            dx[j] = if acc { dx[j] + d } else { d };
        }
    }
}
