//! Unit normalization in lanes.

use super::SMALLEST;
use crate::lanes::dot;

/// As [`super::forward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: Option<&[f32]>, n: usize) {
    if n == 0 {
        return;
    }
    for (row, y) in y.chunks_exact_mut(n).enumerate() {
        let Some(x) = x else {
            let scale = norm(dot(y, y)).1;
            y.iter_mut().for_each(|y| *y *= scale);
            continue;
        };
        let x = &x[row * n..][..n];
        let scale = norm(dot(x, x)).1;
        y.iter_mut().zip(x).for_each(|(y, &x)| *y = x * scale);
    }
}

/// Whether the norm whose square this is is held at the smallest, and one by it.
#[inline(always)]
fn norm(square: f32) -> (bool, f32) {
    let smallest = SMALLEST as f32;
    let held = square <= smallest;
    // NaN stays.
    (held, 1.0 / (if held { smallest } else { square }).sqrt())
}

/// As [`super::backward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn backward(dx: &mut [f32], dy: Option<&[f32]>, x: &[f32], n: usize, acc: bool) {
    if n == 0 {
        return;
    }
    for (row, (dx, x)) in dx.chunks_exact_mut(n).zip(x.chunks_exact(n)).enumerate() {
        let dy = dy.map(|dy| &dy[row * n..][..n]);
        let (held, scale) = norm(dot(x, x));
        let along = if held { 0.0 } else { dot(dy.unwrap_or(dx), x) * scale * scale };
        let slope = |dy: f32, x: f32| (-x).mul_add(along, dy) * scale;
        match dy {
            Some(dy) if acc => dx.iter_mut().zip(dy).zip(x).for_each(|((dx, &dy), &x)| *dx += slope(dy, x)),
            Some(dy) => dx.iter_mut().zip(dy).zip(x).for_each(|((dx, &dy), &x)| *dx = slope(dy, x)),
            None => dx.iter_mut().zip(x).for_each(|(dx, &x)| *dx = slope(*dx, x)),
        }
    }
}
