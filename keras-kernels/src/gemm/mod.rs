//! Matrix products of x86 processors: C (+)= A · B, by tiles that stay in registers.
//!
//! A tile is some rows of C by some vectors of columns. Its kernel walks along the depth: it loads a row of B, broadcasts
//! one element of A for each row of C, and multiplies and adds. Every number of rows has a kernel of its own, so that rows
//! are never padded; columns at the edge are masked.
//!
//! Each element of C is one chain of fused multiply-adds in the order of the depth, so that neither tiles nor blocks nor
//! packing change its bits. C of one or two vectors of columns is the exception: there are too few chains to keep the
//! processor busy on few rows, so its elements are the sum of [`Split`] chains, whatever the number of rows.

mod tile;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod x86;

use core::slice;

use crate::Isa;
pub(crate) use tile::Start;
use tile::{Kernel, Tile};

/// How much of the depth is done before the next block: so much of A and B stays in the caches that all tiles read it
/// from there.
const DEPTH: usize = 256;

/// The same where A lies by columns: each step of the depth is then another row of its matrix, on another page of memory,
/// and of pages only so many are at hand.
const DEPTH_BY_COLUMNS: usize = 64;

/// How many rows are done before the next: so many rows of A stay in the second-level cache.
const ROWS: usize = 256;

/// From so many rows on, blocks of B are copied to where their rows lie side by side: rows a power of two apart would
/// share a few places of the cache.
const ROWS_TO_PACK: usize = 48;

/// The left operand: `row` and `col` are the distances between its rows and columns; one of them is 1.
#[derive(Clone, Copy)]
pub(crate) struct Left {
    pub(crate) at: *const f32,
    pub(crate) stride: usize,
    /// Whether it is columns that lie one behind the other, `stride` apart, and not rows.
    pub(crate) columns: bool,
}

/// A product to be computed: C is `m × n`, the depth is `k`.
#[derive(Clone, Copy)]
pub(crate) struct Product {
    pub(crate) c: *mut f32,
    pub(crate) ldc: usize,
    pub(crate) a: Left,
    pub(crate) b: *const f32,
    pub(crate) ldb: usize,
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) k: usize,
    pub(crate) start: Start,
}

impl Product {
    /// Computes it; a product of no depth is what the sums begin with. `tmp` is scratch for packed blocks of B, and may be
    /// empty.
    ///
    /// # Safety
    /// The processor has the instruction set. C is valid for writes (and reads, where the sums begin with it) of `m` rows
    /// of `n` elements, `ldc` apart; A and B are valid for reads; C overlaps neither of them.
    pub(crate) unsafe fn run(&self, set: &Set, tmp: &mut [f32]) {
        let down = if self.a.columns { 1 } else { self.a.stride };
        let mut row = 0;
        for m in even(self.m, ROWS) {
            let a = Left { at: self.a.at.wrapping_add(row * down), ..self.a };
            // SAFETY: the caller's; the rows are some of those of the product.
            unsafe { Product { c: self.c.wrapping_add(row * self.ldc), a, m, ..*self }.rows(set, tmp) };
            row += m;
        }
    }

    /// Some rows.
    ///
    /// # Safety
    /// As [`Product::run`].
    unsafe fn rows(&self, set: &Set, tmp: &mut [f32]) {
        let vectors = self.n.div_ceil(set.lanes);
        let kinds = if self.a.columns { set.columns } else { set.rows };
        let mut vector = 0;
        while vector < vectors {
            let (width, kernels) = if !self.a.columns && vectors <= set.split.len() {
                (vectors, set.split[vectors - 1])
            } else {
                pick(set, kinds, self.m, (self.n / set.lanes - vector).max(1))
            };
            let col = vector * set.lanes;
            let cols = (self.n - col).min(width * set.lanes);
            // SAFETY: the caller's; the columns are some of those of the product.
            unsafe { self.panel(set, kernels, col, cols, tmp) };
            vector += width;
        }
    }

    /// The columns of one tile's width.
    ///
    /// # Safety
    /// As [`Product::run`].
    unsafe fn panel(&self, set: &Set, kernels: &[Kernel], col: usize, cols: usize, tmp: &mut [f32]) {
        let most = if self.a.columns { DEPTH_BY_COLUMNS } else { DEPTH };
        let pack = self.m >= ROWS_TO_PACK && cols < self.ldb && tmp.len() >= most.min(self.k) * cols;
        let mut from = 0;
        loop {
            let depth = most.min(self.k - from);
            let mut block = (self.b.wrapping_add(from * self.ldb + col), self.ldb);
            if pack {
                for (p, to) in tmp.chunks_exact_mut(cols).take(depth).enumerate() {
                    // SAFETY: a row of the block of B, which the caller vouches for.
                    to.copy_from_slice(unsafe { slice::from_raw_parts(block.0.wrapping_add(p * self.ldb), cols) });
                }
                block = (tmp.as_ptr(), cols);
            }
            let start = match self.start {
                _ if from > 0 => Start::Sum,
                Start::Row(at) => Start::Row(at.wrapping_add(col)),
                start => start,
            };
            let (down, along) = if self.a.columns { (1, self.a.stride) } else { (self.a.stride, 1) };
            let mut row = 0;
            for rows in even(self.m, kernels.len()) {
                let tile = Tile {
                    c: self.c.wrapping_add(row * self.ldc + col),
                    ldc: self.ldc,
                    a: self.a.at.wrapping_add(row * down + from * along),
                    lda: self.a.stride,
                    b: block.0,
                    ldb: block.1,
                    depth,
                    last: (cols - 1) % set.lanes + 1,
                    start,
                };
                // SAFETY: the tile lies within the operands that the caller vouches for.
                unsafe { kernels[rows - 1](&tile) };
                row += rows;
            }
            from += depth;
            if from >= self.k {
                break;
            }
        }
    }
}

/// The widest kind of kernels with at most `vectors` vectors that takes all rows at once; for more rows than that, the
/// widest of those made for many rows.
fn pick(set: &Set, kinds: &[Kind], m: usize, vectors: usize) -> Kind {
    let fits = |&&(width, kernels): &&Kind| width <= vectors && (m <= kernels.len() || width <= set.many);
    *kinds.iter().find(fits).expect("every set has kernels of one vector")
}

/// Parts of `m`, none longer than `max`, of which none is more than one longer than another.
pub(crate) fn even(m: usize, max: usize) -> impl Iterator<Item = usize> {
    let parts = m.div_ceil(max);
    (0..parts).map(move |i| m / parts + usize::from(i < m % parts))
}

/// Transposes a piece of a matrix from one place, with a distance between its rows, to another.
///
/// # Safety
/// The processor has the instruction set; the pieces are valid for reads and for writes.
type Transpose = unsafe fn(*const f32, usize, *mut f32, usize);

/// The width of tiles in vectors, and their kernels by number of rows, beginning with 1.
type Kind = (usize, &'static [Kernel]);

/// All kernels of an instruction set.
pub(crate) struct Set {
    /// Elements of a vector.
    lanes: usize,
    /// The width, in vectors, of the tiles that products of many rows are made of.
    many: usize,
    /// Writes four columns of as many rows as a vector has elements as four vectors.
    transpose: Transpose,
    /// For A by rows, widest first. Kernels of one vector mask it, the others take whole vectors.
    rows: &'static [Kind],
    /// For A by columns, likewise.
    columns: &'static [Kind],
    /// For A by rows and C of one and of two vectors, by four and by two chains.
    split: [&'static [Kernel]; 2],
}

impl Set {
    /// How many rows a tile of many rows has, where A lies by columns.
    pub(crate) fn rows_by_columns(&self, n: usize) -> usize {
        pick(self, self.columns, usize::MAX, (n / self.lanes).max(1)).1.len()
    }

    /// Writes the transpose of `rows` rows of `cols` elements, `stride` apart, to `to`, whose rows are `rows` long.
    ///
    /// # Safety
    /// The processor has the instruction set; `from` is valid for reads.
    pub(crate) unsafe fn transpose(&self, from: *const f32, stride: usize, rows: usize, cols: usize, to: &mut [f32]) {
        assert!(to.len() >= rows * cols, "no room to transpose");
        let (whole_rows, whole_cols) = (rows - rows % self.lanes, cols - cols % 4);
        for row in (0..whole_rows).step_by(self.lanes) {
            for col in (0..whole_cols).step_by(4) {
                let at = from.wrapping_add(row * stride + col);
                // SAFETY: the caller's, and there is room for four rows from `col` on.
                unsafe { (self.transpose)(at, stride, to[col * rows + row..].as_mut_ptr(), rows) };
            }
        }
        for row in 0..rows {
            for col in if row < whole_rows { whole_cols } else { 0 }..cols {
                // SAFETY: the caller's.
                to[col * rows + row] = unsafe { *from.add(row * stride + col) };
            }
        }
    }

    /// The kernels of an instruction set that has some.
    pub(crate) fn of(isa: Isa) -> Option<&'static Set> {
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        return x86::set(isa);
        #[cfg(not(all(feature = "std", target_arch = "x86_64")))]
        {
            let _ = isa;
            None
        }
    }
}
