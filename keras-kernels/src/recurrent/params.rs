//! The projections of x, and the gradients of x and of all weights from those of the projections.

use super::taken::Taken;
use super::{Cell, Recurrent};
use crate::Isa;
use crate::dense::{self, Runs};
use crate::gemm::view::{Begin, View, ViewMut, product, transpose};
use crate::memory::Out;

impl Recurrent {
    /// How many steps of all samples `gates` has.
    pub(super) fn rows(&self, gates: usize) -> usize {
        gates.checked_div(self.n()).unwrap_or(0)
    }

    /// The gradients of the products with U: those of the projections, but where the reset gate comes after U.
    pub(super) fn products<'a, R>(&self, gates: &'a [R], aux: &'a [R]) -> &'a [R] {
        if matches!(self.cell, Cell::Gru { reset_after: true }) { aux } else { gates }
    }

    /// The first column of W for version `part` of x, and how many columns it has.
    #[must_use]
    pub fn projected(&self, part: usize) -> (usize, usize) {
        if self.inputs == 1 { (0, self.n()) } else { (part * self.units, self.units) }
    }
}

/// c = x·W + b, for some steps, each a row of `c`: of those in `x` from `first` on, `apart` from each to the next, the ones that
/// are taken. The bits do not depend on how many there are.
///
/// # Panics
/// If a slice is shorter than the sizes say.
pub(super) fn project(
    isa: Isa,
    l: &Recurrent,
    c: ViewMut<'_, f32>,
    (x, first, apart): (&[f32], usize, usize),
    w: &[f32],
    b: Option<&[f32]>,
    taken: Taken<'_>,
    tmp: &mut [f32],
) {
    let (k, n, wide) = (l.k, l.n(), l.inputs * l.k);
    for part in 0..l.inputs {
        let (col, cols) = l.projected(part);
        let begin = Begin::with(b.map(|b| &b[col..col + cols]));
        let (a, b) = (View::rows(x, first * wide + part * k, apart * wide), View::rows(w, col, n));
        let c = ViewMut { data: &mut *c.data, at: c.at + col, stride: c.stride };
        taken.product(isa, c, a, b, [cols, k], begin, tmp);
    }
}

/// dx = gates·Wᵀ, or dx += that if `acc`, where `gates` has the gradients of the projections. `tmp` is scratch of
/// [`keras_shapes::plan::recurrent_scratch`]`(k, units, n)` floats, or with a mask of
/// [`keras_shapes::plan::masked_recurrent_scratch`]`(k, units, n)`.
///
/// # Panics
/// As [`super::forward`].
pub fn backward_data(
    isa: Isa,
    l: &Recurrent,
    dx: &mut [f32],
    gates: &[f32],
    mask: Option<&[f32]>,
    w: &[f32],
    acc: bool,
    tmp: &mut [f32],
) {
    let (m, k, n) = (l.rows(gates.len()), l.k, l.n());
    if mask.is_some() {
        return data_of(isa, l, dx, gates, Runs::of(mask, l.steps, m), w, acc, tmp);
    }
    if l.inputs == 1 {
        return dense::backward_data(isa, dx, gates, w, m, k, n, acc, tmp);
    }
    for part in 0..l.inputs {
        let (col, cols) = l.projected(part);
        let begin = Begin::from_acc(acc);
        let (a, b) = (View::rows(gates, col, n), View::columns(w, col, n));
        let dx = ViewMut { data: dx, at: part * k, stride: l.inputs * k };
        product(isa, dx, a, b, [m, k, cols], begin, tmp);
    }
}

/// The same for some of the steps; the gradients of the others are 0.
fn data_of(
    isa: Isa,
    l: &Recurrent,
    dx: &mut [f32],
    gates: &[f32],
    runs: Runs<'_>,
    w: &[f32],
    acc: bool,
    tmp: &mut [f32],
) {
    let (m, k, n, wide) = (l.rows(gates.len()), l.k, l.n(), l.inputs * l.k);
    assert!(dx.len() == m * wide, "a gradient of {} elements instead of {m} × {wide}", dx.len());
    // Once for all runs.
    let (transposed, tmp) = tmp.split_at_mut(k * n);
    transpose(isa, transposed, w, k);
    let mut done = 0;
    for run in runs {
        if !acc {
            dx[done * wide..run.start * wide].fill(0.0);
        }
        for part in 0..l.inputs {
            let (col, cols) = l.projected(part);
            let (a, b) = (View::rows(gates, run.start * n + col, n), View::rows(transposed, col * k, k));
            let dx = ViewMut { data: &mut *dx, at: run.start * wide + part * k, stride: wide };
            product(isa, dx, a, b, [run.len(), k, cols], Begin::from_acc(acc), tmp);
        }
        done = run.end;
    }
    if !acc {
        dx[done * wide..].fill(0.0);
    }
}

/// dW from x and the gradients of the projections, over the whole batch; `out` is that of W. `tmp` as in
/// [`backward_data`].
///
/// # Panics
/// As [`super::forward`].
pub fn backward_kernel(
    isa: Isa,
    out: Out<'_>,
    l: &Recurrent,
    x: &[f32],
    gates: &[f32],
    mask: Option<&[f32]>,
    tmp: &mut [f32],
) {
    let (m, k, n) = (l.rows(gates.len()), l.k, l.n());
    let runs = Runs::of(mask, l.steps, m);
    if l.inputs == 1 {
        return dense::backward_kernel_of(isa, out, x, gates, runs, [m, k, n], tmp);
    }
    by_parts(isa, out, x, gates, runs, [k, n], (0..l.inputs).map(|part| l.projected(part)), tmp);
}

/// dU from what was multiplied by it and the gradients of the products, over the whole batch; `out` is that of U. `tmp` as in
/// [`backward_data`].
///
/// # Panics
/// As [`super::forward`].
pub fn backward_recurrent(
    isa: Isa,
    out: Out<'_>,
    l: &Recurrent,
    a: &[f32],
    gates: &[f32],
    aux: &[f32],
    mask: Option<&[f32]>,
    tmp: &mut [f32],
) {
    let (m, k, n, d) = (l.rows(gates.len()), l.units, l.n(), l.products(gates, aux));
    let runs = Runs::of(mask, l.steps, m);
    if l.parts() == 1 {
        return dense::backward_kernel_of(isa, out, a, d, runs, [m, k, n], tmp);
    }
    by_parts(isa, out, a, d, runs, [k, n], (0..l.parts()).map(|part| l.columns(part)), tmp);
}

/// Rows of a gradient that are worked out at once.
const TOGETHER: usize = 16;

/// The gradient of a kernel of which some columns, `parts`, are multiplied by another part of `a` each.
fn by_parts(
    isa: Isa,
    mut out: Out<'_>,
    a: &[f32],
    d: &[f32],
    runs: Runs<'_>,
    [k, n]: [usize; 2],
    parts: impl ExactSizeIterator<Item = (usize, usize)>,
    tmp: &mut [f32],
) {
    assert!(out.len() == k * n, "a gradient of {} weights instead of {k} × {n}", out.len());
    let rows = out.rows(k);
    let stride = parts.len() * k;
    for (part, (col, cols)) in parts.enumerate() {
        let together = (tmp.len() / cols.max(1)).clamp(1, TOGETHER);
        for row in rows.clone().step_by(together) {
            let count = together.min(rows.end - row);
            let (piece, rest) = tmp.split_at_mut(count * cols);
            piece.fill(0.0);
            for run in runs {
                let a = View::columns(a, run.start * stride + part * k + row, stride);
                let (d, c) =
                    (View::rows(d, run.start * n + col, n), ViewMut { data: &mut *piece, at: 0, stride: cols });
                product(isa, c, a, d, [count, cols, run.len()], Begin::Sum, rest);
            }
            for (i, piece) in piece.chunks_exact(cols).enumerate() {
                out.put((row + i) * n + col, piece);
            }
        }
    }
}

/// db from the gradients of the projections, over the whole batch, and behind it db' from those of the products where
/// there is one; `out` is that of b.
///
/// # Panics
/// As [`super::forward`].
pub fn backward_bias(isa: Isa, out: Out<'_>, l: &Recurrent, gates: &[f32], aux: &[f32]) {
    let (m, n) = (l.rows(gates.len()), l.n());
    match l.cell {
        Cell::Gru { reset_after: true } => dense::backward_biases(isa, out, &[gates, aux], m, n),
        _ => dense::backward_biases(isa, out, &[gates], m, n),
    }
}
