//! Fully connected layers in plain Rust, over `f32` or `f64`.

use super::{Act, activation, check, check_backward_data, check_forward};
use crate::Real;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: &[R], w: &[R], b: Option<&[R]>, act: Act, m: usize, k: usize, n: usize) {
    check_forward(y.len(), x.len(), w.len(), b.map(<[R]>::len), m, k, n);
    for i in 0..m {
        let y = &mut y[i * n..][..n];
        match b {
            Some(b) => y.copy_from_slice(b),
            None => y.fill(R::ZERO),
        }
        for p in 0..k {
            add_scaled(y, x[i * k + p], &w[p * n..][..n]);
        }
    }
    activation::scalar::forward(y, None, act);
}

/// As [`super::backward_data`].
pub fn backward_data<R: Real>(dx: &mut [R], dy: &[R], w: &[R], m: usize, k: usize, n: usize, acc: bool) {
    check_backward_data(dx.len(), dy.len(), w.len(), m, k, n);
    for i in 0..m {
        for p in 0..k {
            let mut sum = R::ZERO;
            for j in 0..n {
                sum = dy[i * n + j].mul_add(w[p * n + j], sum);
            }
            let dx = &mut dx[i * k + p];
            *dx = if acc { *dx + sum } else { sum };
        }
    }
}

/// As [`super::backward_kernel`]; `dw` is overwritten.
pub fn backward_kernel<R: Real>(dw: &mut [R], x: &[R], dy: &[R], m: usize, k: usize, n: usize) {
    check("dw", dw.len(), k, n);
    check("x", x.len(), m, k);
    check("dy", dy.len(), m, n);
    if n > 0 {
        for (row, dw) in dw.chunks_exact_mut(n).enumerate() {
            kernel_piece(dw, x, dy, m, k, n, row, 0);
        }
    }
}

/// As [`super::backward_bias`]; `db` is overwritten.
pub fn backward_bias<R: Real>(db: &mut [R], dy: &[R], m: usize, n: usize) {
    check("db", db.len(), 1, n);
    check("dy", dy.len(), m, n);
    bias_piece(db, dy, n, 0);
}

/// The gradient of the kernel in one row, from column `col` on.
fn kernel_piece<R: Real>(g: &mut [R], x: &[R], dy: &[R], m: usize, k: usize, n: usize, row: usize, col: usize) {
    g.fill(R::ZERO);
    for i in 0..m {
        add_scaled(g, x[i * k + row], &dy[i * n + col..][..g.len()]);
    }
}

/// The gradient of the bias from column `col` on.
pub(super) fn bias_piece<R: Real>(g: &mut [R], dy: &[R], n: usize, col: usize) {
    g.fill(R::ZERO);
    if n > 0 {
        for dy in dy.chunks_exact(n) {
            add_scaled(g, R::ONE, &dy[col..][..g.len()]);
        }
    }
}

/// y += a · x.
#[inline]
fn add_scaled<R: Real>(y: &mut [R], a: R, x: &[R]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = a.mul_add(x, *y);
    }
}
