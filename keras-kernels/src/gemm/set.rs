//! The kernels of an instruction set, and which of them a product takes.

use super::tile::Kernel;
use crate::Isa;
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
use crate::isa::Level;

/// Transposes as many rows as a vector has elements from one place, with a distance between them, to another; their length,
/// a multiple of 4, comes last.
///
/// # Safety
/// The processor has the instruction set; the pieces are valid for reads and for writes.
pub(super) type Transpose = unsafe fn(*const f32, usize, *mut f32, usize, usize);

/// Copies rows from one place, with a distance between them, to another: their number and length come last.
///
/// # Safety
/// The processor has the instruction set; the rows are valid for reads and for writes.
pub(super) type Copy = unsafe fn(*const f32, usize, *mut f32, usize, usize, usize);

/// The width of tiles in vectors, and their kernels by number of rows, beginning with 1.
pub(super) type Kind = (usize, &'static [Kernel]);

/// All kernels of an instruction set.
pub(crate) struct Set {
    /// Elements of a vector.
    pub(super) lanes: usize,
    /// The width, in vectors, of the tiles that products of many rows are made of.
    pub(super) many: usize,
    /// Transposes rows.
    pub(super) transpose: Transpose,
    /// Copies rows.
    pub(super) copy: Copy,
    /// For A by rows, widest first. Kernels of one vector mask it, the others take whole vectors.
    pub(super) rows: &'static [Kind],
    /// For A by columns, likewise.
    pub(super) columns: &'static [Kind],
    /// For A by rows and C of one vector, of two and so on: kernels of several chains. There may be none.
    pub(super) split: &'static [&'static [Kernel]],
}

/// The set of these that is for an instruction set.
macro_rules! set {
    ($isa:expr, $avx512:ident, $avx2:ident, $neon:ident, $portable:ident) => {{
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        return match $isa.level() {
            Level::Avx512 => &super::x86::$avx512,
            Level::Avx2 => &super::x86::$avx2,
            _ => &super::portable::$portable,
        };
        #[cfg(all(feature = "std", target_arch = "aarch64"))]
        return match $isa.level() {
            Level::Neon => &super::neon::$neon,
            _ => &super::portable::$portable,
        };
        #[cfg(not(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64"))))]
        {
            let _ = $isa;
            &super::portable::$portable
        }
    }};
}

impl Set {
    /// The columns of a tile of a product of many rows.
    pub(super) fn width(&self) -> usize {
        self.many * self.lanes
    }

    /// How many rows a tile of many rows has, where A lies by columns.
    pub(crate) fn rows_by_columns(&self, n: usize) -> usize {
        pick(self, self.columns, usize::MAX, (n / self.lanes).max(1)).1.len()
    }

    /// Writes the transpose of `rows` rows of `cols` elements, `stride` apart, to `to`, whose rows are `to_stride` apart.
    ///
    /// # Safety
    /// The processor has the instruction set; `from` is valid for reads.
    pub(crate) unsafe fn transpose(
        &self,
        from: *const f32,
        stride: usize,
        rows: usize,
        cols: usize,
        to: &mut [f32],
        to_stride: usize,
    ) {
        assert!(
            rows <= to_stride && to.len() >= (cols * to_stride).saturating_sub(to_stride - rows),
            "no room to transpose"
        );
        let whole_cols = if rows < self.lanes { 0 } else { cols - cols % 4 };
        let mut row = 0;
        while whole_cols > 0 && row < rows {
            // The last rows are taken again with those before them, where there are too few of them.
            row = row.min(rows - self.lanes);
            // SAFETY: the caller's, and there is room for as many rows.
            unsafe {
                let from = from.wrapping_add(row * stride);
                (self.transpose)(from, stride, to[row..].as_mut_ptr(), to_stride, whole_cols);
            }
            row += self.lanes;
        }
        for row in 0..rows {
            for col in whole_cols..cols {
                // SAFETY: the caller's.
                to[col * to_stride + row] = unsafe { *from.add(row * stride + col) };
            }
        }
    }

    /// The same without the kernels for A by columns.
    pub(super) const fn by_rows(self) -> Set {
        Set { columns: &[], ..self }
    }

    /// The kernels of an instruction set for A by rows: what forward passes take, so that programs which only infer do not
    /// contain the others.
    pub(crate) fn for_rows(isa: Isa) -> &'static Set {
        set!(isa, AVX512_BY_ROWS, AVX2_BY_ROWS, NEON_BY_ROWS, PORTABLE_BY_ROWS)
    }

    /// The kernels of an instruction set.
    pub(crate) fn of(isa: Isa) -> &'static Set {
        set!(isa, AVX512, AVX2, NEON, PORTABLE)
    }
}

/// The widest kind of kernels with at most `vectors` vectors that takes all rows at once; for more rows than that, the
/// widest of those made for many rows.
pub(super) fn pick(set: &Set, kinds: &[Kind], m: usize, vectors: usize) -> Kind {
    let fits = |&&(width, kernels): &&Kind| width <= vectors && (m <= kernels.len() || width <= set.many);
    *kinds.iter().find(fits).expect("every set has kernels of one vector")
}
