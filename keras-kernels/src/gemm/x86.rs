//! The kernels of the instruction sets of x86-64.

use core::arch::asm;
use core::arch::x86_64::*;

use super::features::{FeaturesSet, Grads, Sums, grads, sums};
use super::few::{self, Line, line};
use super::set::Set;
use super::taps::{Taps, TapsSet, taps};
use super::tile::{Tile, Vector, copy, tile};

#[target_feature(enable = "avx512f")]
unsafe fn avx512<const R: usize, const N: usize, const S: usize, const COLUMNS: bool, const EDGE: bool>(t: &Tile) {
    // SAFETY: the caller's, and this is compiled for AVX-512.
    unsafe { tile::<V16, R, N, S, COLUMNS, EDGE>(t) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<const R: usize, const N: usize, const S: usize, const COLUMNS: bool, const EDGE: bool>(t: &Tile) {
    // SAFETY: the caller's, and this is compiled for AVX2 with FMA.
    unsafe { tile::<V8, R, N, S, COLUMNS, EDGE>(t) }
}

#[target_feature(enable = "avx512f")]
unsafe fn taps_avx512<const R: usize, const N: usize, const COLUMNS: bool, const EDGE: bool>(t: &Taps<'_>) {
    // SAFETY: the caller's, and this is compiled for AVX-512.
    unsafe { taps::<V16, R, N, COLUMNS, EDGE>(t) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn taps_avx2<const R: usize, const N: usize, const COLUMNS: bool, const EDGE: bool>(t: &Taps<'_>) {
    // SAFETY: the caller's, and this is compiled for AVX2 with FMA.
    unsafe { taps::<V8, R, N, COLUMNS, EDGE>(t) }
}

#[target_feature(enable = "avx512f")]
unsafe fn line_avx512<const S: usize, const L: usize, const N: usize, const EDGE: bool>(t: &Line<'_>) {
    // SAFETY: the caller's, and this is compiled for AVX-512.
    unsafe { line::<V16, S, L, N, 4, EDGE>(t) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn line_avx2<const S: usize, const L: usize, const N: usize, const EDGE: bool>(t: &Line<'_>) {
    // SAFETY: the caller's, and this is compiled for AVX2 with FMA.
    unsafe { line::<V8, S, L, N, 4, EDGE>(t) }
}

/// Of 32 registers 18 for B, eight sums and what they begin with.
static LINES_AVX512: [few::Kind; 2] =
    [([3, 3, 2], line_avx512::<3, 3, 2, false>), ([3, 3, 1], line_avx512::<3, 3, 1, true>)];

/// Of 16 registers nine for B and four sums.
static LINES_AVX2: [few::Kind; 1] = [([3, 3, 1], line_avx2::<3, 3, 1, true>)];

#[target_feature(enable = "avx512f")]
unsafe fn sums_avx512<const W: usize, const THREE: bool>(t: &Sums<'_>) {
    // SAFETY: the caller's, and this is compiled for AVX-512.
    unsafe { sums::<V16, W, THREE>(t) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn sums_avx2<const W: usize, const THREE: bool>(t: &Sums<'_>) {
    // SAFETY: the caller's, and this is compiled for AVX2 with FMA.
    unsafe { sums::<V8, W, THREE>(t) }
}

#[target_feature(enable = "avx512f")]
unsafe fn grads_avx512<const T: usize, const N: usize>(t: &Grads<'_>) {
    // SAFETY: the caller's, and this is compiled for AVX-512.
    unsafe { grads::<V16, T, N>(t) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn grads_avx2<const T: usize, const N: usize>(t: &Grads<'_>) {
    // SAFETY: the caller's, and this is compiled for AVX2 with FMA.
    unsafe { grads::<V8, T, N>(t) }
}

macro_rules! sums {
    ($isa:ident, $three:literal: $($w:literal)*) => {
        &[$($isa::<$w, $three>),*]
    };
}

macro_rules! grads {
    ($isa:ident: $($t:literal by $n:literal),*) => {
        &[$($isa::<$t, $n>),*]
    };
}

/// Of 32 registers eight sums, or 18.
pub(super) static FEATURES_AVX512: FeaturesSet = FeaturesSet {
    sums: sums!(sums_avx512, false: 1 2 3 4 5 6 7 8),
    threes: sums!(sums_avx512, true: 1 2 3 4 5 6 7 8),
    grads: grads!(grads_avx512: 1 by 2, 2 by 2, 3 by 2, 4 by 2, 5 by 2, 6 by 2, 7 by 2, 8 by 2, 9 by 2),
};

/// Of 16 registers eight sums, or nine or so.
pub(super) static FEATURES_AVX2: FeaturesSet = FeaturesSet {
    sums: sums!(sums_avx2, false: 1 2 3 4 5 6 7 8),
    threes: sums!(sums_avx2, true: 1 2 3 4 5 6 7 8),
    grads: grads!(grads_avx2: 1 by 2, 2 by 2, 3 by 2, 4 by 2, 5 by 2, 6 by 1, 7 by 1, 8 by 1, 9 by 1),
};

macro_rules! taps {
    ($isa:ident, $n:literal, $columns:literal, $edge:literal: $($r:literal)*) => {
        ($n, &[$($isa::<$r, $n, $columns, $edge>),*])
    };
}

macro_rules! kernels {
    ($isa:ident, $n:literal, $s:literal, $columns:literal, $edge:literal: $($r:literal)*) => {
        &[$($isa::<$r, $n, $s, $columns, $edge>),*]
    };
}

/// 32 registers: 24 sums, four vectors of B, one of A.
const AVX512_KERNELS: Set = Set {
    lanes: V16::LANES,
    many: 4,
    transpose: transpose_16,
    copy: copy_16,
    rows: &[
        (8, kernels!(avx512, 8, 1, false, false: 1 2 3)),
        (4, kernels!(avx512, 4, 1, false, false: 1 2 3 4 5 6)),
        (2, kernels!(avx512, 2, 1, false, false: 1 2 3 4 5 6 7 8 9 10 11 12)),
        (1, kernels!(avx512, 1, 1, false, true: 1 2 3 4 5 6 7 8 9 10 11 12)),
    ],
    columns: &[
        (4, kernels!(avx512, 4, 1, true, false: 1 2 3 4 5 6)),
        (2, kernels!(avx512, 2, 1, true, false: 1 2 3 4 5 6 7 8 9 10 11 12)),
        (1, kernels!(avx512, 1, 1, true, true: 1 2 3 4 5 6 7 8 9 10 11 12)),
    ],
    split: &[kernels!(avx512, 1, 4, false, true: 1 2 3 4 5 6 7), kernels!(avx512, 2, 2, false, true: 1 2 3 4 5 6 7)],
};

/// For all products.
pub(super) static AVX512: Set = AVX512_KERNELS;
/// For products whose A lies by rows.
pub(super) static AVX512_BY_ROWS: Set = AVX512_KERNELS.by_rows();

/// The same for convolutions.
pub(super) static TAPS_AVX512: TapsSet = TapsSet {
    lanes: V16::LANES,
    rows: &[
        taps!(taps_avx512, 4, false, false: 1 2 3 4 5 6),
        taps!(taps_avx512, 2, false, false: 1 2 3 4 5 6 7 8 9 10 11 12),
        taps!(taps_avx512, 1, false, true: 1 2 3 4 5 6 7 8 9 10 11 12),
    ],
    columns: &[
        taps!(taps_avx512, 4, true, false: 1 2 3 4 5 6),
        taps!(taps_avx512, 2, true, false: 1 2 3 4 5 6 7 8 9 10 11 12),
        taps!(taps_avx512, 1, true, true: 1 2 3 4 5 6 7 8 9 10 11 12),
    ],
    lines: &LINES_AVX512,
};

/// 16 registers: 12 sums, two vectors of B, one of A.
const AVX2_KERNELS: Set = Set {
    lanes: V8::LANES,
    many: 2,
    transpose: transpose_8,
    copy: copy_8,
    rows: &[
        (8, kernels!(avx2, 8, 1, false, false: 1)),
        (4, kernels!(avx2, 4, 1, false, false: 1 2 3)),
        (2, kernels!(avx2, 2, 1, false, false: 1 2 3 4 5 6)),
        (1, kernels!(avx2, 1, 1, false, true: 1 2 3 4 5 6)),
    ],
    columns: &[(2, kernels!(avx2, 2, 1, true, false: 1 2 3 4 5 6)), (1, kernels!(avx2, 1, 1, true, true: 1 2 3 4 5 6))],
    split: &[kernels!(avx2, 1, 4, false, true: 1 2 3), kernels!(avx2, 2, 2, false, true: 1 2 3)],
};

/// For all products.
pub(super) static AVX2: Set = AVX2_KERNELS;
/// For products whose A lies by rows.
pub(super) static AVX2_BY_ROWS: Set = AVX2_KERNELS.by_rows();

/// The same for convolutions.
pub(super) static TAPS_AVX2: TapsSet = TapsSet {
    lanes: V8::LANES,
    rows: &[taps!(taps_avx2, 2, false, false: 1 2 3 4 5 6), taps!(taps_avx2, 1, false, true: 1 2 3 4 5 6)],
    columns: &[taps!(taps_avx2, 2, true, false: 1 2 3 4 5 6), taps!(taps_avx2, 1, true, true: 1 2 3 4 5 6)],
    lines: &LINES_AVX2,
};

macro_rules! vector {
    (
        $(#[$doc:meta])* $name:ident($inner:ty) of $lanes:literal, $mask:ident -> $mask_type:ty,
        $zero:ident, $splat:ident, $load:ident, $load_first:ident, $store:ident, $store_first:ident, $add:ident,
        $mul_add:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        struct $name($inner);

        impl Vector for $name {
            const LANES: usize = $lanes;
            type Mask = $mask_type;

            #[inline(always)]
            fn pin(mut at: *const f32) -> *const f32 {
                // SAFETY: no instruction at all.
                unsafe { asm!("/* {0} */", inout(reg) at, options(pure, readonly, nostack, preserves_flags)) };
                at
            }
            #[inline(always)]
            unsafe fn mask(lanes: usize) -> $mask_type {
                // SAFETY: the caller's.
                unsafe { $mask(lanes) }
            }
            #[inline(always)]
            unsafe fn zero() -> $name {
                // SAFETY: the caller's.
                $name(unsafe { $zero() })
            }
            #[inline(always)]
            unsafe fn splat(at: *const f32) -> $name {
                // SAFETY: the caller's.
                $name(unsafe { $splat(*at) })
            }
            #[inline(always)]
            unsafe fn load(at: *const f32) -> $name {
                // SAFETY: the caller's.
                $name(unsafe { $load(at) })
            }
            #[inline(always)]
            unsafe fn load_first(at: *const f32, mask: $mask_type) -> $name {
                // SAFETY: the caller's.
                $name(unsafe { $load_first(at, mask) })
            }
            #[inline(always)]
            unsafe fn store(self, at: *mut f32) {
                // SAFETY: the caller's.
                unsafe { $store(at, self.0) }
            }
            #[inline(always)]
            unsafe fn store_first(self, at: *mut f32, mask: $mask_type) {
                // SAFETY: the caller's.
                unsafe { $store_first(at, mask, self.0) }
            }
            #[inline(always)]
            unsafe fn add(self, other: $name) -> $name {
                // SAFETY: the caller's.
                $name(unsafe { $add(self.0, other.0) })
            }
            #[inline(always)]
            fn fetch_near(at: *const f32) {
                // SAFETY: every processor of these has the instruction, and it may be given any address.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
            }
            #[inline(always)]
            fn fetch(at: *const f32) {
                // SAFETY: every processor of these has the instruction, and it may be given any address.
                unsafe { _mm_prefetch::<_MM_HINT_T1>(at.cast()) }
            }
            #[inline(always)]
            unsafe fn mul_add(self, a: $name, b: $name) -> $name {
                // SAFETY: the caller's.
                $name(unsafe { $mul_add(self.0, a.0, b.0) })
            }
        }
    };
}

vector! {
    /// AVX-512.
    V16(__m512) of 16, mask_16 -> __mmask16,
    _mm512_setzero_ps, _mm512_set1_ps, _mm512_loadu_ps, load_16, _mm512_storeu_ps, _mm512_mask_storeu_ps, _mm512_add_ps,
    _mm512_fmadd_ps
}

vector! {
    /// AVX2 with FMA.
    V8(__m256) of 8, mask_8 -> __m256i,
    _mm256_setzero_ps, _mm256_set1_ps, _mm256_loadu_ps, _mm256_maskload_ps, _mm256_storeu_ps, _mm256_maskstore_ps,
    _mm256_add_ps, _mm256_fmadd_ps
}

#[inline(always)]
unsafe fn mask_16(lanes: usize) -> __mmask16 {
    (u32::MAX >> (32 - lanes as u32)) as __mmask16
}

#[inline(always)]
unsafe fn load_16(at: *const f32, mask: __mmask16) -> __m512 {
    // SAFETY: the caller's.
    unsafe { _mm512_maskz_loadu_ps(mask, at) }
}

#[inline(always)]
unsafe fn mask_8(lanes: usize) -> __m256i {
    /// As many ones as there are lanes, then as many zeros.
    static ONES: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    // SAFETY: the caller's; `lanes` is from 1 to 8, so the eight elements lie within the sixteen.
    unsafe { _mm256_loadu_si256(ONES.as_ptr().add(8 - lanes).cast()) }
}

#[target_feature(enable = "avx512f")]
unsafe fn transpose_16(from: *const f32, stride: usize, to: *mut f32, to_stride: usize, cols: usize) {
    for col in (0..cols).step_by(4) {
        let (from, to) = (from.wrapping_add(col), to.wrapping_add(col * to_stride));
        // SAFETY: the caller's.
        unsafe {
            // Four elements each of the rows r, r + 4, r + 8 and r + 12.
            let rows = |r: usize| {
                let quarter = |r: usize| _mm_loadu_ps(from.add(r * stride));
                let v = _mm512_castps128_ps512(quarter(r));
                let v = _mm512_insertf32x4::<1>(v, quarter(r + 4));
                let v = _mm512_insertf32x4::<2>(v, quarter(r + 8));
                _mm512_insertf32x4::<3>(v, quarter(r + 12))
            };
            let (a, b, c, d) = (rows(0), rows(1), rows(2), rows(3));
            let (ab, cd) = (_mm512_castps_pd(_mm512_unpacklo_ps(a, b)), _mm512_castps_pd(_mm512_unpacklo_ps(c, d)));
            _mm512_storeu_pd(to.cast(), _mm512_unpacklo_pd(ab, cd));
            _mm512_storeu_pd(to.add(to_stride).cast(), _mm512_unpackhi_pd(ab, cd));
            let (ab, cd) = (_mm512_castps_pd(_mm512_unpackhi_ps(a, b)), _mm512_castps_pd(_mm512_unpackhi_ps(c, d)));
            _mm512_storeu_pd(to.add(2 * to_stride).cast(), _mm512_unpacklo_pd(ab, cd));
            _mm512_storeu_pd(to.add(3 * to_stride).cast(), _mm512_unpackhi_pd(ab, cd));
        }
    }
}

#[target_feature(enable = "avx2")]
unsafe fn transpose_8(from: *const f32, stride: usize, to: *mut f32, to_stride: usize, cols: usize) {
    for col in (0..cols).step_by(4) {
        let (from, to) = (from.wrapping_add(col), to.wrapping_add(col * to_stride));
        // SAFETY: the caller's.
        unsafe {
            // Four elements each of the rows r and r + 4.
            let rows = |r: usize| {
                let half = |r: usize| _mm_loadu_ps(from.add(r * stride));
                _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(half(r)), half(r + 4))
            };
            let (a, b, c, d) = (rows(0), rows(1), rows(2), rows(3));
            let (ab, cd) = (_mm256_castps_pd(_mm256_unpacklo_ps(a, b)), _mm256_castps_pd(_mm256_unpacklo_ps(c, d)));
            _mm256_storeu_pd(to.cast(), _mm256_unpacklo_pd(ab, cd));
            _mm256_storeu_pd(to.add(to_stride).cast(), _mm256_unpackhi_pd(ab, cd));
            let (ab, cd) = (_mm256_castps_pd(_mm256_unpackhi_ps(a, b)), _mm256_castps_pd(_mm256_unpackhi_ps(c, d)));
            _mm256_storeu_pd(to.add(2 * to_stride).cast(), _mm256_unpacklo_pd(ab, cd));
            _mm256_storeu_pd(to.add(3 * to_stride).cast(), _mm256_unpackhi_pd(ab, cd));
        }
    }
}

#[target_feature(enable = "avx512f")]
unsafe fn copy_16(from: *const f32, stride: usize, to: *mut f32, to_stride: usize, rows: usize, cols: usize) {
    // SAFETY: the caller's.
    unsafe { copy::<V16>(from, stride, to, to_stride, rows, cols) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn copy_8(from: *const f32, stride: usize, to: *mut f32, to_stride: usize, rows: usize, cols: usize) {
    // SAFETY: the caller's.
    unsafe { copy::<V8>(from, stride, to, to_stride, rows, cols) }
}
