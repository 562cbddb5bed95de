//! Adam in lanes.

use crate::lanes::{decay_by, flushed, larger};

/// As [`super::update`]; the lengths have been checked.
#[inline(always)]
pub(super) fn update(
    w: &mut [f32],
    g: &[f32],
    m: &mut [f32],
    v: &mut [f32],
    vhat: &mut [f32],
    alpha: f32,
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    decay: f32,
) {
    decay_by(w, decay);
    let (rate_1, rate_2) = (1.0 - beta_1, 1.0 - beta_2);
    let moments = |g: f32, m: &mut f32, v: &mut f32| {
        *m = flushed((g - *m).mul_add(rate_1, *m));
        *v = flushed(g.mul_add(g, -*v).mul_add(rate_2, *v));
    };
    let step = |w: f32, m: f32, v: f32| w - alpha * m / (v.sqrt() + epsilon);
    let all = w.iter_mut().zip(g).zip(m).zip(v);
    if vhat.is_empty() {
        for (((w, &g), m), v) in all {
            moments(g, m, v);
            *w = step(*w, *m, *v);
        }
    } else {
        for ((((w, &g), m), v), vhat) in all.zip(vhat) {
            moments(g, m, v);
            // NaN stays, be it the old one or the new.
            *vhat = if *vhat >= *v { *vhat } else { larger(*vhat, *v) };
            *w = step(*w, *m, *vhat);
        }
    }
}
