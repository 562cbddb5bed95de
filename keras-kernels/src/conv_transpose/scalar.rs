//! Transposed convolutions in plain Rust, over `f32` or `f64`.

use crate::Real;
use crate::activation::{self, Act};
use crate::conv::{Geometry, scalar};

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: &[R], w: &[R], b: Option<&[R]>, act: Act, m: usize, g: &Geometry) {
    scalar::backward_data(y, x, w, m, g, false);
    if let Some(b) = b.filter(|b| !b.is_empty()) {
        for y in y.chunks_exact_mut(b.len()) {
            y.iter_mut().zip(b).for_each(|(y, &b)| *y += b);
        }
    }
    activation::scalar::forward(y, None, act);
}

/// As [`super::backward_data`]; `dx` is overwritten.
pub fn backward_data<R: Real>(dx: &mut [R], dy: &[R], w: &[R], m: usize, g: &Geometry) {
    scalar::forward(dx, dy, w, None, Act::Linear, m, g);
}

/// As [`super::backward_kernel`]; `dw` is overwritten.
pub fn backward_kernel<R: Real>(dw: &mut [R], x: &[R], dy: &[R], m: usize, g: &Geometry) {
    scalar::backward_kernel(dw, dy, x, m, g);
}
