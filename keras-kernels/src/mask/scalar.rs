//! Masks in plain Rust, over `f32` or `f64`.

use super::check;
use crate::Real;

/// As [`super::not_equal`].
pub fn not_equal<R: Real>(m: &mut [R], x: &[R], n: usize, value: R) {
    check(x.len(), x.len(), m.len(), n);
    for (i, m) in m.iter_mut().enumerate() {
        let any = x[i * n..][..n].iter().any(|&x| x != value);
        *m = if any { R::ONE } else { R::ZERO };
    }
}

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: &[R], m: &[R], n: usize) {
    check(y.len(), x.len(), m.len(), n);
    for (i, &m) in m.iter().enumerate() {
        let row = i * n..(i + 1) * n;
        if m == R::ZERO { y[row].fill(R::ZERO) } else { y[row.clone()].copy_from_slice(&x[row]) }
    }
}

/// As [`super::backward`].
pub fn backward<R: Real>(dx: &mut [R], dy: &[R], m: &[R], n: usize, acc: bool) {
    check(dx.len(), dy.len(), m.len(), n);
    if !acc {
        return forward(dx, dy, m, n);
    }
    for (i, _) in m.iter().enumerate().filter(|(_, m)| **m != R::ZERO) {
        let row = i * n..(i + 1) * n;
        dx[row.clone()].iter_mut().zip(&dy[row]).for_each(|(dx, &dy)| *dx += dy);
    }
}
