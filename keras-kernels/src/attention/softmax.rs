//! Softmax of columns, and its gradient: `p` has rows of `ld` numbers, a multiple of 16 and at most 64 of them.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
use super::lanes::columns;
use crate::Isa;
use crate::dispatch::per_isa;

/// The softmax of each column times a factor, in place.
pub(super) fn forward(isa: Isa, p: &mut [f32], ld: usize, factor: f32) {
    per_isa!(isa, columns::forward(p: &mut [f32], ld: usize, factor: f32), plain::forward)
}

/// From the gradients of the weights `p` those of the scores, times a factor, in place.
pub(super) fn backward(isa: Isa, dp: &mut [f32], p: &[f32], ld: usize, factor: f32) {
    per_isa!(isa, columns::backward(dp: &mut [f32], p: &[f32], ld: usize, factor: f32), plain::backward)
}

mod plain {
    use crate::Real;

    pub(super) fn forward(p: &mut [f32], ld: usize, factor: f32) {
        for column in 0..ld {
            let at = |p: &[f32], row: usize| p[row * ld + column] * factor;
            let rows = p.len() / ld;
            let top = (0..rows).fold(f32::NEG_INFINITY, |top, row| top.max(at(p, row)));
            let mut sum = 0.0;
            for row in 0..rows {
                let e = Real::exp(at(p, row) - top);
                p[row * ld + column] = e;
                sum += e;
            }
            (0..rows).for_each(|row| p[row * ld + column] /= sum);
        }
    }

    pub(super) fn backward(dp: &mut [f32], p: &[f32], ld: usize, factor: f32) {
        for column in 0..ld {
            let rows = (column..p.len()).step_by(ld);
            let dot: f32 = rows.clone().map(|at| dp[at] * p[at]).sum();
            rows.for_each(|at| dp[at] = p[at] * (dp[at] - dot) * factor);
        }
    }
}
