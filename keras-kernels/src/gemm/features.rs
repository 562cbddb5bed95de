//! The kernels of convolutions whose features do not mix: each sum is over taps alone, so that a vector is some features of
//! one position, and nothing is broadcast.

use super::taps::Segment;
use super::tile::{GROUP, GROUPS, Start, Vector};
use crate::Isa;
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
use crate::isa::Level;

/// Windows that lie side by side and meet the same taps: C = Σ A · B over these, feature by feature.
pub(crate) struct Sums<'a> {
    pub(crate) c: *mut f32,
    /// Floats of C from one window to the next.
    pub(crate) ldc: usize,
    pub(crate) a: *const f32,
    /// Floats of A from one window to the next.
    pub(crate) lda: usize,
    pub(crate) b: *const f32,
    /// Where each line of taps begins in A and in B; the distances may wrap.
    pub(crate) segments: &'a [Segment],
    /// Taps of a line, and floats of A and of B from one to the next; the distances may wrap.
    pub(crate) taps: usize,
    pub(crate) a_step: usize,
    pub(crate) b_step: usize,
    /// Whether the first window's first tap, or the last one's last tap, is not there: for kernels of three taps that are as far
    /// apart as the windows, which take 0 for it.
    pub(crate) beyond: [bool; 2],
    /// How many times as many windows as the kernel has.
    pub(crate) times: usize,
    pub(crate) features: usize,
    pub(crate) start: Start,
}

/// A kernel, compiled for an instruction set and a number of windows.
///
/// # Safety
/// The processor has the instruction set. For all windows and features C is valid for writes (and reads, if the sums begin
/// with it), A and B for reads along all taps.
pub(crate) type SumsKernel = unsafe fn(&Sums<'_>);

/// The gradient of some taps over windows that lie side by side: C += Σ A · B over these, feature by feature.
pub(crate) struct Grads<'a> {
    pub(crate) c: *mut f32,
    pub(crate) a: *const f32,
    /// Floats of A from one window to the next.
    pub(crate) lda: usize,
    pub(crate) b: *const f32,
    /// Floats of B from one window to the next.
    pub(crate) ldb: usize,
    /// Where each tap begins in A, and in C (as `b`): as many as the kernel has.
    pub(crate) taps: &'a [Segment],
    pub(crate) windows: usize,
    pub(crate) features: usize,
}

/// A kernel, compiled for an instruction set and a number of taps.
///
/// # Safety
/// The processor has the instruction set. For all windows and features B is valid for reads, for all taps too A for reads
/// and C for reads and writes.
pub(crate) type GradsKernel = unsafe fn(&Grads<'_>);

/// The kernels of an instruction set.
pub(crate) struct FeaturesSet {
    /// By number of windows, beginning with 1.
    pub(crate) sums: &'static [SumsKernel],
    /// As many of them for lines of three taps that are as far apart as the windows are: each position is loaded once. There
    /// may be none.
    pub(crate) threes: &'static [SumsKernel],
    /// By number of taps, beginning with 1.
    pub(crate) grads: &'static [GradsKernel],
}

impl FeaturesSet {
    /// The kernels for so many taps of a line; `close` says whether these are as far apart as windows are.
    pub(crate) fn sums(&self, taps: usize, close: bool) -> &'static [SumsKernel] {
        if close && taps == 3 && !self.threes.is_empty() { self.threes } else { self.sums }
    }

    /// The kernels of an instruction set.
    pub(crate) fn of(isa: Isa) -> &'static FeaturesSet {
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        return match isa.level() {
            Level::Avx512 => &super::x86::FEATURES_AVX512,
            Level::Avx2 => &super::x86::FEATURES_AVX2,
            _ => &super::portable::FEATURES_PORTABLE,
        };
        #[cfg(all(feature = "std", target_arch = "aarch64"))]
        return match isa.level() {
            Level::Neon => &super::neon::FEATURES_NEON,
            _ => &super::portable::FEATURES_PORTABLE,
        };
        #[cfg(not(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64"))))]
        {
            let _ = isa;
            &super::portable::FEATURES_PORTABLE
        }
    }
}

/// A vector, or its first lanes if `EDGE`.
///
/// # Safety
/// As the loads of [`Vector`].
#[inline(always)]
unsafe fn load<V: Vector, const EDGE: bool>(at: *const f32, mask: V::Mask) -> V {
    // SAFETY: the caller's.
    unsafe { if EDGE { V::load_first(at, mask) } else { V::load(at) } }
}

/// Writes a vector, or its first lanes if `EDGE`.
///
/// # Safety
/// As the stores of [`Vector`].
#[inline(always)]
unsafe fn store<V: Vector, const EDGE: bool>(vector: V, at: *mut f32, mask: V::Mask) {
    // SAFETY: the caller's.
    unsafe { if EDGE { vector.store_first(at, mask) } else { vector.store(at) } }
}

/// `W` windows at a time. Each element is one chain of multiply-adds, line of taps by line of taps. `THREE` says that there are
/// three taps in each line, as far apart as the windows.
///
/// # Safety
/// As [`SumsKernel`]; the caller is compiled for the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn sums<V: Vector, const W: usize, const THREE: bool>(t: &Sums<'_>) {
    let whole = t.features - t.features % V::LANES;
    let (mut c, mut a) = (t.c, t.a);
    // SAFETY: the caller's; a mask has at least one lane and at most all.
    unsafe {
        let mask = V::mask((t.features - whole).max(1));
        for i in 0..t.times {
            let beyond = [t.beyond[0] && i == 0, t.beyond[1] && i == t.times - 1];
            for feature in (0..whole).step_by(V::LANES) {
                windows::<V, W, THREE, false>(t, c, a, feature, beyond, mask);
            }
            if whole < t.features {
                windows::<V, W, THREE, true>(t, c, a, whole, beyond, mask);
            }
            (c, a) = (c.wrapping_add(W * t.ldc), a.wrapping_add(W * t.lda));
        }
    }
}

/// A vector of features of `W` windows.
///
/// # Safety
/// As [`sums`].
#[inline(always)]
unsafe fn windows<V: Vector, const W: usize, const THREE: bool, const EDGE: bool>(
    t: &Sums<'_>,
    c: *mut f32,
    a: *const f32,
    feature: usize,
    beyond: [bool; 2],
    mask: V::Mask,
) {
    let (c, a, first) = (c.wrapping_add(feature), a.wrapping_add(feature), t.b.wrapping_add(feature));
    // SAFETY: all addresses are within the operands that the caller vouches for.
    unsafe {
        let mut sums = [V::zero(); W];
        match t.start {
            Start::Zero => {}
            Start::Row(at) => sums = [load::<V, EDGE>(at.wrapping_add(feature), mask); W],
            Start::Sum => {
                for w in 0..W {
                    sums[w] = load::<V, EDGE>(c.wrapping_add(w * t.ldc), mask);
                }
            }
        }
        for segment in t.segments {
            let mut b = first.wrapping_add(segment.b);
            let mut at = [a; GROUPS];
            for g in 0..(if THREE { W + 2 } else { W }).div_ceil(GROUP) {
                at[g] = V::pin(a.wrapping_add(segment.a).wrapping_add(g * GROUP * t.lda));
            }
            if THREE {
                let mut weights = [V::zero(); 3];
                for w in &mut weights {
                    *w = load::<V, EDGE>(b, mask);
                    b = b.wrapping_add(t.b_step);
                }
                let mut x = [V::zero(); 3];
                if !beyond[0] {
                    x[1] = load::<V, EDGE>(at[0], mask);
                }
                x[2] = load::<V, EDGE>(at[0].wrapping_add(t.lda), mask);
                for w in 0..W {
                    x = [x[1], x[2], V::zero()];
                    if w < W - 1 || !beyond[1] {
                        x[2] = load::<V, EDGE>(at[(w + 2) / GROUP].wrapping_add((w + 2) % GROUP * t.lda), mask);
                    }
                    for tap in 0..3 {
                        sums[w] = x[tap].mul_add(weights[tap], sums[w]);
                    }
                }
                continue;
            }
            for _ in 0..t.taps {
                let weights = load::<V, EDGE>(b, mask);
                for w in 0..W {
                    let x = load::<V, EDGE>(at[w / GROUP].wrapping_add(w % GROUP * t.lda), mask);
                    sums[w] = x.mul_add(weights, sums[w]);
                }
                for g in 0..W.div_ceil(GROUP) {
                    at[g] = at[g].wrapping_add(t.a_step);
                }
                b = b.wrapping_add(t.b_step);
            }
        }
        for w in 0..W {
            store::<V, EDGE>(sums[w], c.wrapping_add(w * t.ldc), mask);
        }
    }
}

/// `T` taps by `N` vectors of features, as long as there are so many. Each element is one chain of multiply-adds.
///
/// # Safety
/// As [`GradsKernel`]; the caller is compiled for the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn grads<V: Vector, const T: usize, const N: usize>(t: &Grads<'_>) {
    let whole = t.features - t.features % V::LANES;
    let mut feature = 0;
    // SAFETY: the caller's; a mask has at least one lane and at most all.
    unsafe {
        let mask = V::mask((t.features - whole).max(1));
        while feature + N * V::LANES <= whole {
            taps::<V, T, N, false>(t, feature, mask);
            feature += N * V::LANES;
        }
        while feature < whole {
            taps::<V, T, 1, false>(t, feature, mask);
            feature += V::LANES;
        }
        if feature < t.features {
            taps::<V, T, 1, true>(t, feature, mask);
        }
    }
}

/// `N` vectors of features of `T` taps.
///
/// # Safety
/// As [`grads`].
#[inline(always)]
unsafe fn taps<V: Vector, const T: usize, const N: usize, const EDGE: bool>(
    t: &Grads<'_>,
    feature: usize,
    mask: V::Mask,
) {
    let (c, mut b) = (t.c.wrapping_add(feature), t.b.wrapping_add(feature));
    // SAFETY: all addresses are within the operands that the caller vouches for.
    unsafe {
        let (mut sums, mut a) = ([[V::zero(); N]; T], [t.a; T]);
        for s in 0..T {
            a[s] = V::pin(t.a.wrapping_add(feature).wrapping_add(t.taps[s].a));
            for j in 0..N {
                sums[s][j] = load::<V, EDGE>(c.wrapping_add(t.taps[s].b + j * V::LANES), mask);
            }
        }
        let mut at = 0;
        for _ in 0..t.windows {
            let mut dy = [V::zero(); N];
            for j in 0..N {
                dy[j] = load::<V, EDGE>(b.wrapping_add(j * V::LANES), mask);
            }
            for s in 0..T {
                for j in 0..N {
                    let x = load::<V, EDGE>(a[s].wrapping_add(at + j * V::LANES), mask);
                    sums[s][j] = x.mul_add(dy[j], sums[s][j]);
                }
            }
            at += t.lda;
            b = b.wrapping_add(t.ldb);
        }
        for s in 0..T {
            for j in 0..N {
                store::<V, EDGE>(sums[s][j], c.wrapping_add(t.taps[s].b + j * V::LANES), mask);
            }
        }
    }
}
