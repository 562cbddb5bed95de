//! Fully connected layers: matrix products with a bias and an activation.
//!
//! `x` is `m × k` (a batch of `m` rows), `w` is `k × n`, `b` has `n` elements, `y` is `m × n`; all row-major.
//!
//! The order in which the terms of an element are added depends on `k`, `n` and the instruction set, never on which rows
//! a call computes: any split of the batch gives the same bits.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
mod runs;
pub mod scalar;
mod tiled;

use keras_shapes::plan::dense_scratch;

use crate::Isa;
use crate::activation::{self, Act};
use crate::dispatch::per_isa;
use crate::gemm::Set;
use crate::memory::Out;
pub(crate) use runs::Runs;

/// y = act(x · w + b).
///
/// `tmp` is scratch of [`dense_scratch`]`(k, n)` floats.
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
    k: usize,
    n: usize,
    tmp: &mut [f32],
) {
    check_forward(y.len(), x.len(), w.len(), b.map(<[f32]>::len), m, k, n);
    check_scratch(tmp.len(), k, n);
    tiled::forward(Set::for_rows(isa), y, x, w, b, m, k, n, tmp);
    activation::forward(isa, y, None, act);
}

/// dx = dy · wᵀ, or dx += that if `acc`.
///
/// `tmp` is scratch of [`dense_scratch`]`(k, n)` floats.
///
/// # Panics
/// If a slice has another length than the sizes say, or `tmp` is shorter than it must be.
pub fn backward_data(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    w: &[f32],
    m: usize,
    k: usize,
    n: usize,
    acc: bool,
    tmp: &mut [f32],
) {
    check_backward_data(dx.len(), dy.len(), w.len(), m, k, n);
    check_scratch(tmp.len(), k, n);
    tiled::backward_data(Set::of(isa), dx, dy, w, m, k, n, acc, tmp);
}

/// dw = xᵀ · dy, over the whole batch; `out` is the kernel's.
///
/// `tmp` is scratch of [`dense_scratch`]`(k, n)` floats.
///
/// # Panics
/// If a slice or the parameter has another length than the sizes say, or `tmp` is shorter than it must be.
pub fn backward_kernel(isa: Isa, out: Out<'_>, x: &[f32], dy: &[f32], m: usize, k: usize, n: usize, tmp: &mut [f32]) {
    backward_kernel_of(isa, out, x, dy, Runs::all(m), [m, k, n], tmp);
}

/// The same from some of the rows.
pub(crate) fn backward_kernel_of(
    isa: Isa,
    out: Out<'_>,
    x: &[f32],
    dy: &[f32],
    runs: Runs<'_>,
    [m, k, n]: [usize; 3],
    tmp: &mut [f32],
) {
    check_scratch(tmp.len(), k, n);
    check("dw", out.len(), k, n);
    check("x", x.len(), m, k);
    check("dy", dy.len(), m, n);
    tiled::backward_kernel(Set::of(isa), out, x, dy, runs, [m, k, n], tmp);
}

/// db = the sums of the columns of dy (`m × n`), over the whole batch; `out` is the bias's.
///
/// # Panics
/// If `dy` or the parameter has another length than the sizes say.
pub fn backward_bias(isa: Isa, out: Out<'_>, dy: &[f32], m: usize, n: usize) {
    backward_biases(isa, out, &[dy], m, n);
}

/// The same for biases that are one param, each with a dy of its own.
pub(crate) fn backward_biases(isa: Isa, out: Out<'_>, dys: &[&[f32]], m: usize, n: usize) {
    check("db", out.len(), dys.len(), n);
    let mut out = out;
    let mut piece = [0.0; PIECE];
    for (i, dy) in dys.iter().enumerate() {
        check("dy", dy.len(), m, n);
        for col in (0..n).step_by(PIECE) {
            let piece = &mut piece[..PIECE.min(n - col)];
            bias_piece(isa, piece, dy, n, col);
            out.put(i * n + col, piece);
        }
    }
}

fn bias_piece(isa: Isa, g: &mut [f32], dy: &[f32], n: usize, col: usize) {
    per_isa!(isa, lanes::bias_piece(g: &mut [f32], dy: &[f32], n: usize, col: usize), scalar::bias_piece)
}

/// The most floats of a bias that are handed to `Out::put` at once.
const PIECE: usize = 256;

fn check(name: &str, len: usize, rows: usize, cols: usize) {
    assert!(len == rows * cols, "{name} has {len} elements instead of {rows} × {cols}");
}

fn check_scratch(len: usize, k: usize, n: usize) {
    assert!(len >= dense_scratch(k, n), "scratch of {len} floats for a {k} × {n} product");
}

fn check_forward(y: usize, x: usize, w: usize, b: Option<usize>, m: usize, k: usize, n: usize) {
    check("y", y, m, n);
    check("x", x, m, k);
    check("w", w, k, n);
    check("b", b.unwrap_or(n), 1, n);
}

fn check_backward_data(dx: usize, dy: usize, w: usize, m: usize, k: usize, n: usize) {
    check("dx", dx, m, k);
    check("dy", dy, m, n);
    check("w", w, k, n);
}
