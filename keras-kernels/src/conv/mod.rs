//! Convolutions in one to three dimensions, with a bias and an activation.
//!
//! A sample of `x` is `n[0] × n[1] × n[2]` positions of `cin` features, one of `y` has `out` positions of `cout`. The kernel `w`
//! has for each tap a matrix of `cin / groups` rows and `cout` columns: the features of a group are made of those of the
//! same group. As in Keras it is not flipped.
//!
//! The order in which the terms of an element are added depends on the sizes and the instruction set, never on which
//! samples a call computes: any split of the batch gives the same bits.

mod depthwise;
mod lines;
pub(crate) mod positions;
mod repeated;
pub mod scalar;
mod scattered;
pub(crate) mod tiled;

pub use keras_shapes::windows::{Geometry, Windows};
use keras_shapes::windows::{conv_panel, conv_scratch, pooled_scratch, pools};

use crate::Isa;
use crate::activation::Act;
use crate::gemm::view::Begin;
use crate::memory::Out;

/// y = act(x ∗ w + b), for `m` samples.
///
/// `tmp` is scratch of [`conv_scratch`] floats.
///
/// ```
/// use keras_kernels::{Isa, activation::Act, conv::{self, Geometry, Windows}};
/// let windows =
///     Windows { n: [1, 1, 3], k: [1, 1, 2], stride: [1; 3], dilation: [1; 3], before: [0; 3], out: [1, 1, 2] };
/// let g = Geometry { windows, cin: 1, cout: 1, groups: 1 };
/// let mut y = [0.0; 2];
/// let tmp = &mut vec![0.0; keras_shapes::windows::conv_scratch(&g)];
/// conv::forward(Isa::best(), &mut y, &[1.0, 2.0, 3.0], &[1.0, 10.0], None, Act::Linear, 1, &g, tmp);
/// assert_eq!(y, [21.0, 32.0]);
/// ```
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
    check(y.len(), x.len(), Some(w.len()), m, g);
    assert!(b.is_none_or(|b| b.len() == g.cout), "a bias of other features");
    check_scratch(tmp.len(), g);
    let begin = Begin::with(b);
    tiled::forward(isa, y, x, w, begin, act, m, g, tmp);
}

/// The maxima that `pool` takes of act(x ∗ w + b), for `m` samples. They are those of [`crate::pool::forward`] after
/// [`forward`], to the bit, but of the convolution only some lines are there at a time, and what no window of the pool sees is
/// not computed.
///
/// `tmp` is scratch of [`pooled_scratch`] floats.
///
/// # Panics
/// If a slice has another length than the sizes say, `tmp` is shorter than it must be, or this is no pool that can be taken
/// so (see [`keras_shapes::windows::pools`]).
pub fn forward_pooled(
    isa: Isa,
    y: &mut [f32],
    x: &[f32],
    w: &[f32],
    b: Option<&[f32]>,
    act: Act,
    m: usize,
    g: &Geometry,
    pool: &Windows,
    tmp: &mut [f32],
) {
    assert!(pools(g, pool), "a pool that is not part of a convolution: {pool:?} behind {g:?}");
    check(m * g.windows.count() * g.cout, x.len(), Some(w.len()), m, g);
    let pooled = pool.count() * g.cout;
    assert!(y.len() == m * pooled, "y has {} elements instead of {m} × {pooled}", y.len());
    assert!(b.is_none_or(|b| b.len() == g.cout), "a bias of other features");
    assert!(tmp.len() >= pooled_scratch(g, pool), "scratch of {} floats", tmp.len());
    tiled::forward_pooled(isa, y, x, w, Begin::with(b), act, m, g, pool, tmp);
}

/// dx = the gradient of `x`, or dx += that if `acc`, for `m` samples.
///
/// `tmp` is scratch of [`conv_scratch`] floats.
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
    check(dy.len(), dx.len(), Some(w.len()), m, g);
    check_scratch(tmp.len(), g);
    let begin = Begin::from_acc(acc);
    positions::backward_data(isa, dx, dy, w, begin, m, g, tmp);
}

/// dw = the gradient of the kernel, over `m` samples in order; `out` is the kernel's.
///
/// `tmp` is scratch of [`conv_scratch`] floats.
///
/// # Panics
/// If a slice or the parameter has another length than the sizes say, or `tmp` is shorter than it must be.
pub fn backward_kernel(isa: Isa, out: Out<'_>, x: &[f32], dy: &[f32], m: usize, g: &Geometry, tmp: &mut [f32]) {
    check(dy.len(), x.len(), Some(out.len()), m, g);
    check_scratch(tmp.len(), g);
    tiled::backward_kernel(isa, out, x, dy, m, g, tmp);
}

pub(crate) fn check(y: usize, x: usize, w: Option<usize>, m: usize, g: &Geometry) {
    let windows = &g.windows;
    let whole = |features: usize| features.checked_rem(g.groups) == Some(0);
    assert!(whole(g.cin) && whole(g.cout), "{} and {} features in {} groups", g.cin, g.cout, g.groups);
    assert!(windows.stride.iter().all(|&stride| stride > 0), "windows that do not move");
    let (positions, count) = (windows.positions(), windows.count());
    assert!(x == m * positions * g.cin, "x has {x} elements instead of {m} × {positions} × {}", g.cin);
    assert!(y == m * count * g.cout, "y has {y} elements instead of {m} × {count} × {}", g.cout);
    let kernel = g.depth() * g.cout;
    assert!(w.is_none_or(|w| w == kernel), "a kernel of other sizes than {} × {}", g.depth(), g.cout);
}

pub(crate) fn check_scratch(len: usize, g: &Geometry) {
    let least = conv_scratch(g);
    assert!(len >= least, "scratch of {len} floats where {least} are needed");
}
