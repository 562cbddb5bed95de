//! Sums in plain Rust, over `f32` or `f64`; additions alone, which every compiler makes vectors of.

use crate::Real;

/// As [`super::forward`].
#[inline(always)]
pub fn forward<R: Real>(y: &mut [R], xs: &[&[R]]) {
    match xs {
        [] => y.fill(R::ZERO),
        [x] => y.copy_from_slice(x),
        [a, b, rest @ ..] => {
            assert!(a.len() == y.len() && b.len() == y.len(), "a sum of {} and {} to {}", a.len(), b.len(), y.len());
            for ((y, &a), &b) in y.iter_mut().zip(*a).zip(*b) {
                *y = a + b;
            }
            for x in rest {
                backward(y, x, true);
            }
        }
    }
}

/// As [`super::backward`].
#[inline(always)]
pub fn backward<R: Real>(dx: &mut [R], dy: &[R], acc: bool) {
    assert!(dx.len() == dy.len(), "a term of {} elements in a sum of {}", dx.len(), dy.len());
    if acc {
        for (dx, &dy) in dx.iter_mut().zip(dy) {
            *dx += dy;
        }
    } else {
        dx.copy_from_slice(dy);
    }
}
