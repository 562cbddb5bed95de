//! Products of matrices in each sample in plain Rust, over `f32` or `f64`.

use super::check;
use crate::Real;
use crate::gemm::Factor;
use crate::gemm::scalar::gemm;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], a: &[R], b: &[R], rows: usize, m: usize, n: usize, k: usize) {
    check(y.len(), a.len(), b.len(), rows, [m, n, k]);
    for i in 0..rows {
        let (a, b) = (Factor::Plain(&a[i * m * k..][..m * k]), Factor::Transposed(&b[i * n * k..][..n * k]));
        gemm(&mut y[i * m * n..][..m * n], a, b, m, n, k, false);
    }
}

/// As [`super::backward_a`].
pub fn backward_a<R: Real>(da: &mut [R], dy: &[R], b: &[R], rows: usize, m: usize, n: usize, k: usize, acc: bool) {
    check(dy.len(), da.len(), b.len(), rows, [m, n, k]);
    for i in 0..rows {
        let (dy, b) = (Factor::Plain(&dy[i * m * n..][..m * n]), Factor::Plain(&b[i * n * k..][..n * k]));
        gemm(&mut da[i * m * k..][..m * k], dy, b, m, k, n, acc);
    }
}

/// As [`super::backward_b`].
pub fn backward_b<R: Real>(db: &mut [R], dy: &[R], a: &[R], rows: usize, m: usize, n: usize, k: usize, acc: bool) {
    check(dy.len(), a.len(), db.len(), rows, [m, n, k]);
    for i in 0..rows {
        let (dy, a) = (Factor::Transposed(&dy[i * m * n..][..m * n]), Factor::Plain(&a[i * m * k..][..m * k]));
        gemm(&mut db[i * n * k..][..n * k], dy, a, n, k, m, acc);
    }
}
