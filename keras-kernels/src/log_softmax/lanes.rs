//! Log-softmax in lanes.

use crate::Real;
use crate::lanes::{Function2, LANES, largest, padded, sum, zip, zip_add};
use crate::math::exp_or_0 as exp;

/// As [`super::forward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn forward(y: &mut [f32], x: Option<&[f32]>, n: usize) {
    if let Some(x) = x {
        y.copy_from_slice(x);
    }
    if n == 0 {
        return;
    }
    for y in y.chunks_exact_mut(n) {
        let top = largest(y);
        y.iter_mut().for_each(|y| *y -= top);
        let log = Real::ln(exponentials(y));
        y.iter_mut().for_each(|y| *y -= log);
    }
}

/// Σ e^y.
#[inline(always)]
fn exponentials(y: &[f32]) -> f32 {
    let (blocks, rest) = y.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for block in blocks {
        for i in 0..LANES {
            sums[i] += exp(block[i]);
        }
    }
    let mut last = padded(rest);
    for i in 0..LANES {
        last[i] = if i < rest.len() { exp(last[i]) } else { 0.0 };
    }
    for i in 0..LANES {
        sums[i] += last[i];
    }
    sum(sums)
}

/// dy − eʸ · the sum of the row's dy.
#[derive(Clone, Copy)]
struct Less(f32);

impl Function2 for Less {
    #[inline(always)]
    fn of(self, dy: f32, y: f32) -> f32 {
        (-exp(y)).mul_add(self.0, dy)
    }
}

/// As [`super::backward`]; the lengths have been checked.
#[inline(always)]
pub(super) fn backward(dx: &mut [f32], dy: Option<&[f32]>, y: &[f32], n: usize, acc: bool) {
    if n == 0 {
        return;
    }
    if let (Some(dy), true) = (dy, acc) {
        for ((dx, dy), y) in dx.chunks_exact_mut(n).zip(dy.chunks_exact(n)).zip(y.chunks_exact(n)) {
            zip_add(dx, dy, y, Less(total(dy)));
        }
        return;
    }
    for (row, (dx, y)) in dx.chunks_exact_mut(n).zip(y.chunks_exact(n)).enumerate() {
        let dy = dy.map(|dy| &dy[row * n..][..n]);
        let sum = total(dy.unwrap_or(dx));
        zip(dx, dy, y, Less(sum));
    }
}

/// Σ x.
#[inline(always)]
fn total(x: &[f32]) -> f32 {
    let (blocks, rest) = x.as_chunks::<LANES>();
    let mut sums = padded(rest);
    for block in blocks {
        for i in 0..LANES {
            sums[i] += block[i];
        }
    }
    sum(sums)
}
