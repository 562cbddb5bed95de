//! Sparsemax in plain Rust, over `f32` or `f64`.

use crate::Real;
use crate::softmax::{check_rows, check_rows_backward};

/// As [`super::forward`].
#[inline(always)]
pub fn forward<R: Real>(y: &mut [R], x: Option<&[R]>, n: usize) {
    check_rows("sparsemax", y.len(), x.map(<[R]>::len), n);
    if let Some(x) = x {
        y.copy_from_slice(x);
    }
    if n == 0 {
        return;
    }
    for y in y.chunks_exact_mut(n) {
        // Relative to the largest, so that large numbers keep their digits.
        let max = y.iter().fold(y[0], |max, &y| max.max(y));
        y.iter_mut().for_each(|y| *y -= max);
        let tau = threshold(y);
        // NaN stays.
        y.iter_mut().for_each(|y| *y = if *y <= tau { R::ZERO } else { *y - tau });
    }
}

/// τ of a row whose largest element is 0.
#[inline(always)]
pub(super) fn threshold<R: Real>(x: &[R]) -> R {
    // Nothing of 1 or more below the largest can be above it.
    let mut tau = -R::ONE;
    let mut count = x.len() + 1;
    loop {
        let (mut sum, mut above) = (R::ZERO, 0);
        for &x in x {
            if x > tau || x.is_nan() {
                sum += x;
                above += 1;
            }
        }
        // Rounding can bring one back that fell out, which would never end.
        if above >= count || above == 0 {
            return tau;
        }
        count = above;
        tau = (sum - R::ONE) / R::of(above as f64);
    }
}

/// As [`super::backward`].
#[inline(always)]
pub fn backward<R: Real>(dx: &mut [R], dy: Option<&[R]>, y: &[R], n: usize, acc: bool) {
    check_rows_backward("sparsemax", dx.len(), dy.map(<[R]>::len), y.len(), n, acc);
    if n == 0 {
        return;
    }
    for (row, (dx, y)) in dx.chunks_exact_mut(n).zip(y.chunks_exact(n)).enumerate() {
        let dy = dy.map(|dy| &dy[row * n..][..n]);
        let at = |dx: &[R], j: usize| dy.map_or(dx[j], |dy| dy[j]);
        let (mut sum, mut count) = (R::ZERO, R::ZERO);
        for j in 0..n {
            if y[j] != R::ZERO {
                sum += at(dx, j);
                count += R::ONE;
            }
        }
        let mean = sum / count;
        for j in 0..n {
            let d = if y[j] == R::ZERO { R::ZERO } else { at(dx, j) - mean };
            dx[j] = if acc { dx[j] + d } else { d };
        }
    }
}
