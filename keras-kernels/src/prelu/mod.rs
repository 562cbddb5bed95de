//! Rectified linear unit whose slope below 0 is learnt: y = x above 0, α · x below.
//!
//! α has the dimensions of a sample, but for those that are shared, which have length 1.

pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;
use crate::memory::Out;

/// One dimension of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dim {
    /// Its length.
    pub len: usize,
    /// Whether one α serves for all of it.
    pub shared: bool,
}

/// y = x or α · x, in place on `y` where `x` is `None`.
///
/// ```
/// use keras_kernels::{Isa, prelu::{self, Dim}};
/// // Two steps of two features, a slope for each feature.
/// let dims = [Dim { len: 2, shared: true }, Dim { len: 2, shared: false }];
/// let mut y = [1.0, -1.0, -1.0, -1.0];
/// prelu::forward(Isa::best(), &mut y, None, &[0.5, 0.25], &dims);
/// assert_eq!(y, [1.0, -0.25, -0.5, -0.25]);
/// ```
///
/// # Panics
/// If `y` is not samples of these dimensions, `x` not as long, or `alpha` does not fit them.
pub fn forward(isa: Isa, y: &mut [f32], x: Option<&[f32]>, alpha: &[f32], dims: &[Dim]) {
    per_isa!(
        isa,
        scalar::forward(y: &mut [f32], x: Option<&[f32]>, alpha: &[f32], dims: &[Dim]),
        scalar::forward
    )
}

/// dx = dy above 0, α · dy below, 0 at 0; or dx += that if `acc`. `dx` holds dy where `dy` is `None`; `x` is what the
/// forward pass read.
///
/// # Panics
/// If the lengths differ or do not fit the dimensions, or on `acc` without `dy`.
pub fn backward_data(isa: Isa, dx: &mut [f32], dy: Option<&[f32]>, x: &[f32], alpha: &[f32], dims: &[Dim], acc: bool) {
    per_isa!(
        isa,
        scalar::backward_data(
            dx: &mut [f32],
            dy: Option<&[f32]>,
            x: &[f32],
            alpha: &[f32],
            dims: &[Dim],
            acc: bool
        ),
        scalar::backward_data
    )
}

/// dα = Σ x · dy over all elements below 0 that share it, over the whole batch in order; `out` is that of α.
///
/// # Panics
/// If `x` and `dy` differ in length or do not fit the dimensions, or the parameter does not.
pub fn backward_alpha(isa: Isa, out: Out<'_>, x: &[f32], dy: &[f32], dims: &[Dim]) {
    let mut out = out;
    let len: usize = dims.iter().filter(|dim| !dim.shared).map(|dim| dim.len).product();
    assert!(out.len() == len, "{} slopes where there are {len}", out.len());
    let mut piece = [0.0; PIECE];
    for from in (0..len).step_by(PIECE) {
        let piece = &mut piece[..PIECE.min(len - from)];
        alpha_piece(isa, piece, x, dy, dims, from);
        out.put(from, piece);
    }
}

fn alpha_piece(isa: Isa, g: &mut [f32], x: &[f32], dy: &[f32], dims: &[Dim], from: usize) {
    per_isa!(
        isa,
        scalar::alpha_piece(g: &mut [f32], x: &[f32], dy: &[f32], dims: &[Dim], from: usize),
        scalar::alpha_piece
    )
}

/// The most slopes whose gradients are worked out at once.
const PIECE: usize = 256;
