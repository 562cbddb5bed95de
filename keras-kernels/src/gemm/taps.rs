//! The kernel of one tile of a convolution: a product whose depth is made of segments, each of which begins somewhere else
//! in A and in B.

use super::few::{self, LineKernel};
use super::tile::{GROUP, GROUPS, Start, UNROLL, Vector, load, step};
use crate::Isa;
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
use crate::isa::Level;

/// A part of the depth: where it begins in A and in B, in floats from the beginning.
#[derive(Clone, Copy, Default)]
pub(crate) struct Segment {
    pub(crate) a: usize,
    pub(crate) b: usize,
}

/// One tile.
pub(crate) struct Taps<'a> {
    pub(crate) c: *mut f32,
    pub(crate) ldc: usize,
    pub(crate) a: *const f32,
    /// Distance between rows of A, or between columns if the kernel is one for columns.
    pub(crate) lda: usize,
    pub(crate) b: *const f32,
    pub(crate) ldb: usize,
    pub(crate) segments: &'a [Segment],
    /// The depth of each segment.
    pub(crate) len: usize,
    /// Columns in the last vector, at least 1.
    pub(crate) last: usize,
    pub(crate) start: Start,
}

/// A kernel, compiled for an instruction set, a number of rows and a number of vectors.
///
/// # Safety
/// The processor has the instruction set. For the kernel's number of rows and columns, C is valid for writes (and reads,
/// if the sums begin with it), A and B for reads along all segments.
pub(crate) type TapsKernel = unsafe fn(&Taps<'_>);

/// The width of tiles in vectors, and their kernels by number of rows, beginning with 1. Kernels of one vector mask it, the
/// others take whole vectors.
type Kind = (usize, &'static [TapsKernel]);

/// All kernels of an instruction set. They are apart from those of products, so that a program without convolutions is
/// without them.
pub(crate) struct TapsSet {
    /// Elements of a vector.
    pub(super) lanes: usize,
    /// For A by rows, widest first.
    pub(super) rows: &'static [Kind],
    /// For A by columns, likewise.
    pub(super) columns: &'static [Kind],
    /// For lines whose B stays in registers, widest first.
    pub(super) lines: &'static [few::Kind],
}

impl TapsSet {
    /// The kernels of an instruction set.
    pub(crate) fn of(isa: Isa) -> &'static TapsSet {
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        return match isa.level() {
            Level::Avx512 => &super::x86::TAPS_AVX512,
            Level::Avx2 => &super::x86::TAPS_AVX2,
            _ => &super::portable::TAPS_PORTABLE,
        };
        #[cfg(all(feature = "std", target_arch = "aarch64"))]
        return match isa.level() {
            Level::Neon => &super::neon::TAPS_NEON,
            _ => &super::portable::TAPS_PORTABLE,
        };
        #[cfg(not(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64"))))]
        {
            let _ = isa;
            &super::portable::TAPS_PORTABLE
        }
    }

    /// How many columns the next tile has of `cols` that are left, and its kernels by number of rows.
    pub(crate) fn pick(&self, by_columns: bool, cols: usize) -> (usize, &'static [TapsKernel]) {
        let kinds = if by_columns { self.columns } else { self.rows };
        let vectors = (cols / self.lanes).max(1);
        let (width, kernels) = kinds.iter().find(|(width, _)| *width <= vectors).expect("kernels of one vector");
        (cols.min(width * self.lanes), kernels)
    }

    /// The same for a whole line of windows with so many segments, if B stays in registers.
    pub(crate) fn line(&self, segments: usize, len: usize, cols: usize) -> Option<(usize, LineKernel)> {
        let vectors = (cols / self.lanes).max(1);
        let fits = |&&([s, l, width], _): &&few::Kind| s == segments && l == len && width <= vectors;
        let &([_, _, width], kernel) = self.lines.iter().find(fits)?;
        Some((cols.min(width * self.lanes), kernel))
    }

    /// Columns in the last vector of `cols`.
    pub(crate) fn last(&self, cols: usize) -> usize {
        (cols - 1) % self.lanes + 1
    }
}

/// `R` rows by `N` vectors; `COLUMNS` says how A lies. Each element is one chain of multiply-adds, segment by segment.
///
/// # Safety
/// As [`TapsKernel`]; the caller is compiled for the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn taps<V: Vector, const R: usize, const N: usize, const COLUMNS: bool, const EDGE: bool>(
    t: &Taps<'_>,
) {
    let (row, col) = if COLUMNS { (1, t.lda) } else { (t.lda, 1) };
    // SAFETY: all addresses are within the operands that the caller vouches for: rows below `R`, columns below
    // `(N - 1) · LANES + last`, which the mask sees to, and steps below `len` of each segment.
    unsafe {
        let mask = V::mask(t.last);
        let mut sums = [[V::zero(); N]; R];
        match t.start {
            Start::Zero => {}
            Start::Row(at) => sums = [load::<V, N, EDGE>(at, mask); R],
            Start::Sum => {
                for r in 0..R {
                    sums[r] = load::<V, N, EDGE>(t.c.add(r * t.ldc), mask);
                }
            }
        }
        for segment in t.segments {
            let mut b = t.b.add(segment.b);
            let mut a = [t.a; GROUPS];
            for g in 0..R.div_ceil(GROUP) {
                a[g] = V::pin(t.a.wrapping_add(segment.a + g * GROUP * row));
            }
            for _ in 0..t.len / UNROLL {
                for i in 0..UNROLL {
                    step::<V, R, N, EDGE>(&mut sums, &a, i * col, row, b.add(i * t.ldb), mask);
                }
                for g in 0..R.div_ceil(GROUP) {
                    a[g] = a[g].add(UNROLL * col);
                }
                b = b.add(UNROLL * t.ldb);
            }
            for i in 0..t.len % UNROLL {
                step::<V, R, N, EDGE>(&mut sums, &a, i * col, row, b, mask);
                b = b.add(t.ldb);
            }
        }
        for r in 0..R {
            let c = t.c.add(r * t.ldc);
            for j in 0..N {
                if !EDGE || j < N - 1 {
                    sums[r][j].store(c.add(j * V::LANES));
                } else {
                    sums[r][j].store_first(c.add(j * V::LANES), mask);
                }
            }
        }
    }
}
