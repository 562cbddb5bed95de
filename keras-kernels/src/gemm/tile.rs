//! The kernel of one tile, for all instruction sets, tile sizes and layouts.

/// A vector of `f32`.
///
/// # Safety
/// Every method may be called only where the processor has the instruction set; pointers must be valid for as many
/// elements as are read or written.
pub(super) trait Vector: Copy {
    /// Elements of a vector.
    const LANES: usize;
    /// The first lanes of a vector.
    type Mask: Copy;

    /// The same pointer, of which the compiler does not know where it comes from: it will not be worked out anew from
    /// others in an inner loop.
    fn pin(at: *const f32) -> *const f32;
    unsafe fn mask(lanes: usize) -> Self::Mask;
    unsafe fn zero() -> Self;
    unsafe fn splat(at: *const f32) -> Self;
    unsafe fn load(at: *const f32) -> Self;
    unsafe fn load_first(at: *const f32, mask: Self::Mask) -> Self;
    unsafe fn store(self, at: *mut f32);
    unsafe fn store_first(self, at: *mut f32, mask: Self::Mask);
    unsafe fn add(self, other: Self) -> Self;
    /// Fetches a cache line to the first-level cache, if there is one.
    fn fetch_near(at: *const f32);
    /// Fetches a cache line to the second-level cache, if there is one.
    fn fetch(at: *const f32);
    /// self · a + b, rounded once.
    unsafe fn mul_add(self, a: Self, b: Self) -> Self;
}

/// What the sums of a product begin with.
#[derive(Clone, Copy)]
pub(crate) enum Start {
    /// 0.
    Zero,
    /// A row, the same for every row of C: a bias.
    Row(*const f32),
    /// What C holds.
    Sum,
}

/// One tile of a product.
pub(super) struct Tile {
    pub(super) c: *mut f32,
    pub(super) ldc: usize,
    pub(super) a: *const f32,
    /// Distance between rows of A, or between columns if the kernel is one for columns.
    pub(super) lda: usize,
    pub(super) b: *const f32,
    pub(super) ldb: usize,
    pub(super) depth: usize,
    /// Columns in the last vector, at least 1.
    pub(super) last: usize,
    pub(super) start: Start,
    /// How many cache lines are fetched in each turn of the loop: all at once they would keep B waiting.
    pub(super) each: usize,
    /// The tile of C that comes next, which is fetched first; null if it is not to be.
    pub(super) next: *const f32,
    /// What is fetched then: rows of B that come later, say, `ahead_by` apart.
    pub(super) ahead: *const f32,
    pub(super) ahead_by: usize,
}

impl Tile {
    /// How many rows from `ahead` on a kernel of so many rows and columns fetches.
    pub(super) fn fetched(&self, rows: usize, cols: usize) -> usize {
        (self.depth / UNROLL * self.each / cols.div_ceil(LINE)).saturating_sub(rows)
    }
}

/// A kernel, compiled for an instruction set, a number of rows and a number of vectors.
///
/// # Safety
/// The processor has the instruction set. For the kernel's number of rows and columns, C is valid for writes (and reads,
/// if the sums begin with it), A and B for reads, along the whole depth.
pub(super) type Kernel = unsafe fn(&Tile);

/// Floats in a cache line.
pub(super) const LINE: usize = 16;

/// Steps of the depth in one turn of the loop: the addresses of the rows are worked out once for all
/// of them. (Integer additions take turns with the multiply-adds at the same ports.)
pub(super) const UNROLL: usize = 4;

/// So many rows of A share a pointer: an address can have one, two, four or eight times the distance of rows in it.
pub(super) const GROUP: usize = 3;
/// Pointers for the most rows of a tile.
pub(super) const GROUPS: usize = 5;

/// `R` rows by `N` vectors, as the sum of `S` chains; `COLUMNS` says how A lies.
///
/// # Safety
/// As [`Kernel`]; the caller is compiled for the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn tile<
    V: Vector,
    const R: usize,
    const N: usize,
    const S: usize,
    const COLUMNS: bool,
    const EDGE: bool,
>(
    t: &Tile,
) {
    let (row, col) = if COLUMNS { (1, t.lda) } else { (t.lda, 1) };
    // SAFETY: all addresses are within the operands that the caller vouches for: rows below `R`, columns below
    // `(N - 1) · LANES + last`, which the mask sees to, and steps below `depth`.
    unsafe {
        let mask = V::mask(t.last);
        let mut sums = [[[V::zero(); N]; R]; S];
        match t.start {
            Start::Zero => {}
            Start::Row(at) => {
                let row = load::<V, N, EDGE>(at, mask);
                for r in 0..R {
                    sums[0][r] = row;
                }
            }
            Start::Sum => {
                for r in 0..R {
                    sums[0][r] = load::<V, N, EDGE>(t.c.add(r * t.ldc), mask);
                }
            }
        }
        let lines = (N * V::LANES).div_ceil(LINE);
        let (mut fetch, mut by, mut line, mut rows) = (t.next, t.ldc, 0, R);
        if t.next.is_null() {
            (fetch, by, rows) = (t.ahead, t.ahead_by, usize::MAX);
        }
        let mut b = t.b;
        let mut a = [t.a; GROUPS];
        for g in 0..R.div_ceil(GROUP) {
            a[g] = V::pin(t.a.wrapping_add(g * GROUP * row));
        }
        for _ in 0..t.depth / UNROLL {
            for _ in 0..t.each {
                if COLUMNS {
                    V::fetch_near(fetch)
                } else {
                    V::fetch(fetch)
                }
                fetch = fetch.wrapping_add(LINE);
                line += 1;
                if line == lines {
                    line = 0;
                    fetch = fetch.wrapping_add(by).wrapping_sub(lines * LINE);
                    rows -= 1;
                    if rows == 0 {
                        (fetch, by, rows) = (t.ahead, t.ahead_by, usize::MAX);
                    }
                }
            }
            for i in 0..UNROLL {
                step::<V, R, N, EDGE>(&mut sums[i % S], &a, i * col, row, b.add(i * t.ldb), mask);
            }
            for g in 0..R.div_ceil(GROUP) {
                a[g] = a[g].add(UNROLL * col);
            }
            b = b.add(UNROLL * t.ldb);
        }
        for i in 0..t.depth % UNROLL {
            for s in 0..S {
                if i % S == s {
                    step::<V, R, N, EDGE>(&mut sums[s], &a, i * col, row, b, mask);
                }
            }
            b = b.add(t.ldb);
        }
        for r in 0..R {
            let c = t.c.add(r * t.ldc);
            for j in 0..N {
                let mut sum = sums[0][r][j];
                for chain in &sums[1..] {
                    sum = sum.add(chain[r][j]);
                }
                if !EDGE || j < N - 1 {
                    sum.store(c.add(j * V::LANES));
                } else {
                    sum.store_first(c.add(j * V::LANES), mask);
                }
            }
        }
    }
}

/// Adds the product of a column of A and a row of B.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
pub(super) unsafe fn step<V: Vector, const R: usize, const N: usize, const EDGE: bool>(
    sums: &mut [[V; N]; R],
    a: &[*const f32; GROUPS],
    at: usize,
    row: usize,
    b: *const f32,
    mask: V::Mask,
) {
    // SAFETY: the caller's.
    unsafe {
        let b = load::<V, N, EDGE>(b, mask);
        for r in 0..R {
            let a = V::splat(a[r / GROUP].add(r % GROUP * row + at));
            for j in 0..N {
                sums[r][j] = a.mul_add(b[j], sums[r][j]);
            }
        }
    }
}

/// `N` vectors in a row, the last of them masked.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
pub(super) unsafe fn load<V: Vector, const N: usize, const EDGE: bool>(at: *const f32, mask: V::Mask) -> [V; N] {
    // SAFETY: the caller's.
    unsafe {
        let mut row = [V::zero(); N];
        for j in 0..N - 1 {
            row[j] = V::load(at.add(j * V::LANES));
        }
        let last = at.add((N - 1) * V::LANES);
        row[N - 1] = if EDGE { V::load_first(last, mask) } else { V::load(last) };
        row
    }
}

/// Copies `rows` rows of `cols` floats from one place, with a distance between its rows, to another.
///
/// # Safety
/// The processor has the instruction set; the rows are valid for reads and for writes.
#[inline(always)]
pub(super) unsafe fn copy<V: Vector>(
    from: *const f32,
    stride: usize,
    to: *mut f32,
    to_stride: usize,
    rows: usize,
    cols: usize,
) {
    let whole = cols - cols % V::LANES;
    // SAFETY: the caller's; a mask has at least one lane and at most all.
    unsafe {
        let mask = V::mask((cols - whole).max(1));
        for row in 0..rows {
            let (from, to) = (from.add(row * stride), to.add(row * to_stride));
            for col in (0..whole).step_by(V::LANES) {
                V::load(from.add(col)).store(to.add(col));
            }
            if whole < cols {
                V::load_first(from.add(whole), mask).store_first(to.add(whole), mask);
            }
        }
    }
}
