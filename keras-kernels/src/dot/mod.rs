//! The product of two matrices in each sample: Y = A · Bᵀ, A `m × k`, B `n × k`, all row-major.

pub mod scalar;

use crate::Isa;
use crate::gemm::{Factor, gemm};

/// Y = A · Bᵀ in each of `rows` samples.
///
/// `tmp` is scratch of `64 · min(k, 512)` floats at the least.
///
/// ```
/// use keras_kernels::{Isa, dot};
/// let mut y = [0.0; 2];
/// dot::forward(Isa::best(), &mut y, &[1.0, 2.0], &[3.0, 4.0, 5.0, 6.0], 1, 1, 2, 2, &mut [0.0; 128]);
/// assert_eq!(y, [11.0, 17.0]);
/// ```
///
/// # Panics
/// If a slice is not so many samples of matrices of these sizes, or `tmp` is too short.
pub fn forward(
    isa: Isa,
    y: &mut [f32],
    a: &[f32],
    b: &[f32],
    rows: usize,
    m: usize,
    n: usize,
    k: usize,
    tmp: &mut [f32],
) {
    check(y.len(), a.len(), b.len(), rows, [m, n, k]);
    for i in 0..rows {
        let (a, b) = (&a[i * m * k..][..m * k], &b[i * n * k..][..n * k]);
        let y = &mut y[i * m * n..][..m * n];
        gemm(isa, y, Factor::Plain(a), Factor::Transposed(b), m, n, k, false, tmp);
    }
}

/// dA = dY · B, or dA += that if `acc`.
///
/// # Panics
/// As [`forward`].
pub fn backward_a(
    isa: Isa,
    da: &mut [f32],
    dy: &[f32],
    b: &[f32],
    rows: usize,
    m: usize,
    n: usize,
    k: usize,
    acc: bool,
    tmp: &mut [f32],
) {
    check(dy.len(), da.len(), b.len(), rows, [m, n, k]);
    for i in 0..rows {
        let (dy, b) = (&dy[i * m * n..][..m * n], &b[i * n * k..][..n * k]);
        let da = &mut da[i * m * k..][..m * k];
        gemm(isa, da, Factor::Plain(dy), Factor::Plain(b), m, k, n, acc, tmp);
    }
}

/// dB = dYᵀ · A, or dB += that if `acc`.
///
/// # Panics
/// As [`forward`].
pub fn backward_b(
    isa: Isa,
    db: &mut [f32],
    dy: &[f32],
    a: &[f32],
    rows: usize,
    m: usize,
    n: usize,
    k: usize,
    acc: bool,
    tmp: &mut [f32],
) {
    check(dy.len(), a.len(), db.len(), rows, [m, n, k]);
    for i in 0..rows {
        let (dy, a) = (&dy[i * m * n..][..m * n], &a[i * m * k..][..m * k]);
        let db = &mut db[i * n * k..][..n * k];
        gemm(isa, db, Factor::Transposed(dy), Factor::Plain(a), n, k, m, acc, tmp);
    }
}

fn check(y: usize, a: usize, b: usize, rows: usize, [m, n, k]: [usize; 3]) {
    assert!(
        y == rows * m * n && a == rows * m * k && b == rows * n * k,
        "{rows} samples: {y} elements of {m} × {n} from {a} of {m} × {k} and {b} of {n} × {k}"
    );
}
