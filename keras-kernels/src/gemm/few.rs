//! The kernel of a line of windows whose depth is so short that all of B stays in registers: the first convolution of a model,
//! whose input has one feature. A tile of such a depth would be little more than its beginning and its end.

use super::taps::Segment;
use super::tile::{Start, Vector, load};

/// One line of windows.
pub(crate) struct Line<'a> {
    pub(crate) c: *mut f32,
    pub(crate) ldc: usize,
    pub(crate) a: *const f32,
    /// Distance between the inputs of windows.
    pub(crate) lda: usize,
    pub(crate) b: *const f32,
    pub(crate) ldb: usize,
    /// As many as the kernel is made for.
    pub(crate) segments: &'a [Segment],
    pub(crate) windows: usize,
    /// Columns in the last vector, at least 1.
    pub(crate) last: usize,
    /// Not what C holds.
    pub(crate) start: Start,
}

/// A kernel, compiled for an instruction set, a number of segments and their length, and a number of vectors.
///
/// # Safety
/// As [`super::taps::TapsKernel`], for all windows of the line.
pub(crate) type LineKernel = unsafe fn(&Line<'_>);

/// The segments, their length and the vectors of a kernel. One of one vector masks it, others take whole vectors.
pub(super) type Kind = ([usize; 3], LineKernel);

/// `S` segments of `L` steps by `N` vectors, for `W` windows at once, as long as there are so many. Each element is one chain
/// of multiply-adds, segment by segment.
///
/// # Safety
/// As [`LineKernel`]; the caller is compiled for the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn line<
    V: Vector,
    const S: usize,
    const L: usize,
    const N: usize,
    const W: usize,
    const EDGE: bool,
>(
    t: &Line<'_>,
) {
    let mut a = [t.a; S];
    // SAFETY: all addresses are within the operands that the caller vouches for.
    unsafe {
        let mask = V::mask(t.last);
        let mut b = [[[V::zero(); N]; L]; S];
        for s in 0..S {
            a[s] = t.a.wrapping_add(t.segments[s].a);
            for l in 0..L {
                b[s][l] = load::<V, N, EDGE>(t.b.add(t.segments[s].b + l * t.ldb), mask);
            }
        }
        let mut start = [V::zero(); N];
        if let Start::Row(at) = t.start {
            start = load::<V, N, EDGE>(at, mask);
        }
        let mut c = t.c;
        for _ in 0..t.windows / W {
            windows::<V, S, L, N, W, EDGE>(c, t.ldc, &a, t.lda, &b, start, mask);
            for s in 0..S {
                a[s] = a[s].wrapping_add(W * t.lda);
            }
            c = c.wrapping_add(W * t.ldc);
        }
        for _ in 0..t.windows % W {
            windows::<V, S, L, N, 1, EDGE>(c, t.ldc, &a, t.lda, &b, start, mask);
            for s in 0..S {
                a[s] = a[s].wrapping_add(t.lda);
            }
            c = c.wrapping_add(t.ldc);
        }
    }
}

/// The next `W` windows.
///
/// # Safety
/// As [`line`].
#[inline(always)]
unsafe fn windows<V: Vector, const S: usize, const L: usize, const N: usize, const W: usize, const EDGE: bool>(
    c: *mut f32,
    ldc: usize,
    a: &[*const f32; S],
    lda: usize,
    b: &[[[V; N]; L]; S],
    start: [V; N],
    mask: V::Mask,
) {
    // SAFETY: the caller's.
    unsafe {
        let mut sums = [start; W];
        for s in 0..S {
            for l in 0..L {
                for w in 0..W {
                    let a = V::splat(a[s].add(w * lda + l));
                    for j in 0..N {
                        sums[w][j] = a.mul_add(b[s][l][j], sums[w][j]);
                    }
                }
            }
        }
        for w in 0..W {
            let c = c.add(w * ldc);
            for j in 0..N {
                if !EDGE || j < N - 1 {
                    sums[w][j].store(c.add(j * V::LANES));
                } else {
                    sums[w][j].store_first(c.add(j * V::LANES), mask);
                }
            }
        }
    }
}
