//! Matrix products in plain Rust, over `f32` or `f64`.

use super::{Factor, check};
use crate::Real;

/// As [`super::gemm()`].
pub fn gemm<R: Real>(c: &mut [R], a: Factor<'_, R>, b: Factor<'_, R>, m: usize, n: usize, k: usize, acc: bool) {
    check(c.len(), a.len(), b.len(), m, n, k);
    for i in 0..m {
        for j in 0..n {
            let c = &mut c[i * n + j];
            let mut sum = if acc { *c } else { R::ZERO };
            for p in 0..k {
                sum = a.get(i, p, m, k).mul_add(b.get(p, j, k, n), sum);
            }
            *c = sum;
        }
    }
}
