//! The kernels for processors of which nothing is known, in plain Rust. The compiler makes vectors of the lanes where the
//! processor has some.

use super::features::{FeaturesSet, Grads, Sums, grads, sums};
use super::set::Set;
use super::taps::{Taps, TapsSet, taps};
use super::tile::{Tile, Vector, copy, tile};

unsafe fn plain<const R: usize, const N: usize, const S: usize, const COLUMNS: bool, const EDGE: bool>(t: &Tile) {
    // SAFETY: the caller's; there are no instructions that a processor could lack.
    unsafe { tile::<V4, R, N, S, COLUMNS, EDGE>(t) }
}

unsafe fn taps_plain<const R: usize, const N: usize, const COLUMNS: bool, const EDGE: bool>(t: &Taps<'_>) {
    // SAFETY: the caller's; there are no instructions that a processor could lack.
    unsafe { taps::<V4, R, N, COLUMNS, EDGE>(t) }
}

unsafe fn sums_plain<const W: usize>(t: &Sums<'_>) {
    // SAFETY: the caller's; there are no instructions that a processor could lack.
    unsafe { sums::<V4, W, false>(t) }
}

unsafe fn grads_plain<const T: usize>(t: &Grads<'_>) {
    // SAFETY: the caller's; there are no instructions that a processor could lack.
    unsafe { grads::<V4, T, 1>(t) }
}

/// For convolutions whose features do not mix.
pub(super) static FEATURES_PORTABLE: FeaturesSet = FeaturesSet {
    sums: &[sums_plain::<1>, sums_plain::<2>, sums_plain::<3>, sums_plain::<4>],
    threes: &[],
    grads: &[grads_plain::<1>, grads_plain::<2>, grads_plain::<3>],
};

macro_rules! taps {
    ($n:literal, $columns:literal, $edge:literal: $($r:literal)*) => {
        ($n, &[$(taps_plain::<$r, $n, $columns, $edge>),*])
    };
}

macro_rules! kernels {
    ($n:literal, $columns:literal, $edge:literal: $($r:literal)*) => {
        &[$(plain::<$r, $n, 1, $columns, $edge>),*]
    };
}

/// 16 registers, as the oldest processors with vectors have: 8 sums, two vectors of B, one of A, and room for products
/// before they are added. No more kernels than that, as they are part of every program.
const PORTABLE_KERNELS: Set = Set {
    lanes: V4::LANES,
    many: 2,
    transpose,
    copy: copy_4,
    rows: &[(2, kernels!(2, false, false: 1 2 3 4)), (1, kernels!(1, false, true: 1 2))],
    columns: &[(2, kernels!(2, true, false: 1 2 3 4)), (1, kernels!(1, true, true: 1 2))],
    split: &[],
};

/// For all products.
pub(super) static PORTABLE: Set = PORTABLE_KERNELS;
/// For products whose A lies by rows.
pub(super) static PORTABLE_BY_ROWS: Set = PORTABLE_KERNELS.by_rows();

/// The same for convolutions.
pub(super) static TAPS_PORTABLE: TapsSet = TapsSet {
    lanes: V4::LANES,
    rows: &[taps!(2, false, false: 1 2 3 4), taps!(1, false, true: 1 2 3 4)],
    columns: &[taps!(2, true, false: 1 2 3 4), taps!(1, true, true: 1 2 3 4)],
    lines: &[],
};

/// Four floats.
#[derive(Clone, Copy)]
struct V4([f32; 4]);

impl Vector for V4 {
    const LANES: usize = 4;
    /// Where each lane is read from: its own place, or behind the first lanes the place of the last of them.
    type Mask = [usize; 4];

    #[inline(always)]
    fn pin(at: *const f32) -> *const f32 {
        at
    }
    #[inline(always)]
    unsafe fn mask(lanes: usize) -> [usize; 4] {
        [0, 1, 2, 3].map(|i: usize| i.min(lanes - 1))
    }
    #[inline(always)]
    unsafe fn zero() -> V4 {
        V4([0.0; 4])
    }
    #[inline(always)]
    unsafe fn splat(at: *const f32) -> V4 {
        // SAFETY: the caller's.
        V4([unsafe { *at }; 4])
    }
    #[inline(always)]
    unsafe fn load(at: *const f32) -> V4 {
        // SAFETY: the caller's; an array of floats is aligned as a float is.
        V4(unsafe { *at.cast() })
    }
    #[inline(always)]
    unsafe fn load_first(at: *const f32, mask: [usize; 4]) -> V4 {
        // SAFETY: the caller's; every place is one of the first lanes.
        V4(mask.map(|place| unsafe { *at.add(place) }))
    }
    #[inline(always)]
    unsafe fn store(self, at: *mut f32) {
        // SAFETY: the caller's.
        unsafe { *at.cast() = self.0 }
    }
    #[inline(always)]
    unsafe fn store_first(self, at: *mut f32, mask: [usize; 4]) {
        for i in 0..V4::LANES {
            if mask[i] == i {
                // SAFETY: the caller's.
                unsafe { *at.add(i) = self.0[i] };
            }
        }
    }
    #[inline(always)]
    unsafe fn add(self, other: V4) -> V4 {
        V4([0, 1, 2, 3].map(|i| self.0[i] + other.0[i]))
    }
    #[inline(always)]
    fn fetch_near(_: *const f32) {}
    #[inline(always)]
    fn fetch(_: *const f32) {}
    /// Rounded twice: without an instruction for it, one rounding takes a hundred times as long.
    #[inline(always)]
    unsafe fn mul_add(self, a: V4, b: V4) -> V4 {
        V4([0, 1, 2, 3].map(|i| self.0[i] * a.0[i] + b.0[i]))
    }
}

unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, to_stride: usize, cols: usize) {
    for row in 0..V4::LANES {
        for col in 0..cols {
            // SAFETY: the caller's.
            unsafe { *to.add(col * to_stride + row) = *from.add(row * stride + col) };
        }
    }
}

unsafe fn copy_4(from: *const f32, stride: usize, to: *mut f32, to_stride: usize, rows: usize, cols: usize) {
    // SAFETY: the caller's.
    unsafe { copy::<V4>(from, stride, to, to_stride, rows, cols) }
}
