//! Gradient descent in lanes.

/// As [`super::update`]; the lengths have been checked.
#[inline(always)]
pub(super) fn update(w: &mut [f32], g: &[f32], m: &mut [f32], lr: f32, momentum: f32, nesterov: bool, decay: f32) {
    if momentum == 0.0 {
        for (w, &g) in w.iter_mut().zip(g) {
            *w = (-lr).mul_add(g, (-decay).mul_add(*w, *w));
        }
    } else if nesterov {
        for ((w, &g), m) in w.iter_mut().zip(g).zip(m) {
            *m = momentum.mul_add(*m, -(lr * g));
            *w = (-decay).mul_add(*w, *w) + momentum.mul_add(*m, -(lr * g));
        }
    } else {
        for ((w, &g), m) in w.iter_mut().zip(g).zip(m) {
            *m = momentum.mul_add(*m, -(lr * g));
            *w = (-decay).mul_add(*w, *w) + *m;
        }
    }
}
