//! The product of two matrices in each sample: Y = A · Bᵀ, A `m × k`, B `n × k`, all row-major.

pub mod scalar;

use crate::gemm::{Factor, gemm};
use crate::{Isa, Real};

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
    let gemm = |y: &mut [f32], a: Factor<'_>, b: Factor<'_>| gemm(isa, y, a, b, m, n, k, false, tmp);
    products(y, (a, Factor::Plain), (b, Factor::Transposed), rows, [m, n, k], gemm);
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
    let gemm = |da: &mut [f32], dy: Factor<'_>, b: Factor<'_>| gemm(isa, da, dy, b, m, k, n, acc, tmp);
    products(da, (dy, Factor::Plain), (b, Factor::Plain), rows, [m, k, n], gemm);
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
    let gemm = |db: &mut [f32], dy: Factor<'_>, a: Factor<'_>| gemm(isa, db, dy, a, n, k, m, acc, tmp);
    products(db, (dy, Factor::Transposed), (a, Factor::Plain), rows, [n, k, m], gemm);
}

/// The matrices of all samples, and how they stand in the product.
type Factors<'a, R> = (&'a [R], fn(&'a [R]) -> Factor<'a, R>);

/// Calls `gemm` with C, A and B of each sample: C is `m × n`, the depth is `k`.
fn products<'a, R: Real>(
    c: &mut [R],
    (a, of_a): Factors<'a, R>,
    (b, of_b): Factors<'a, R>,
    rows: usize,
    [m, n, k]: [usize; 3],
    mut gemm: impl FnMut(&mut [R], Factor<'a, R>, Factor<'a, R>),
) {
    assert!(
        c.len() == rows * m * n && a.len() == rows * m * k && b.len() == rows * n * k,
        "{rows} samples: {} elements of {m} × {n} from {} and {} with a depth of {k}",
        c.len(),
        a.len(),
        b.len()
    );
    for i in 0..rows {
        let (a, b) = (of_a(&a[i * m * k..][..m * k]), of_b(&b[i * n * k..][..n * k]));
        gemm(&mut c[i * m * n..][..m * n], a, b);
    }
}
