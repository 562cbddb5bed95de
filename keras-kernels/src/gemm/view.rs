//! Products of parts of matrices, whose rows lie any distance apart.

use super::product::{Operand, Product};
use super::set::Set;
use super::tile::Start;
use crate::{Isa, Real};

/// A part of a matrix: from `at` on, its rows (or columns, if it lies by columns) are `stride` apart.
#[derive(Clone, Copy)]
pub(crate) struct View<'a, R> {
    data: &'a [R],
    at: usize,
    stride: usize,
    columns: bool,
}

impl<'a, R: Real> View<'a, R> {
    /// Rows that lie `stride` apart, the first from `at` on.
    #[inline(always)]
    pub(crate) fn rows(data: &'a [R], at: usize, stride: usize) -> View<'a, R> {
        View { data, at, stride, columns: false }
    }

    /// Columns that lie `stride` apart: the transpose of such rows.
    #[inline(always)]
    pub(crate) fn columns(data: &'a [R], at: usize, stride: usize) -> View<'a, R> {
        View { data, at, stride, columns: true }
    }

    /// The same from a row on, where it lies by rows.
    #[inline(always)]
    pub(crate) fn below(self, row: usize) -> View<'a, R> {
        debug_assert!(!self.columns, "rows of what lies by columns");
        View { at: self.at + row * self.stride, ..self }
    }

    /// The first elements of a row, where it lies by rows.
    #[inline(always)]
    pub(crate) fn row(&self, row: usize, cols: usize) -> &'a [R] {
        &self.data[self.below(row).at..][..cols]
    }

    fn get(&self, row: usize, col: usize) -> R {
        let (down, along) = if self.columns { (col, row) } else { (row, col) };
        self.data[self.at + down * self.stride + along]
    }

    #[inline]
    fn check(&self, rows: usize, cols: usize) {
        let (rows, cols) = if self.columns { (cols, rows) } else { (rows, cols) };
        within(self.data.len(), self.at, self.stride, rows, cols);
    }
}

impl View<'_, f32> {
    #[inline(always)]
    fn operand(&self) -> Operand {
        let at = self.data.as_ptr().wrapping_add(self.at);
        if self.columns { Operand::columns(at, self.stride) } else { Operand::rows(at, self.stride) }
    }
}

/// A part of a matrix to be written: rows that lie `stride` apart, the first from `at` on.
pub(crate) struct ViewMut<'a, R> {
    pub(crate) data: &'a mut [R],
    pub(crate) at: usize,
    pub(crate) stride: usize,
}

/// What the sums of a product begin with.
#[derive(Clone, Copy)]
pub(crate) enum Begin<'a, R> {
    /// 0.
    Zero,
    /// The same row for all rows.
    Row(&'a [R]),
    /// What is there.
    Sum,
}

impl<'a, R> Begin<'a, R> {
    /// A row if there is one, otherwise 0.
    pub(crate) fn with(row: Option<&'a [R]>) -> Begin<'a, R> {
        row.map_or(Begin::Zero, Begin::Row)
    }

    /// What is there if `acc`, otherwise 0.
    pub(crate) fn from_acc(acc: bool) -> Begin<'a, R> {
        if acc { Begin::Sum } else { Begin::Zero }
    }
}

impl Begin<'_, f32> {
    /// The same for a tile.
    #[inline(always)]
    pub(crate) fn start(&self) -> Start {
        match self {
            Begin::Zero => Start::Zero,
            Begin::Row(row) => Start::Row(row.as_ptr()),
            Begin::Sum => Start::Sum,
        }
    }

    /// Writes it to rows of so many columns that lie side by side, for sums that are then added to these.
    pub(crate) fn lay(&self, rows: &mut [f32], cols: usize) {
        match self {
            Begin::Zero => rows.fill(0.0),
            Begin::Row(row) => rows.chunks_exact_mut(cols.max(1)).for_each(|to| to.copy_from_slice(row)),
            Begin::Sum => {}
        }
    }
}

#[inline]
fn within(len: usize, at: usize, stride: usize, rows: usize, cols: usize) {
    if rows > 0 && cols > 0 {
        let end =
            (rows - 1).checked_mul(stride).and_then(|last| last.checked_add(cols)).and_then(|end| end.checked_add(at));
        assert!(end.is_some_and(|end| end <= len), "{rows} rows of {cols}, {stride} apart, beyond the end of {len}");
    }
}

#[inline(always)]
fn check<R: Real>(c: &ViewMut<'_, R>, a: View<'_, R>, b: View<'_, R>, [m, n, k]: [usize; 3], begin: Begin<'_, R>) {
    within(c.data.len(), c.at, c.stride, m, n);
    assert!(m < 2 || c.stride >= n, "rows of a product that overlap");
    a.check(m, k);
    b.check(k, n);
    if let Begin::Row(row) = begin {
        assert!(row.len() == n, "a row of {} for a product of {n} columns", row.len());
    }
}

/// C = begin + A · B in plain Rust; `mnk` are the rows and columns of C, and the depth.
///
/// # Panics
/// If a part reaches beyond the end of its matrix.
pub(crate) fn scalar<R: Real>(c: ViewMut<'_, R>, a: View<'_, R>, b: View<'_, R>, mnk: [usize; 3], begin: Begin<'_, R>) {
    check(&c, a, b, mnk, begin);
    let [m, n, k] = mnk;
    for i in 0..m {
        let c = &mut c.data[c.at + i * c.stride..];
        for j in 0..n {
            let mut sum = match begin {
                Begin::Zero => R::ZERO,
                Begin::Row(row) => row[j],
                Begin::Sum => c[j],
            };
            for p in 0..k {
                sum = a.get(i, p).mul_add(b.get(p, j), sum);
            }
            c[j] = sum;
        }
    }
}

/// The same by the kernels of an instruction set.
///
/// # Panics
/// If a part reaches beyond the end of its matrix, or `tmp` has no room for a panel of B where that lies by columns.
pub(crate) fn product(
    isa: Isa,
    c: ViewMut<'_, f32>,
    a: View<'_, f32>,
    b: View<'_, f32>,
    mnk: [usize; 3],
    begin: Begin<'_, f32>,
    tmp: &mut [f32],
) {
    let product = Product::of(c, a, b, mnk, begin);
    // SAFETY: the set can only be had of an `Isa` that the processor has; `Product::of` has the operands lie within their
    // slices, of which C is borrowed for itself.
    unsafe { product.run(Set::of(isa), tmp) }
}

/// The same for operands that are in the first-level cache or on their way there, with as little around the tiles as can be.
///
/// # Panics
/// If a part reaches beyond the end of its matrix, or B lies by columns.
#[inline(always)]
pub(crate) fn near(
    isa: Isa,
    c: ViewMut<'_, f32>,
    a: View<'_, f32>,
    b: View<'_, f32>,
    mnk: [usize; 3],
    begin: Begin<'_, f32>,
) {
    assert!(!b.columns, "the transpose of what is multiplied with");
    let product = Product::of(c, a, b, mnk, begin);
    // SAFETY: as above.
    unsafe { product.near(Set::of(isa)) }
}

impl<'p> Product<'p> {
    #[inline(always)]
    fn of(
        c: ViewMut<'_, f32>,
        a: View<'_, f32>,
        b: View<'_, f32>,
        mnk: [usize; 3],
        begin: Begin<'_, f32>,
    ) -> Product<'p> {
        check(&c, a, b, mnk, begin);
        let [m, n, k] = mnk;
        Product {
            c: c.data.as_mut_ptr().wrapping_add(c.at),
            ldc: c.stride,
            a: a.operand(),
            b: b.operand(),
            m,
            n,
            k,
            start: begin.start(),
            soon: None,
        }
    }
}

/// Writes the transpose of a matrix of `rows` rows to `to`.
///
/// # Panics
/// If the two differ in length, or do not have so many rows.
pub(crate) fn transpose(isa: Isa, to: &mut [f32], from: &[f32], rows: usize) {
    let cols = from.len().checked_div(rows).unwrap_or(0);
    assert!(to.len() == from.len() && from.len() == rows * cols, "the transpose of another matrix");
    transposed(isa, to, rows, View::rows(from, 0, cols), rows, cols);
}

/// Writes the transpose of a part of a matrix of so many rows and columns, which lies by rows, to `to`, whose rows are `ld`
/// apart.
///
/// # Panics
/// If the part reaches beyond the end of its matrix, or there is no room for its transpose.
pub(crate) fn transposed(isa: Isa, to: &mut [f32], ld: usize, from: View<'_, f32>, rows: usize, cols: usize) {
    assert!(!from.columns, "the transpose of a transpose");
    from.check(rows, cols);
    if rows > 0 && cols > 0 {
        let at = from.operand().at;
        // SAFETY: the set can only be had of an `Isa` that the processor has; `from` has so many rows.
        unsafe { Set::of(isa).transpose(at, from.stride, rows, cols, to, ld) }
    }
}
