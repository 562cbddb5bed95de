//! Penalties in plain Rust, over `f32` or `f64`.

use super::Penalty;
use crate::Real;

/// As [`super::value`].
#[must_use]
pub fn value<R: Real>(w: &[R], p: Penalty) -> R {
    let l1: R = w.iter().map(|w| w.abs()).sum();
    let l2: R = w.iter().map(|&w| w * w).sum();
    of::<R>(p.l1) * l1 + of::<R>(p.l2) * l2
}

/// As [`super::backward`], for the weights `w`; `dw` is overwritten.
#[inline(always)]
pub fn backward<R: Real>(dw: &mut [R], w: &[R], p: Penalty) {
    assert!(dw.len() == w.len(), "{} gradients of {} weights", dw.len(), w.len());
    for (dw, &w) in dw.iter_mut().zip(w) {
        *dw = slope(w, p);
    }
}

/// As [`super::activity_backward`].
#[inline(always)]
pub fn activity_backward<R: Real>(dx: &mut [R], x: &[R], p: Penalty, scale: R) {
    assert!(dx.len() == x.len(), "{} gradients of {} activities", dx.len(), x.len());
    for (dx, &x) in dx.iter_mut().zip(x) {
        *dx += scale * slope(x, p);
    }
}

#[inline(always)]
fn slope<R: Real>(w: R, p: Penalty) -> R {
    let sign = if w > R::ZERO {
        R::ONE
    } else if w < R::ZERO {
        -R::ONE
    } else {
        R::ZERO
    };
    of::<R>(p.l1) * sign + of::<R>(2.0 * p.l2) * w
}

#[inline(always)]
fn of<R: Real>(x: f32) -> R {
    R::of(f64::from(x))
}
