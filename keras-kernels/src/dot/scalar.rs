//! Products of matrices in each sample in plain Rust, over `f32` or `f64`.

use super::products;
use crate::Real;
use crate::gemm::Factor;
use crate::gemm::scalar::gemm;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], a: &[R], b: &[R], rows: usize, m: usize, n: usize, k: usize) {
    products(y, (a, Factor::Plain), (b, Factor::Transposed), rows, [m, n, k], |y, a, b| gemm(y, a, b, m, n, k, false));
}

/// As [`super::backward_a`].
pub fn backward_a<R: Real>(da: &mut [R], dy: &[R], b: &[R], rows: usize, m: usize, n: usize, k: usize, acc: bool) {
    products(da, (dy, Factor::Plain), (b, Factor::Plain), rows, [m, k, n], |da, dy, b| gemm(da, dy, b, m, k, n, acc));
}

/// As [`super::backward_b`].
pub fn backward_b<R: Real>(db: &mut [R], dy: &[R], a: &[R], rows: usize, m: usize, n: usize, k: usize, acc: bool) {
    let gemm = |db: &mut [R], dy: Factor<'_, R>, a: Factor<'_, R>| gemm(db, dy, a, n, k, m, acc);
    products(db, (dy, Factor::Transposed), (a, Factor::Plain), rows, [n, k, m], gemm);
}
