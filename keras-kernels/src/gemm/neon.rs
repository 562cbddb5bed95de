//! The kernels of NEON, which every AArch64 has.

use core::arch::aarch64::*;
use core::arch::asm;

use super::features::{FeaturesSet, Grads, Sums, grads, sums};
use super::set::Set;
use super::taps::{Taps, TapsSet, taps};
use super::tile::{Tile, Vector, copy, tile};

unsafe fn neon<const R: usize, const N: usize, const S: usize, const COLUMNS: bool, const EDGE: bool>(t: &Tile) {
    // SAFETY: the caller's, and every AArch64 has NEON.
    unsafe { tile::<V4, R, N, S, COLUMNS, EDGE>(t) }
}

unsafe fn taps_neon<const R: usize, const N: usize, const COLUMNS: bool, const EDGE: bool>(t: &Taps<'_>) {
    // SAFETY: the caller's, and every AArch64 has NEON.
    unsafe { taps::<V4, R, N, COLUMNS, EDGE>(t) }
}

unsafe fn sums_neon<const W: usize, const THREE: bool>(t: &Sums<'_>) {
    // SAFETY: the caller's, and every AArch64 has NEON.
    unsafe { sums::<V4, W, THREE>(t) }
}

unsafe fn grads_neon<const T: usize>(t: &Grads<'_>) {
    // SAFETY: the caller's, and every AArch64 has NEON.
    unsafe { grads::<V4, T, 2>(t) }
}

macro_rules! sums {
    ($three:literal: $($w:literal)*) => {
        &[$(sums_neon::<$w, $three>),*]
    };
}

macro_rules! grads {
    ($($t:literal)*) => {
        &[$(grads_neon::<$t>),*]
    };
}

/// Of 32 registers eight sums, or 18.
pub(super) static FEATURES_NEON: FeaturesSet = FeaturesSet {
    sums: sums!(false: 1 2 3 4 5 6 7 8),
    threes: sums!(true: 1 2 3 4 5 6 7 8),
    grads: grads!(1 2 3 4 5 6 7 8 9),
};

macro_rules! taps {
    ($n:literal, $columns:literal, $edge:literal: $($r:literal)*) => {
        ($n, &[$(taps_neon::<$r, $n, $columns, $edge>),*])
    };
}

macro_rules! kernels {
    ($n:literal, $s:literal, $columns:literal, $edge:literal: $($r:literal)*) => {
        &[$(neon::<$r, $n, $s, $columns, $edge>),*]
    };
}

/// 32 registers: 24 sums, four vectors of B, one of A. One row has 16 sums, as many as four units of four cycles keep busy.
const NEON_KERNELS: Set = Set {
    lanes: V4::LANES,
    many: 4,
    transpose,
    copy: copy_4,
    rows: &[
        (16, kernels!(16, 1, false, false: 1)),
        (8, kernels!(8, 1, false, false: 1 2 3)),
        (4, kernels!(4, 1, false, false: 1 2 3 4 5 6)),
        (2, kernels!(2, 1, false, false: 1 2 3 4 5 6 7 8 9 10 11 12)),
        (1, kernels!(1, 1, false, true: 1 2 3 4 5 6 7 8 9 10 11 12)),
    ],
    columns: &[
        (4, kernels!(4, 1, true, false: 1 2 3 4 5 6)),
        (2, kernels!(2, 1, true, false: 1 2 3 4 5 6 7 8 9 10 11 12)),
        (1, kernels!(1, 1, true, true: 1 2 3 4 5 6 7 8 9 10 11 12)),
    ],
    split: &[kernels!(1, 4, false, true: 1 2 3 4 5 6 7), kernels!(2, 2, false, true: 1 2 3 4 5 6 7)],
};

/// For all products.
pub(super) static NEON: Set = NEON_KERNELS;
/// For products whose A lies by rows.
pub(super) static NEON_BY_ROWS: Set = NEON_KERNELS.by_rows();

/// The same for convolutions.
pub(super) static TAPS_NEON: TapsSet = TapsSet {
    lanes: V4::LANES,
    rows: &[
        taps!(4, false, false: 1 2 3 4 5 6),
        taps!(2, false, false: 1 2 3 4 5 6 7 8 9 10 11 12),
        taps!(1, false, true: 1 2 3 4 5 6 7 8 9 10 11 12),
    ],
    columns: &[
        taps!(4, true, false: 1 2 3 4 5 6),
        taps!(2, true, false: 1 2 3 4 5 6 7 8 9 10 11 12),
        taps!(1, true, true: 1 2 3 4 5 6 7 8 9 10 11 12),
    ],
    lines: &[],
};

/// Four floats.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct V4(float32x4_t);

impl Vector for V4 {
    const LANES: usize = 4;
    /// How many lanes: there are no masks, so the first of a vector are read and written by pieces.
    type Mask = usize;

    #[inline(always)]
    fn pin(mut at: *const f32) -> *const f32 {
        // SAFETY: no instruction at all.
        unsafe { asm!("/* {0} */", inout(reg) at, options(pure, readonly, nostack, preserves_flags)) };
        at
    }
    #[inline(always)]
    unsafe fn mask(lanes: usize) -> usize {
        lanes
    }
    #[inline(always)]
    unsafe fn zero() -> V4 {
        // SAFETY: the caller's.
        V4(unsafe { vdupq_n_f32(0.0) })
    }
    #[inline(always)]
    unsafe fn splat(at: *const f32) -> V4 {
        // SAFETY: the caller's.
        V4(unsafe { vld1q_dup_f32(at) })
    }
    #[inline(always)]
    unsafe fn load(at: *const f32) -> V4 {
        // SAFETY: the caller's.
        V4(unsafe { vld1q_f32(at) })
    }
    #[inline(always)]
    unsafe fn load_first(at: *const f32, lanes: usize) -> V4 {
        // SAFETY: the caller's; nothing is read behind the first lanes.
        V4(unsafe {
            match lanes {
                1 => vld1q_lane_f32::<0>(at, vdupq_n_f32(0.0)),
                2 => vcombine_f32(vld1_f32(at), vdup_n_f32(0.0)),
                3 => vld1q_lane_f32::<2>(at.add(2), vcombine_f32(vld1_f32(at), vdup_n_f32(0.0))),
                _ => vld1q_f32(at),
            }
        })
    }
    #[inline(always)]
    unsafe fn store(self, at: *mut f32) {
        // SAFETY: the caller's.
        unsafe { vst1q_f32(at, self.0) }
    }
    #[inline(always)]
    unsafe fn store_first(self, at: *mut f32, lanes: usize) {
        // SAFETY: the caller's; nothing is written behind the first lanes.
        unsafe {
            match lanes {
                1 => vst1q_lane_f32::<0>(at, self.0),
                2 => vst1_f32(at, vget_low_f32(self.0)),
                3 => {
                    vst1_f32(at, vget_low_f32(self.0));
                    vst1q_lane_f32::<2>(at.add(2), self.0);
                }
                _ => vst1q_f32(at, self.0),
            }
        }
    }
    #[inline(always)]
    unsafe fn add(self, other: V4) -> V4 {
        // SAFETY: the caller's.
        V4(unsafe { vaddq_f32(self.0, other.0) })
    }
    #[inline(always)]
    fn fetch_near(at: *const f32) {
        // SAFETY: the instruction changes nothing and fails on no address.
        unsafe { asm!("prfm pldl1keep, [{}]", in(reg) at, options(nostack, preserves_flags, readonly)) };
    }
    #[inline(always)]
    fn fetch(at: *const f32) {
        // SAFETY: the instruction changes nothing and fails on no address.
        unsafe { asm!("prfm pldl2keep, [{}]", in(reg) at, options(nostack, preserves_flags, readonly)) };
    }
    #[inline(always)]
    unsafe fn mul_add(self, a: V4, b: V4) -> V4 {
        // SAFETY: the caller's.
        V4(unsafe { vfmaq_f32(b.0, self.0, a.0) })
    }
}

unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, to_stride: usize, cols: usize) {
    for col in (0..cols).step_by(4) {
        let (from, to) = (from.wrapping_add(col), to.wrapping_add(col * to_stride));
        // SAFETY: the caller's.
        unsafe {
            let row = |r: usize| vld1q_f32(from.add(r * stride));
            let (ab, cd) = (vtrnq_f32(row(0), row(1)), vtrnq_f32(row(2), row(3)));
            let halves = |ab: float32x4_t, cd: float32x4_t| {
                (vcombine_f32(vget_low_f32(ab), vget_low_f32(cd)), vcombine_f32(vget_high_f32(ab), vget_high_f32(cd)))
            };
            let ((first, third), (second, fourth)) = (halves(ab.0, cd.0), halves(ab.1, cd.1));
            vst1q_f32(to, first);
            vst1q_f32(to.add(to_stride), second);
            vst1q_f32(to.add(2 * to_stride), third);
            vst1q_f32(to.add(3 * to_stride), fourth);
        }
    }
}

unsafe fn copy_4(from: *const f32, stride: usize, to: *mut f32, to_stride: usize, rows: usize, cols: usize) {
    // SAFETY: the caller's.
    unsafe { copy::<V4>(from, stride, to, to_stride, rows, cols) }
}
