//! Gradient descent in plain Rust, over `f32` or `f64`.

use super::check;
use crate::Real;

/// As [`super::update`].
pub fn update<R: Real>(w: &mut [R], g: &[R], m: &mut [R], lr: R, momentum: R, nesterov: bool, decay: R) {
    let plain = momentum == R::ZERO;
    check(w.len(), g.len(), m.len(), plain);
    for i in 0..w.len() {
        let decayed = if decay == R::ZERO { w[i] } else { w[i] - decay * w[i] };
        w[i] = if plain {
            decayed - lr * g[i]
        } else {
            m[i] = momentum * m[i] - lr * g[i];
            if nesterov { decayed + (momentum * m[i] - lr * g[i]) } else { decayed + m[i] }
        };
    }
}
