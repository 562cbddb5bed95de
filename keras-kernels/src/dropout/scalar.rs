//! Dropout in plain Rust, over `f32` or `f64`.

use super::{Key, check};
use crate::{Real, philox};

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: Option<&[R]>, rate: f32, key: Key, first: u64) {
    backward(y, x, rate, key, first, false);
}

/// As [`super::backward`]: the same product with the mask.
pub fn backward<R: Real>(dx: &mut [R], dy: Option<&[R]>, rate: f32, key: Key, first: u64, acc: bool) {
    check(dx.len(), dy.map(<[R]>::len), acc);
    let scale = R::ONE / (R::ONE - R::of(f64::from(rate)));
    for i in 0..dx.len() {
        let dy = dy.map_or(dx[i], |dy| dy[i]);
        let keep = philox::uniform(key, first.wrapping_add(i as u64)) >= rate;
        let d = if keep { dy * scale } else { R::ZERO };
        dx[i] = if acc { dx[i] + d } else { d };
    }
}
