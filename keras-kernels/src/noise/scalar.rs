//! Noise in plain Rust, over `f32` or `f64`.

use super::{Key, Noise, check};
use crate::{Real, add, philox};

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: Option<&[R]>, noise: Noise, key: Key, first: u64) {
    check(y.len(), x.map(<[R]>::len), false);
    if matches!(noise, Noise::Multiplied { .. }) {
        return backward(y, x, noise, key, first, false);
    }
    for i in 0..y.len() {
        y[i] = x.map_or(y[i], |x| x[i]) + drawn(noise, key, first, i);
    }
}

/// As [`super::backward`].
pub fn backward<R: Real>(dx: &mut [R], dy: Option<&[R]>, noise: Noise, key: Key, first: u64, acc: bool) {
    check(dx.len(), dy.map(<[R]>::len), acc);
    if matches!(noise, Noise::Added { .. }) {
        return dy.into_iter().for_each(|dy| add::scalar::backward(dx, dy, acc));
    }
    for i in 0..dx.len() {
        let d = dy.map_or(dx[i], |dy| dy[i]) * (R::ONE + drawn(noise, key, first, i));
        dx[i] = if acc { dx[i] + d } else { d };
    }
}

/// The noise of element `i`.
fn drawn<R: Real>(noise: Noise, key: Key, first: u64, i: usize) -> R {
    R::of(noise.stddev()) * R::of(philox::normal(key, first.wrapping_add(i as u64)))
}
