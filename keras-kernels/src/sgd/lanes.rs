//! Gradient descent in lanes.

use crate::lanes::{decay_by, flushed};

/// As [`super::update`]; the lengths have been checked.
#[inline(always)]
pub(super) fn update(w: &mut [f32], g: &[f32], m: &mut [f32], lr: f32, momentum: f32, nesterov: bool, decay: f32) {
    decay_by(w, decay);
    if momentum == 0.0 {
        for (w, &g) in w.iter_mut().zip(g) {
            *w = (-lr).mul_add(g, *w);
        }
    } else if nesterov {
        for ((w, &g), m) in w.iter_mut().zip(g).zip(m) {
            let step = -lr * g;
            *m = flushed(momentum.mul_add(*m, step));
            *w += momentum.mul_add(*m, step);
        }
    } else {
        for ((w, &g), m) in w.iter_mut().zip(g).zip(m) {
            *m = flushed(momentum.mul_add(*m, -lr * g));
            *w += *m;
        }
    }
}
