//! A bias in plain Rust, over `f32` or `f64`.

use crate::Real;

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: &[R], b: &[R]) {
    assert!(
        y.len() == x.len() && y.len().is_multiple_of(b.len()),
        "{} and {} elements of a bias of {}",
        y.len(),
        x.len(),
        b.len()
    );
    if b.is_empty() {
        return;
    }
    for (y, x) in y.chunks_exact_mut(b.len()).zip(x.chunks_exact(b.len())) {
        y.iter_mut().zip(x).zip(b).for_each(|((y, &x), &b)| *y = x + b);
    }
}
