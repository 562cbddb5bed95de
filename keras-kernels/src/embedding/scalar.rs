//! Rows of a table in plain Rust, over `f32` or `f64`.

use super::{check, index};
use crate::Real;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: &[R], w: &[R], n: usize) {
    check(y.len(), x.len(), w.len(), n);
    for (y, &x) in y.chunks_exact_mut(n).zip(x) {
        match index(x, w.len() / n) {
            Some(row) => y.copy_from_slice(&w[row * n..][..n]),
            None => y.fill(R::of(f64::NAN)),
        }
    }
}

/// The gradient of the table, added to `dw`.
///
/// # Panics
/// As [`super::backward`].
pub fn backward<R: Real>(dw: &mut [R], x: &[R], dy: &[R], n: usize) {
    check(dy.len(), x.len(), dw.len(), n);
    let rows = dw.len() / n;
    for (dy, &x) in dy.chunks_exact(n).zip(x) {
        let Some(row) = index(x, rows) else { continue };
        dw[row * n..][..n].iter_mut().zip(dy).for_each(|(dw, &dy)| *dw += dy);
    }
}
