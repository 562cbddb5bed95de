//! Transposed convolutions: what the gradient of a convolution's input is computed by, as a layer.
//!
//! The [`Geometry`] is that of the convolution whose transpose it is: a sample of `x` has the positions of its windows and
//! `cout` features, one of `y` the positions of its input and `cin` features. The kernel is laid out as in
//! [`conv`](crate::conv).

pub mod scalar;

use crate::Isa;
use crate::activation::{self, Act};
use crate::conv::{Geometry, check, check_scratch, positions, tiled};
use crate::gemm::view::Begin;
use crate::memory::Out;

/// y = act(the transpose of the convolution, of x, + b), for `m` samples.
///
/// `tmp` is scratch of [`conv_scratch`](keras_shapes::windows::conv_scratch) floats.
///
/// # Panics
/// If a slice has another length than the sizes say, or `tmp` is shorter than it must be.
pub fn forward(
    isa: Isa,
    y: &mut [f32],
    x: &[f32],
    w: &[f32],
    b: Option<&[f32]>,
    act: Act,
    m: usize,
    g: &Geometry,
    tmp: &mut [f32],
) {
    check(x.len(), y.len(), Some(w.len()), m, g);
    assert!(b.is_none_or(|b| b.len() == g.cin), "a bias of other features");
    check_scratch(tmp.len(), g);
    let begin = Begin::with(b);
    positions::backward_data(isa, y, x, w, begin, m, g, tmp);
    activation::forward(isa, y, None, act);
}

/// dx = the gradient of `x`, or dx += that if `acc`, for `m` samples.
///
/// `tmp` is scratch of [`conv_scratch`](keras_shapes::windows::conv_scratch) floats.
///
/// # Panics
/// If a slice has another length than the sizes say, or `tmp` is shorter than it must be.
pub fn backward_data(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    w: &[f32],
    m: usize,
    g: &Geometry,
    acc: bool,
    tmp: &mut [f32],
) {
    check(dx.len(), dy.len(), Some(w.len()), m, g);
    check_scratch(tmp.len(), g);
    let begin = Begin::from_acc(acc);
    tiled::forward(isa, dx, dy, w, begin, Act::Linear, m, g, tmp);
}

/// dw = the gradient of the kernel, over `m` samples in order; `out` is the kernel's.
///
/// `tmp` is scratch of [`conv_scratch`](keras_shapes::windows::conv_scratch) floats.
///
/// # Panics
/// If a slice or the parameter has another length than the sizes say, or `tmp` is shorter than it must be.
pub fn backward_kernel(isa: Isa, out: Out<'_>, x: &[f32], dy: &[f32], m: usize, g: &Geometry, tmp: &mut [f32]) {
    crate::conv::backward_kernel(isa, out, dy, x, m, g, tmp);
}
