//! Gated linear units in lanes.

use crate::lanes::{Function2, LANES, padded, zip};
use crate::math::{sigmoid, sigmoid_and_slope};

#[derive(Clone, Copy)]
struct Gate;

impl Function2 for Gate {
    #[inline(always)]
    fn of(self, a: f32, b: f32) -> f32 {
        a * sigmoid(b)
    }
}

/// As [`super::forward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: &[f32], n: usize) {
    if n == 0 {
        return;
    }
    for (y, x) in y.chunks_exact_mut(n).zip(x.chunks_exact(2 * n)) {
        zip(y, Some(&x[..n]), &x[n..], Gate);
    }
}

/// As [`super::backward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn backward(dx: &mut [f32], dy: &[f32], x: &[f32], n: usize, acc: bool) {
    if n == 0 {
        return;
    }
    for ((dx, dy), x) in dx.chunks_exact_mut(2 * n).zip(dy.chunks_exact(n)).zip(x.chunks_exact(2 * n)) {
        let ((da, db), (a, b)) = (dx.split_at_mut(n), x.split_at(n));
        for at in (0..n).step_by(LANES) {
            let len = LANES.min(n - at);
            let (dy, a, b) = (padded(&dy[at..][..len]), padded(&a[at..][..len]), padded(&b[at..][..len]));
            let (mut first, mut second) = ([0.0; LANES], [0.0; LANES]);
            for i in 0..LANES {
                let (s, slope) = sigmoid_and_slope(b[i]);
                first[i] = dy[i] * s;
                second[i] = dy[i] * a[i] * slope;
            }
            for (dx, d) in [(&mut da[at..][..len], &first), (&mut db[at..][..len], &second)] {
                if acc {
                    dx.iter_mut().zip(d).for_each(|(dx, d)| *dx += d);
                } else {
                    dx.copy_from_slice(&d[..len]);
                }
            }
        }
    }
}
