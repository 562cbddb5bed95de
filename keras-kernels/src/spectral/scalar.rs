//! Spectral norms in plain Rust, over `f32` or `f64`. What the fast bodies call is inlined always, and so compiled for each
//! instruction set.

use crate::Real;

/// As [`super::norm`].
#[inline(always)]
pub fn norm<R: Real>(u: &mut [R], v: &mut [R], w: &[R], iterations: usize) -> R {
    let c = u.len();
    assert!(w.len() == c * v.len(), "{} weights of {} × {c}", w.len(), v.len());
    if w.iter().all(|&w| w == R::ZERO) {
        v.fill(R::ZERO);
        return R::ONE;
    }
    for _ in 0..iterations {
        for (v, w) in v.iter_mut().zip(w.chunks_exact(c)) {
            *v = dot(w, u);
        }
        normalize(v);
        u.fill(R::ZERO);
        for (&v, w) in v.iter().zip(w.chunks_exact(c)) {
            for (u, &w) in u.iter_mut().zip(w) {
                *u = v.mul_add(w, *u);
            }
        }
        normalize(u);
    }
    let mut sigma = R::ZERO;
    for (&v, w) in v.iter().zip(w.chunks_exact(c)) {
        sigma = v.mul_add(dot(w, u), sigma);
    }
    sigma
}

/// The gradient that is added to that of the kernel: see [`super::backward_kernel`].
pub fn backward_kernel<R: Real>(dw: &mut [R], sigma: R, [u, v]: [&[R]; 2], y: &[R], dy: &[R]) {
    assert!(dw.len() == u.len() * v.len(), "{} weights of {} × {}", dw.len(), v.len(), u.len());
    let factor = -dot(y, dy) / sigma;
    for (dw, &v) in dw.chunks_exact_mut(u.len().max(1)).zip(v) {
        for (dw, &u) in dw.iter_mut().zip(u) {
            *dw = factor * v * u;
        }
    }
}

/// x / |x|, where |x| is 10⁻⁷ at the least.
#[inline(always)]
pub fn normalize<R: Real>(x: &mut [R]) {
    let scale = (R::ONE / dot(x, x).sqrt()).min(R::of(1e7));
    for x in x {
        *x *= scale;
    }
}

/// Σ a b, in sixteen parts.
///
/// # Panics
/// If the lengths differ.
#[inline(always)]
pub fn dot<R: Real>(a: &[R], b: &[R]) -> R {
    assert!(a.len() == b.len(), "{} and {} elements", a.len(), b.len());
    let mut sums = [R::ZERO; 16];
    let (mut a, mut b) = (a.chunks_exact(16), b.chunks_exact(16));
    for (a, b) in (&mut a).zip(&mut b) {
        for (sum, (&a, &b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum = a.mul_add(b, *sum);
        }
    }
    for (sum, (&a, &b)) in sums.iter_mut().zip(a.remainder().iter().zip(b.remainder())) {
        *sum = a.mul_add(b, *sum);
    }
    sums.into_iter().sum()
}
