//! The largest singular value of a kernel, by power iteration, and what its gradient adds to that of the kernel.
//!
//! A kernel W of rows of c numbers and a vector u of c give v = W u / |W u| and then u = Wᵀ v / |Wᵀ v|, as often as there
//! are iterations; the value is σ = v · W u. Norms are at least 10⁻⁷. u and v count as constants, so that dσ/dW = v uᵀ.
//! A kernel that is 0 has σ = 1, leaves u as it is, and has v = 0. (Miyato et al., "Spectral Normalization for Generative
//! Adversarial Networks", arXiv:1802.05957, algorithm 1.)

pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;
use crate::memory::Out;

/// σ of a kernel of rows as long as `u`, one for each number of `v`. `u` is that of the step before, and the new one then.
///
/// ```
/// use keras_kernels::{Isa, spectral};
/// let (mut u, mut v) = ([1.0, 0.0], [0.0; 2]);
/// assert_eq!(spectral::norm(Isa::best(), &mut u, &mut v, &[3.0, 0.0, 0.0, 2.0], 1), 3.0);
/// assert_eq!((u, v), ([1.0, 0.0], [1.0, 0.0]));
/// ```
///
/// # Panics
/// If the kernel is not such rows.
pub fn norm(isa: Isa, u: &mut [f32], v: &mut [f32], w: &[f32], iterations: usize) -> f32 {
    per_isa!(
        isa,
        scalar::norm(u: &mut [f32], v: &mut [f32], w: &[f32], iterations: usize) -> f32,
        scalar::norm
    )
}

/// What σ adds to the gradient of the kernel by which y was made and divided: −(Σ dy y / σ) v uᵀ.
///
/// # Panics
/// If the kernel is not as many rows as `v` has numbers, as long as `u`, or `y` and `dy` differ in length.
pub fn backward_kernel(isa: Isa, mut out: Out<'_>, sigma: f32, [u, v]: [&[f32]; 2], y: &[f32], dy: &[f32]) {
    assert!(out.len() == u.len() * v.len(), "{} weights of {} × {}", out.len(), v.len(), u.len());
    let factor = -dot(isa, y, dy) / sigma;
    let (own, mut piece) = (out.own(), [0.0; PIECE]);
    for from in own.clone().step_by(PIECE) {
        let piece = &mut piece[..PIECE.min(own.end - from)];
        outer(piece, from, factor, [u, v]);
        out.put(from, piece);
    }
}

/// The elements from number `from` on of factor · v uᵀ, row by row.
fn outer(mut dw: &mut [f32], from: usize, factor: f32, [u, v]: [&[f32]; 2]) {
    let (mut row, mut column) = (from / u.len(), from % u.len());
    while !dw.is_empty() {
        let (of_row, rest) = dw.split_at_mut((u.len() - column).min(dw.len()));
        let factor = factor * v[row];
        for (dw, u) in of_row.iter_mut().zip(&u[column..]) {
            *dw = factor * u;
        }
        (dw, row, column) = (rest, row + 1, 0);
    }
}

/// Σ a b.
pub(crate) fn dot(isa: Isa, a: &[f32], b: &[f32]) -> f32 {
    per_isa!(isa, scalar::dot(a: &[f32], b: &[f32]) -> f32, scalar::dot)
}

/// How many floats are handed to `Out::put` at once.
const PIECE: usize = 256;
