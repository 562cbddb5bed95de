//! Fully connected layers by tiles of matrix products.

use core::ops::Range;

use super::Runs;
use crate::gemm::{Operand, Product, Set, Soon, Start};
use crate::memory::Out;

/// As [`super::forward`], without the activation. The lengths have been checked.
pub(super) fn forward(
    set: &Set,
    y: &mut [f32],
    x: &[f32],
    w: &[f32],
    b: Option<&[f32]>,
    m: usize,
    k: usize,
    n: usize,
    tmp: &mut [f32],
) {
    let product = Product {
        c: y.as_mut_ptr(),
        ldc: n,
        a: Operand::rows(x.as_ptr(), k),
        b: Operand::rows(w.as_ptr(), n),
        m,
        n,
        k,
        start: b.map_or(Start::Zero, |b| Start::Row(b.as_ptr())),
        soon: None,
    };
    // SAFETY: `set` can only be had of an `Isa` that the processor has; the slices have the lengths of the operands.
    unsafe { product.run(set, tmp) }
}

/// As [`super::backward_data`]. The lengths have been checked.
pub(super) fn backward_data(
    set: &Set,
    dx: &mut [f32],
    dy: &[f32],
    w: &[f32],
    m: usize,
    k: usize,
    n: usize,
    acc: bool,
    tmp: &mut [f32],
) {
    let product = Product {
        c: dx.as_mut_ptr(),
        ldc: k,
        a: Operand::rows(dy.as_ptr(), n),
        b: Operand::columns(w.as_ptr(), n),
        m,
        n: k,
        k: n,
        start: if acc { Start::Sum } else { Start::Zero },
        soon: None,
    };
    // SAFETY: `set` can only be had of an `Isa` that the processor has; the slices have the lengths of the operands.
    unsafe { product.run(set, tmp) }
}

/// Floats of finished gradients that are handed over at once, at the most: they should still be in the first-level cache.
const FINISHED: usize = 6 * 1024;

/// The same where the weights and the optimizer's state of a piece are fetched while it is computed.
const FINISHED_WITH_STATE: usize = 2 * 1024;

/// So many floats of dy, of a piece and of its state stay in the first-level cache together. If there are more, it does
/// not pay to fetch the state in advance.
const NEAR: usize = 8 * 1024;

/// Floats of dy that are read again for every few rows of the gradient, at the most: they should stay in the second-level
/// cache.
const PANEL: usize = 1 << 17;

/// As [`super::backward_kernel_of`]. The lengths have been checked.
///
/// `tmp` holds the tiles that are finished until they are handed over: whole rows of the kernel, which are one piece, or
/// if those are too long, pieces of them.
pub(super) fn backward_kernel(
    set: &Set,
    mut out: Out<'_>,
    x: &[f32],
    dy: &[f32],
    runs: Runs<'_>,
    [m, k, n]: [usize; 3],
    tmp: &mut [f32],
) {
    let rows = out.rows(k);
    if k == 0 || n == 0 {
        return;
    }
    let product = |c: *mut f32, ldc: usize, row: usize, rows: usize, col: usize, cols: usize| Product {
        c,
        ldc,
        a: Operand::columns(x.as_ptr().wrapping_add(row), k),
        b: Operand::rows(dy.as_ptr().wrapping_add(col), n),
        m: rows,
        n: cols,
        k: m,
        start: Start::Zero,
        soon: None,
    };
    if let Some(dw) = out.direct() {
        let c = dw.as_mut_ptr();
        // SAFETY: `set` can only be had of an `Isa` that the processor has; the rows lie within dw.
        unsafe { along(&product(c, n, rows.start, rows.len(), 0, n), runs, set, tmp) };
        return;
    }
    let tile = set.rows_by_columns(n);
    let panel = (PANEL / m.max(1) / 64).max(1) * 64;
    let most = FINISHED.min(tmp.len());
    let (finished, tmp) = tmp.split_at_mut(most);
    let together = |floats: usize, cols: usize| (floats.min(most) / cols / tile).max(1) * tile;
    let with_state = together(FINISHED_WITH_STATE, n) * n;
    let near = n * m + with_state * (1 + out.touched(0, 0).1) <= NEAR;
    for (col, cols) in parts(0..n, panel.min(most / tile.min(k))) {
        let fetch = near && cols == n;
        let (copy, tmp) = copied(dy, n, col, cols, rows.len(), tmp);
        for (row, rows) in parts(rows.clone(), together(if fetch { FINISHED_WITH_STATE } else { FINISHED }, cols)) {
            let done = &mut finished[..rows * cols];
            let (pieces, used) = out.touched(row * n, rows * n);
            let soon = Soon::new(if fetch { &pieces[..used] } else { &[] });
            let mut product = product(done.as_mut_ptr(), cols, row, rows, col, cols);
            if !copy.is_empty() {
                product.b = Operand::rows(copy.as_ptr(), cols + LINE);
            }
            // SAFETY: as above; `done` has as many rows and columns.
            unsafe { along(&Product { soon: Some(&soon), ..product }, runs, set, tmp) };
            if cols == n {
                out.put(row * n, done);
            } else {
                for (i, done) in done.chunks_exact(cols).enumerate() {
                    out.put((row + i) * n + col, done);
                }
            }
        }
    }
}

/// A product whose depth is some runs of the whole one.
///
/// # Safety
/// As [`Product::run`]; the runs lie within the depth.
unsafe fn along(product: &Product<'_>, mut runs: Runs<'_>, set: &Set, tmp: &mut [f32]) {
    let (mut run, mut start) = (runs.next().unwrap_or(0..0), product.start);
    loop {
        let next = runs.next();
        let part = Product {
            a: product.a.from(0, run.start),
            b: product.b.from(run.start, 0),
            k: run.len(),
            start,
            // What is needed soon is fetched at the end.
            soon: if next.is_none() { product.soon } else { None },
            ..*product
        };
        // SAFETY: the caller's; the part is of these operands.
        unsafe { part.run(set, tmp) };
        let Some(more) = next else { break };
        (run, start) = (more, Start::Sum);
    }
}

/// From so many rows of a gradient on, what they are all multiplied with is copied first.
const ROWS_TO_COPY: usize = 256;

/// A distance between the rows of dy at which they may share a few places of the cache.
const FAR: usize = 512;

/// Scratch that products keep for copies of their own.
const KEPT: usize = 24 * 1024;

/// Floats in a cache line. A line between rows keeps them from sharing a few places of the cache.
const LINE: usize = 16;

/// Copies columns of dy to the scratch, their rows a line apart, if that pays for a gradient of so many rows and there is
/// room. The copy, or nothing, and the scratch that is left.
fn copied<'t>(
    dy: &[f32],
    n: usize,
    col: usize,
    cols: usize,
    rows: usize,
    tmp: &'t mut [f32],
) -> (&'t [f32], &'t mut [f32]) {
    let len = dy.len() / n * (cols + LINE);
    if rows < ROWS_TO_COPY || n < FAR || tmp.len() < KEPT + len {
        return (&[], tmp);
    }
    let (copy, tmp) = tmp.split_at_mut(len);
    for (copy, dy) in copy.chunks_exact_mut(cols + LINE).zip(dy.chunks_exact(n)) {
        copy[..cols].copy_from_slice(&dy[col..][..cols]);
    }
    (copy, tmp)
}

/// Parts of a range, each its start and length, of at most `most`.
fn parts(range: Range<usize>, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let Range { start, end } = range;
    (start..end).step_by(most).map(move |at| (at, most.min(end - at)))
}
