//! A product by blocks: which tile comes when, and what is copied before.
//!
//! Tiles are as wide as a panel of B, some vectors. All rows of A pass by a panel before the next one, so that B, which
//! streams from the second-level cache, is fetched from memory once; each tile fetches a part of what comes next, a cache
//! line for every few steps of the depth.

use core::ops::Range;
use core::ptr;

use super::set::{Set, pick};
use super::tile::{LINE, Start, Tile, UNROLL};

/// How much of the depth is done before the next block: the panels of B and the rows of A of a block stay in the
/// second-level cache. Each block reads and writes C once.
const DEPTH: usize = 512;

/// The same where A lies by columns and is not copied: each step of the depth is then another row of its matrix, on another
/// page of memory, and of pages only so many are at hand.
const DEPTH_BY_COLUMNS: usize = 64;

/// How many rows are done before the next: so many rows of A stay in the second-level cache.
const ROWS: usize = 256;

/// From so many rows on, panels of B are copied to where their rows lie side by side, if they are `FAR` apart, or if there
/// are some and all of them begin beside a cache line: each vector of 16 floats would then lie on two lines.
const ROWS_TO_COPY: usize = 256;

/// From so many rows on, a panel of B is copied when it is needed, if there is no room for all and the rows are twice as far
/// apart.
const ROWS_TO_COPY_ONE: usize = 48;

/// From so many columns on, A is copied, if its rows are a multiple of `FAR` apart or it lies by columns, and B, if it begins
/// beside a cache line.
const COLUMNS_TO_COPY: usize = 256;

/// Fewer rows than that are not worth a copy of A.
const LEAST_ROWS: usize = 128;

/// A distance between rows at which each is on a page of its own and, if it is a power of two, all share a few places of
/// the cache.
const FAR: usize = 512;

/// The most columns of a panel of a transposed B.
const WIDTH: usize = 64;

/// An operand: `stride` is the distance between its rows, or if it lies by columns, between these.
#[derive(Clone, Copy)]
pub(crate) struct Operand {
    pub(crate) at: *const f32,
    pub(crate) stride: usize,
    /// Whether it is columns that lie one behind the other, `stride` apart, and not rows.
    pub(crate) columns: bool,
}

impl Operand {
    /// Rows that lie `stride` apart.
    pub(crate) fn rows(at: *const f32, stride: usize) -> Operand {
        Operand { at, stride, columns: false }
    }

    /// Columns that lie `stride` apart.
    pub(crate) fn columns(at: *const f32, stride: usize) -> Operand {
        Operand { at, stride, columns: true }
    }

    /// The same from a row and a column on.
    pub(crate) fn from(&self, row: usize, col: usize) -> Operand {
        let (down, along) = if self.columns { (1, self.stride) } else { (self.stride, 1) };
        Operand { at: self.at.wrapping_add(row * down + col * along), ..*self }
    }
}

/// Memory that is needed soon after a product, and is fetched while it is computed.
pub(crate) struct Soon<'a> {
    pieces: &'a [(*const f32, usize)],
    lines: usize,
}

impl<'a> Soon<'a> {
    /// These pieces, each so many floats from an address on.
    pub(crate) fn new(pieces: &'a [(*const f32, usize)]) -> Soon<'a> {
        let lines = pieces.iter().map(|piece| piece.1.div_ceil(LINE)).sum();
        Soon { pieces, lines }
    }

    /// The piece that begins so many lines after the first.
    fn after(&self, mut lines: usize) -> *const f32 {
        for &(at, len) in self.pieces {
            if lines < len.div_ceil(LINE) {
                return at.wrapping_add(lines * LINE);
            }
            lines -= len.div_ceil(LINE);
        }
        ptr::null()
    }
}

/// A product to be computed: C is `m × n`, the depth is `k`.
#[derive(Clone, Copy)]
pub(crate) struct Product<'a> {
    pub(crate) c: *mut f32,
    pub(crate) ldc: usize,
    pub(crate) a: Operand,
    pub(crate) b: Operand,
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) k: usize,
    pub(crate) start: Start,
    /// What is fetched instead of later parts of B and C.
    pub(crate) soon: Option<&'a Soon<'a>>,
}

/// Memory for copies.
struct Copies<'a> {
    /// Of a block of A; empty if it is not copied.
    a: &'a mut [f32],
    /// Of whole panels of a block of B, or if B lies by columns, of one panel.
    b: &'a mut [f32],
    /// Whether `b` is for one panel at a time.
    one: bool,
    /// How many rows of C are done before the next.
    rows: usize,
    /// The distance between whole panels. The line at their ends keeps them from sharing a few places of the cache.
    panel: usize,
}

impl Product<'_> {
    /// Computes it; a product of no depth is what the sums begin with.
    ///
    /// `tmp` is memory for copies that make large products faster. It may be empty if B lies by rows.
    ///
    /// # Panics
    /// If B lies by columns and `tmp` has no room for a panel of it.
    ///
    /// # Safety
    /// The processor has the instruction set. C is valid for writes (and reads, where the sums begin with it) of `m` rows
    /// of `n` elements, `ldc` apart; A and B are valid for reads; C overlaps neither of them.
    pub(crate) unsafe fn run(&self, set: &Set, tmp: &mut [f32]) {
        if self.is_row(set) {
            // SAFETY: the caller's.
            return unsafe { self.near(set) };
        }
        let mut copies = self.copies(set, tmp);
        let most = if self.a.columns && copies.a.is_empty() { DEPTH_BY_COLUMNS } else { DEPTH };
        let mut from = 0;
        loop {
            let depth = most.min(self.k - from);
            let b = self.b.from(from, 0);
            if !b.columns && !copies.one && !copies.b.is_empty() {
                // SAFETY: the caller's; there is room for the whole panels.
                unsafe { copy_panels(set, b, depth, &mut copies) };
            }
            let mut row = 0;
            for rows in even(self.m, copies.rows) {
                let block = Product {
                    c: self.c.wrapping_add(row * self.ldc),
                    a: self.a.from(row, from),
                    b,
                    m: rows,
                    k: depth,
                    start: if from > 0 { Start::Sum } else { self.start },
                    ..*self
                };
                // SAFETY: the caller's; the block is part of the product.
                unsafe { block.block(set, &mut copies) };
                row += rows;
            }
            from += depth;
            if from >= self.k {
                break;
            }
        }
    }

    /// Whether it is one row whose elements are one chain each. It is done with B as soon as that comes, so there is nothing
    /// to copy or to fetch, and what is around the tiles would take as long as some of them.
    fn is_row(&self, set: &Set) -> bool {
        let chains = self.n > set.split.len() * set.lanes;
        self.m == 1 && chains && self.k <= DEPTH && !self.a.columns && !self.b.columns && self.soon.is_none()
    }

    /// Computes a product of operands that are in the first-level cache or on their way there: nothing is copied or fetched,
    /// and each element is one chain. B lies by rows.
    ///
    /// # Safety
    /// As [`Product::run`].
    pub(super) unsafe fn near(&self, set: &Set) {
        debug_assert!(!self.b.columns, "a product whose B is to be transposed");
        let kinds = if self.a.columns { set.columns } else { set.rows };
        let vectors = self.n.div_ceil(set.lanes);
        let mut vector = 0;
        while vector < vectors {
            let (width, kernels) = pick(set, kinds, self.m, (self.n / set.lanes - vector).max(1));
            let col = vector * set.lanes;
            let cols = (self.n - col).min(width * set.lanes);
            let mut row = 0;
            for rows in even(self.m, kernels.len()) {
                let tile = Tile {
                    c: self.c.wrapping_add(row * self.ldc + col),
                    ldc: self.ldc,
                    a: self.a.from(row, 0).at,
                    lda: self.a.stride,
                    b: self.b.from(0, col).at,
                    ldb: self.b.stride,
                    depth: self.k,
                    last: (cols - 1) % set.lanes + 1,
                    start: match self.start {
                        Start::Row(at) => Start::Row(at.wrapping_add(col)),
                        start => start,
                    },
                    each: 0,
                    next: ptr::null(),
                    ahead: self.b.at,
                    ahead_by: 0,
                };
                // SAFETY: the tile lies within the operands that the caller vouches for.
                unsafe { kernels[rows - 1](&tile) };
                row += rows;
            }
            vector += width;
        }
    }

    /// What is to be copied, as far as there is room.
    fn copies<'t>(&self, set: &Set, tmp: &'t mut [f32]) -> Copies<'t> {
        if self.m < ROWS_TO_COPY_ONE && !self.a.columns && !self.b.columns {
            return Copies { a: &mut [], one: false, b: &mut [], rows: ROWS, panel: LINE };
        }
        let transposed = if self.b.columns { DEPTH.min(self.k) * WIDTH.min(self.n) } else { 0 };
        assert!(tmp.len() >= transposed, "no room to transpose a panel");
        let (b, rest) = tmp.split_at_mut(transposed);
        let far = self.a.columns || self.a.stride.is_multiple_of(FAR);
        let room = if far && self.n >= COLUMNS_TO_COPY { rest.len() / pitch(self.k) } else { 0 };
        let rows = room.min(ROWS).min(self.m);
        let least = if self.a.columns { 1 } else { LEAST_ROWS };
        let rows = if rows < least { 0 } else { rows };
        let (a, rest) = rest.split_at_mut(rows * pitch(self.k));
        let panel = DEPTH.min(self.k) * set.width() + LINE;
        let rows = if rows == 0 { ROWS } else { rows };
        let one = DEPTH.min(self.k) * set.width();
        let beside = self.b.stride.is_multiple_of(LINE) && !self.b.at.addr().is_multiple_of(LINE * size_of::<f32>());
        let pays = self.b.stride >= FAR || beside && self.n >= COLUMNS_TO_COPY;
        if self.b.columns || !pays || self.n < set.width() {
            return Copies { a, one: false, b, rows, panel };
        }
        if self.m < ROWS_TO_COPY || rest.len() < self.n / set.width() * panel {
            let one = if self.m >= ROWS_TO_COPY_ONE && self.b.stride >= 2 * FAR && rest.len() >= one { one } else { 0 };
            return Copies { a, one: one > 0, b: &mut rest[..one], rows, panel };
        }
        let panels = self.n / set.width();
        let rest = on_a_line(rest, panels * panel);
        Copies { a, one: false, b: rest, rows, panel }
    }

    /// One block of rows and depth.
    ///
    /// # Safety
    /// As [`Product::run`].
    unsafe fn block(&self, set: &Set, copies: &mut Copies<'_>) {
        let kinds = if self.a.columns { set.columns } else { set.rows };
        let vectors = self.n.div_ceil(set.lanes);
        let (mut vector, mut soon_lines) = (0, 0);
        // Rows of the tiles for which A has been copied.
        let mut copied = 0;
        while vector < vectors {
            let (width, kernels) = if !self.a.columns && vectors <= set.split.len() {
                (vectors, set.split[vectors - 1])
            } else {
                let most = if self.b.columns { WIDTH / set.lanes } else { usize::MAX };
                pick(set, kinds, self.m, (self.n / set.lanes - vector).clamp(1, most))
            };
            let col = vector * set.lanes;
            let cols = (self.n - col).min(width * set.lanes);
            let (mut b, mut ahead) = (self.b.from(0, col), self.b.from(0, col + cols));
            if self.b.columns {
                // SAFETY: the caller's; a panel has room for as many columns.
                unsafe { set.transpose(b.at, b.stride, cols, self.k, copies.b, cols) };
                b = Operand::rows(copies.b.as_ptr(), cols);
                ahead = b;
            } else if copies.one && cols == set.width() {
                let panel = copies.b.as_mut_ptr();
                // SAFETY: the caller's; there is room for a panel.
                unsafe { (set.copy)(b.at, b.stride, panel, cols, self.k, cols) };
                b = Operand::rows(panel, cols);
            } else if !copies.one && cols == set.width() && (col + cols) / cols * copies.panel <= copies.b.len() {
                b = Operand::rows(copies.b[col / cols * copies.panel..].as_ptr(), cols);
                ahead = Operand::rows(b.at.wrapping_add(copies.panel), cols);
            }
            let start = match self.start {
                Start::Row(at) => Start::Row(at.wrapping_add(col)),
                start => start,
            };
            let copy = copies.a.as_mut_ptr();
            let (mut row, mut fetched) = (0, 0);
            for rows in even(self.m, kernels.len()) {
                let c = self.c.wrapping_add(row * self.ldc + col);
                let mut a = self.a.from(row, 0);
                if !copies.a.is_empty() {
                    let to = if a.columns {
                        copy.wrapping_add(row * self.k)
                    } else {
                        copy.wrapping_add(row * pitch(self.k))
                    };
                    let (to_stride, lines, len) =
                        if a.columns { (rows, self.k, rows) } else { (pitch(self.k), rows, self.k) };
                    if copied != kernels.len() {
                        // SAFETY: there is room for as many rows.
                        unsafe { (set.copy)(a.at, a.stride, to, to_stride, lines, len) };
                    }
                    a = Operand { at: to, stride: to_stride, ..a };
                }
                let turns = (self.k / UNROLL).max(1);
                let more = fetched < self.k && vector + width < vectors;
                let ahead = if more { ahead.from(fetched, 0) } else { Operand::rows(b.at, 0) };
                let mut tile = Tile {
                    c,
                    ldc: self.ldc,
                    a: a.at,
                    lda: a.stride,
                    b: b.at,
                    ldb: b.stride,
                    depth: self.k,
                    last: (cols - 1) % set.lanes + 1,
                    start,
                    // A few rows are done with B as soon as it comes.
                    each: usize::from(self.m > 3),
                    next: c.wrapping_add(rows * self.ldc),
                    ahead: ahead.at,
                    ahead_by: ahead.stride,
                };
                if let Some(soon) = self.soon {
                    // Every tile of the product takes an equal part.
                    let tiles = self.m.div_ceil(kernels.len()) * vectors.div_ceil(width);
                    tile.each = soon.lines.div_ceil(tiles * turns);
                    (tile.next, tile.ahead) = (ptr::null(), soon.after(soon_lines));
                    tile.ahead_by = width * set.lanes;
                    soon_lines += tile.each * turns;
                    if tile.ahead.is_null() {
                        tile.each = 0;
                    }
                }
                // SAFETY: the tile lies within the operands that the caller vouches for.
                unsafe { kernels[rows - 1](&tile) };
                fetched += tile.fetched(rows, width * set.lanes);
                row += rows;
            }
            copied = kernels.len();
            vector += width;
        }
    }
}

/// So many floats, from the first cache line on if there are enough.
fn on_a_line(tmp: &mut [f32], len: usize) -> &mut [f32] {
    let skipped = tmp.as_ptr().align_offset(LINE * size_of::<f32>()).min(tmp.len() - len);
    &mut tmp[skipped..][..len]
}

/// The distance between rows of A that are copied: whole cache lines, an odd number of them.
const fn pitch(k: usize) -> usize {
    let depth = if k < DEPTH { k } else { DEPTH };
    (depth.div_ceil(2 * LINE) * 2 + 1) * LINE
}

/// Floats of memory for all copies that pay.
pub(super) const fn scratch(m: usize, n: usize, k: usize) -> usize {
    let depth = if k < DEPTH { k } else { DEPTH };
    let width = if n < WIDTH { n } else { WIDTH };
    let rows = if m < ROWS { m } else { ROWS };
    let a = if n >= COLUMNS_TO_COPY { rows * pitch(k) } else { 0 };
    // Panels of 16 columns, the narrowest there are, have the most lines between them.
    let b = if m >= ROWS_TO_COPY && n >= COLUMNS_TO_COPY { n * depth + (n.div_ceil(16) + 1) * LINE } else { 0 };
    let transposed = depth * width;
    a + if b > transposed { b } else { transposed }
}

/// Copies the whole panels of a block of B.
///
/// # Safety
/// The processor has the instruction set, the block is valid for reads.
unsafe fn copy_panels(set: &Set, b: Operand, depth: usize, copies: &mut Copies<'_>) {
    let width = set.width();
    for row in 0..depth {
        for (panel, to) in copies.b.chunks_exact_mut(copies.panel).enumerate() {
            let to = to[row * width..][..width].as_mut_ptr();
            // SAFETY: the caller's; `to` has the width of a panel.
            unsafe { (set.copy)(b.from(row, panel * width).at, 0, to, 0, 1, width) };
        }
    }
}

/// Parts of `m`, none longer than `max`, of which none is more than one longer than another.
pub(crate) fn even(m: usize, max: usize) -> impl Iterator<Item = usize> {
    let parts = m.div_ceil(max);
    (0..parts).map(move |i| m / parts + usize::from(i < m % parts))
}

/// The same parts, from where to where each is.
pub(crate) fn even_ranges(m: usize, max: usize) -> impl Iterator<Item = Range<usize>> {
    even(m, max).scan(0, |from, count| {
        let part = *from..*from + count;
        *from = part.end;
        Some(part)
    })
}
