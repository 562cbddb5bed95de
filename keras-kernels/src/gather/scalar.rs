//! Gathering in plain Rust, over `f32` or `f64`.

use super::{Axis, check};
use crate::Real;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: &[R], len: usize, axes: &[Axis]) {
    let out = check(y.len(), x.len(), len, axes);
    if out == 0 || len == 0 {
        return;
    }
    for (y, x) in y.chunks_exact_mut(out).zip(x.chunks_exact(len)) {
        gather(y, x, 0, axes);
    }
}

/// A sample, from element `at` of its input on.
fn gather<R: Real>(y: &mut [R], x: &[R], at: usize, axes: &[Axis]) {
    let Some((axis, inner)) = axes.split_first() else {
        y[0] = x[at];
        return;
    };
    let step = y.len() / axis.len;
    let (from, to) = axis.inside();
    y[..from * step].fill(R::ZERO);
    y[to * step..].fill(R::ZERO);
    if from == to {
        return;
    }
    let y = &mut y[from * step..to * step];
    if !inner.is_empty() {
        for (p, y) in (from..to).zip(y.chunks_exact_mut(step)) {
            gather(y, x, at + axis.at(p), inner);
        }
    } else if axis.stride == 1 && axis.repeat == 1 {
        y.copy_from_slice(&x[at + axis.at(from)..][..to - from]);
    } else {
        for (p, y) in (from..to).zip(y) {
            *y = x[at + axis.at(p)];
        }
    }
}

/// As [`super::backward`].
#[inline(always)]
pub fn backward<R: Real>(dx: &mut [R], dy: &[R], len: usize, axes: &[Axis], acc: bool) {
    let out = check(dy.len(), dx.len(), len, axes);
    if !acc {
        dx.fill(R::ZERO);
    }
    if out == 0 || len == 0 {
        return;
    }
    for (dx, dy) in dx.chunks_exact_mut(len).zip(dy.chunks_exact(out)) {
        scatter(dx, dy, 0, axes);
    }
}

/// Adds the gradient of a sample to that of its input, from element `at` on.
fn scatter<R: Real>(dx: &mut [R], dy: &[R], at: usize, axes: &[Axis]) {
    let Some((axis, inner)) = axes.split_first() else {
        dx[at] += dy[0];
        return;
    };
    let step = dy.len() / axis.len;
    let (from, to) = axis.inside();
    if from == to {
        return;
    }
    let dy = &dy[from * step..to * step];
    if !inner.is_empty() {
        for (p, dy) in (from..to).zip(dy.chunks_exact(step)) {
            scatter(dx, dy, at + axis.at(p), inner);
        }
    } else if axis.stride == 1 && axis.repeat == 1 {
        let dx = &mut dx[at + axis.at(from)..][..to - from];
        for (dx, &dy) in dx.iter_mut().zip(dy) {
            *dx += dy;
        }
    } else {
        for (p, &dy) in (from..to).zip(dy) {
            dx[at + axis.at(p)] += dy;
        }
    }
}
