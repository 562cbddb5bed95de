//! Products of groups in plain Rust, over `f32` or `f64`.

use super::Groups;
use crate::Real;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: &[R], w: &[R], m: usize, of: &Groups) {
    of.check(y.len(), x.len(), w, m);
    each(of, m, |row, group, j| {
        let x = &x[(row * of.groups + group) * of.k..][..of.k];
        let sum = |sum, (p, x): (usize, &R)| x.mul_add(w[of.at(group, p, j)], sum);
        y[(row * of.groups + group) * of.n + j] = x.iter().enumerate().fold(R::ZERO, sum);
    });
}

/// As [`super::backward_data`], added.
pub fn backward_data<R: Real>(dx: &mut [R], dy: &[R], w: &[R], m: usize, of: &Groups) {
    of.check(dy.len(), dx.len(), w, m);
    each(of, m, |row, group, j| {
        let dy = dy[(row * of.groups + group) * of.n + j];
        for (p, dx) in dx[(row * of.groups + group) * of.k..][..of.k].iter_mut().enumerate() {
            *dx += dy * w[of.at(group, p, j)];
        }
    });
}

/// As [`super::backward_kernel`], added.
pub fn backward_kernel<R: Real>(dw: &mut [R], x: &[R], dy: &[R], m: usize, of: &Groups) {
    of.check(dy.len(), x.len(), dw, m);
    each(of, m, |row, group, j| {
        let dy = dy[(row * of.groups + group) * of.n + j];
        for (p, &x) in x[(row * of.groups + group) * of.k..][..of.k].iter().enumerate() {
            dw[of.at(group, p, j)] += x * dy;
        }
    });
}

/// Calls for each row, each group and each of its results.
fn each(of: &Groups, m: usize, mut call: impl FnMut(usize, usize, usize)) {
    for row in 0..m {
        for group in 0..of.groups {
            (0..of.n).for_each(|j| call(row, group, j));
        }
    }
}
