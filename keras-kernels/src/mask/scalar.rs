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

/// Whether a row counts.
fn counts<R: Real>(m: R) -> bool {
    m > R::of(0.5)
}

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: &[R], m: &[R], n: usize, fill: R) {
    check(y.len(), x.len(), m.len(), n);
    if n == 1 {
        for ((y, &x), &m) in y.iter_mut().zip(x).zip(m) {
            *y = if counts(m) { x } else { fill };
        }
        return;
    }
    for (i, &m) in m.iter().enumerate() {
        let row = i * n..(i + 1) * n;
        if counts(m) { y[row.clone()].copy_from_slice(&x[row]) } else { y[row].fill(fill) }
    }
}

/// As [`super::select`].
pub fn select<R: Real>(y: &mut [R], a: &[R], b: &[R], m: &[R], n: usize) {
    check(y.len(), a.len(), m.len(), n);
    check(y.len(), b.len(), m.len(), n);
    for (i, &m) in m.iter().enumerate() {
        let row = i * n..(i + 1) * n;
        y[row.clone()].copy_from_slice(if counts(m) { &a[row] } else { &b[row] });
    }
}

/// As [`super::backward`].
pub fn backward<R: Real>(dx: &mut [R], dy: &[R], m: &[R], n: usize, rows: bool, acc: bool) {
    check(dx.len(), dy.len(), m.len(), n);
    for (i, &m) in m.iter().enumerate() {
        let row = i * n..(i + 1) * n;
        match (counts(m) == rows, acc) {
            (true, true) => dx[row.clone()].iter_mut().zip(&dy[row]).for_each(|(dx, &dy)| *dx += dy),
            (true, false) => dx[row.clone()].copy_from_slice(&dy[row]),
            (false, true) => {}
            (false, false) => dx[row].fill(R::ZERO),
        }
    }
}
