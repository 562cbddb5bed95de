//! Adam in plain Rust, over `f32` or `f64`.

use super::check;
use crate::Real;

/// As [`super::update`].
pub fn update<R: Real>(
    w: &mut [R],
    g: &[R],
    m: &mut [R],
    v: &mut [R],
    vhat: &mut [R],
    alpha: R,
    beta_1: R,
    beta_2: R,
    epsilon: R,
    decay: R,
) {
    check(w.len(), g.len(), m.len(), v.len(), vhat.len());
    for i in 0..w.len() {
        let decayed = if decay == R::ZERO { w[i] } else { w[i] - decay * w[i] };
        m[i] += (g[i] - m[i]) * (R::ONE - beta_1);
        v[i] += (g[i] * g[i] - v[i]) * (R::ONE - beta_2);
        let v = match vhat.get_mut(i) {
            Some(vhat) => {
                *vhat = vhat.max(v[i]);
                *vhat
            }
            None => v[i],
        };
        w[i] = decayed - alpha * m[i] / (v.sqrt() + epsilon);
    }
}
