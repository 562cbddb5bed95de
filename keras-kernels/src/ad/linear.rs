//! Products of vectors and matrices. `v` stands for a vector, `m` for a matrix, `t` for a transposed one.

use core::array::from_fn;

use super::Number;

/// Σ a b
#[inline]
#[must_use]
pub fn vv<R: Number, const K: usize>(a: [R; K], b: [R; K]) -> R {
    let mut sum = R::ZERO;
    for i in 0..K {
        sum = a[i].mul_add(b[i], sum);
    }
    sum
}

/// y = a B
#[inline]
#[must_use]
pub fn vm<R: Number, const K: usize, const N: usize>(a: [R; K], b: [[R; N]; K]) -> [R; N] {
    let mut y = [R::ZERO; N];
    for k in 0..K {
        for n in 0..N {
            y[n] = a[k].mul_add(b[k][n], y[n]);
        }
    }
    y
}

/// y = A b
#[inline]
#[must_use]
pub fn mv<R: Number, const M: usize, const K: usize>(a: [[R; K]; M], b: [R; K]) -> [R; M] {
    from_fn(|m| vv(a[m], b))
}

/// C = A B
#[inline]
#[must_use]
pub fn mm<R: Number, const M: usize, const K: usize, const N: usize>(a: [[R; K]; M], b: [[R; N]; K]) -> [[R; N]; M] {
    from_fn(|m| vm(a[m], b))
}

/// C = A Bᵗ
#[inline]
#[must_use]
pub fn mmt<R: Number, const M: usize, const K: usize, const N: usize>(a: [[R; K]; M], b: [[R; K]; N]) -> [[R; N]; M] {
    from_fn(|m| mv(b, a[m]))
}

/// C = Aᵗ B
#[inline]
#[must_use]
pub fn mtm<R: Number, const M: usize, const K: usize, const N: usize>(a: [[R; M]; K], b: [[R; N]; K]) -> [[R; N]; M] {
    let mut c = [[R::ZERO; N]; M];
    for k in 0..K {
        for m in 0..M {
            for n in 0..N {
                c[m][n] = a[k][m].mul_add(b[k][n], c[m][n]);
            }
        }
    }
    c
}

/// C = aᵗ b, all products of two elements
#[inline]
#[must_use]
pub fn outer<R: Number, const M: usize, const N: usize>(a: [R; M], b: [R; N]) -> [[R; N]; M] {
    from_fn(|m| from_fn(|n| a[m] * b[n]))
}

/// Aᵗ
#[inline]
#[must_use]
pub fn transpose<R: Number, const M: usize, const N: usize>(a: [[R; N]; M]) -> [[R; M]; N] {
    from_fn(|n| from_fn(|m| a[m][n]))
}
