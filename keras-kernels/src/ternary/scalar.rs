//! Ternary kernels in plain Rust, over `f32` or `f64`. What the fast bodies call is inlined always, and so compiled for each
//! instruction set.

use crate::Real;
use crate::spectral::scalar::dot;

/// Sums that are added up beside each other.
const LANES: usize = 64;

/// Weights whose magnitudes are added up on their own, so that no sum of a large kernel has many terms.
const PIECE: usize = 64 * LANES;

/// As [`super::mean`].
#[must_use]
#[inline(always)]
pub fn mean<R: Real>(w: &[R]) -> R {
    let mut total = 0.0;
    for piece in w.chunks(PIECE) {
        let (blocks, rest) = piece.as_chunks::<LANES>();
        let mut sums = [R::ZERO; LANES];
        for block in blocks {
            for i in 0..LANES {
                sums[i] += block[i].abs();
            }
        }
        for (sum, w) in sums.iter_mut().zip(rest) {
            *sum += w.abs();
        }
        total += sums.into_iter().sum::<R>().f64();
    }
    R::of(total / w.len().max(1) as f64)
}

/// The threshold and the factor of a kernel: see [`super::Rule`].
#[must_use]
pub fn rule<R: Real>(w: &[R], threshold: Option<f32>) -> [R; 2] {
    match threshold {
        Some(threshold) => [R::of(f64::from(threshold)), R::ONE],
        None => {
            let mean = mean(w);
            [R::of(0.5) * mean, mean]
        }
    }
}

/// `factor` times the ternary numbers of some columns of a kernel: rows of `cols`, of weights in rows that begin `n` apart.
///
/// What is left out is 0 times the weight and the factor, so that NaN spreads.
#[inline(always)]
pub fn ternarize<R: Real>(t: &mut [R], w: &[R], n: usize, cols: usize, [threshold, factor]: [R; 2]) {
    let nothing = factor * R::ZERO;
    for (t, w) in t.chunks_exact_mut(cols.max(1)).zip(w.chunks(n.max(1))) {
        for (t, &w) in t.iter_mut().zip(&w[..cols]) {
            let signed = if w > R::ZERO { factor } else { -factor };
            *t = if w.abs() > threshold { signed } else { nothing * w };
        }
    }
}

/// As [`super::backward_mean`], for the weights `w`; `dw` is overwritten.
pub fn backward_mean<R: Real>(dw: &mut [R], w: &[R], mean: R, y: &[R], dz: &[R]) {
    assert!(dw.len() == w.len(), "{} gradients of {} weights", dw.len(), w.len());
    let slope = if mean == R::ZERO { R::ZERO } else { dot(y, dz) / mean / mean / R::of(w.len() as f64) };
    for (dw, &w) in dw.iter_mut().zip(w) {
        *dw = if w > R::ZERO {
            slope
        } else if w < R::ZERO {
            -slope
        } else {
            R::ZERO
        };
    }
}
