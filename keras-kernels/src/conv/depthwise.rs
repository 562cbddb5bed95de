//! Convolutions whose features do not mix: each feature of the output is made of one of the input. A vector is some features
//! of a position, and a window's sums stay in registers. Taps beyond the data are left out, so nothing is copied.

use core::ops::Range;

use super::lines::Source;
use super::positions::phases;
use super::tiled::over_input;
use super::{Geometry, Windows};
use crate::Isa;
use crate::gemm::view::Begin;
use crate::gemm::{FeaturesSet, Grads, Segment, Start, Sums, even};

/// The most lines of taps, or taps, that a kernel is given at once.
const LIST: usize = 32;

/// Whether a convolution is one of these.
pub(super) fn is(g: &Geometry) -> bool {
    g.groups == g.cin && g.groups == g.cout && g.groups > 1
}

/// Windows over A, for C = Σ A · B, feature by feature.
struct Pass {
    source: Source,
    /// Floats of C from one window of a line to the next.
    c_step: usize,
    b: *const f32,
    /// Floats of B from one tap of each dimension to the next; they may wrap.
    b_step: [usize; 3],
    start: Start,
}

impl Pass {
    /// Computes the line of windows `o` of the first two dimensions, at `c`.
    ///
    /// # Safety
    /// The processor has the instruction set; A is a sample and B a kernel of the sizes that the pass says, and C is valid for
    /// the line.
    unsafe fn line(&self, set: &FeaturesSet, a: *const f32, c: *mut f32, o: [usize; 2]) {
        let source = &self.source;
        let (first, count) = source.lines(o);
        let taps = count[0] * count[1];
        let along = source.stride[2] * source.features;
        let mut from = 0;
        loop {
            let end = taps.min(from + LIST);
            let mut list = [Segment::default(); LIST];
            for (segment, tap) in list.iter_mut().zip(from..end) {
                let tap = [first[0] + tap / count[1], first[1] + tap % count[1]];
                *segment = Segment {
                    a: source.line(o, tap),
                    b: (tap[0].wrapping_mul(self.b_step[0])).wrapping_add(tap[1].wrapping_mul(self.b_step[1])),
                };
            }
            let start = if from > 0 { Start::Sum } else { self.start };
            for (windows, taps) in source.runs() {
                let at = source.position(2, windows.start, taps.start).wrapping_mul(source.features);
                let mut sums = Sums {
                    c: c.wrapping_add(windows.start * self.c_step),
                    ldc: self.c_step,
                    a: a.wrapping_add(at),
                    lda: along,
                    b: self.b.wrapping_add(taps.start.wrapping_mul(self.b_step[2])),
                    segments: &list[..end - from],
                    taps: taps.len(),
                    a_step: source.dilation[2] * source.features,
                    b_step: self.b_step[2],
                    times: 0,
                    features: source.features,
                    start,
                };
                // Parts that are as equal as may be.
                let parts = windows.len().div_ceil(set.sums.len());
                let (least, longer) = (windows.len() / parts, windows.len() % parts);
                for (windows, times) in [(least + 1, longer), (least, parts - longer)] {
                    if times > 0 {
                        sums.times = times;
                        // SAFETY: the caller's; the taps are those that these windows meet.
                        unsafe { set.sums[windows - 1](&sums) };
                        sums.c = sums.c.wrapping_add(times * windows * sums.ldc);
                        sums.a = sums.a.wrapping_add(times * windows * sums.lda);
                    }
                }
            }
            from = end;
            if from >= taps {
                break;
            }
        }
    }
}

/// The sums of [`super::forward`] to `c`, for `m` samples. Lines that are `ring` floats apart share a place in `c`, unless that
/// is 0. `done` is called with where each line begins, as soon as it is finished.
///
/// # Safety
/// `c` is valid for these lines; the lengths of the slices have been checked.
pub(super) unsafe fn forward(
    isa: Isa,
    c: *mut f32,
    ring: usize,
    x: &[f32],
    w: &[f32],
    begin: Begin<'_, f32>,
    m: usize,
    g: &Geometry,
    mut done: impl FnMut(usize),
) {
    let Windows { out, k, .. } = g.windows;
    let line = out[2] * g.cout;
    let pass = Pass {
        source: over_input(g),
        c_step: g.cout,
        b: w.as_ptr(),
        b_step: [k[1] * k[2] * g.cout, k[2] * g.cout, g.cout],
        start: begin.start(),
    };
    let (set, inside) = (FeaturesSet::of(isa), g.windows.positions() * g.cin);
    for sample in 0..m {
        let x = x[sample * inside..][..inside].as_ptr();
        for o in 0..out[0] * out[1] {
            let at = (sample * out[0] * out[1] + o) * line;
            let place = at.checked_rem(ring).unwrap_or(at);
            // SAFETY: a set can only be had of an `Isa` that the processor has; the rest is the caller's.
            unsafe { pass.line(set, x, c.wrapping_add(place), [o / out[1], o % out[1]]) };
            done(at);
        }
    }
}

/// As [`super::positions::by_positions`], without copies.
pub(super) fn backward_data(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    w: &[f32],
    begin: Begin<'_, f32>,
    m: usize,
    g: &Geometry,
) {
    let Windows { n, k, stride, .. } = g.windows;
    let (set, line) = (FeaturesSet::of(isa), n[2] * g.cin);
    let (inside, count) = (n[0] * n[1] * line, g.windows.count() * g.cout);
    let tap = [k[1] * k[2] * g.cout, k[2] * g.cout, g.cout];
    for sample in 0..m {
        let (dx, dy) = (&mut dx[sample * inside..][..inside], &dy[sample * count..][..count]);
        for phase in phases(&g.windows) {
            let (mut b, mut b_step) = (w.as_ptr(), tap);
            for i in 0..3 {
                // The last tap is the first.
                b = b.wrapping_add((k[i].wrapping_sub(1 + phase.first[i])).wrapping_mul(tap[i]));
                b_step[i] = 0usize.wrapping_sub(phase.step[i].wrapping_mul(tap[i]));
            }
            let source = Source { features: g.cin, ..phase.source };
            let pass = Pass { source, c_step: stride[2] * g.cin, b, b_step, start: begin.start() };
            for o0 in 0..source.out[0] {
                for o1 in 0..source.out[1] {
                    let at = (phase.at[0] + o0 * stride[0]) * n[1] + phase.at[1] + o1 * stride[1];
                    let c = dx.as_mut_ptr().wrapping_add(at * line + phase.at[2] * g.cin);
                    // SAFETY: a set can only be had of an `Isa` that the processor has; the phase's positions are those of a
                    // line of dx, and the lengths have been checked.
                    unsafe { pass.line(set, dy.as_ptr(), c, [o0, o1]) };
                }
            }
        }
    }
}

/// The gradient of some rows of the kernel, over `m` samples. The lengths have been checked.
pub(super) fn kernel_rows(isa: Isa, dw: &mut [f32], rows: Range<usize>, x: &[f32], dy: &[f32], m: usize, g: &Geometry) {
    let set = FeaturesSet::of(isa);
    let (source, Windows { k, out, .. }) = (over_input(g), g.windows);
    let (inside, line) = (g.windows.positions() * g.cin, out[2] * g.cout);
    dw.fill(0.0);
    for sample in 0..m {
        let x = x[sample * inside..][..inside].as_ptr();
        for o in 0..out[0] * out[1] {
            let b = dy[(sample * out[0] * out[1] + o) * line..][..line].as_ptr();
            let o = [o / out[1], o % out[1]];
            let (first, count) = source.lines(o);
            for (windows, taps) in source.runs() {
                let at = source.position(2, windows.start, 0).wrapping_mul(source.features);
                let mut grads = |taps: &[Segment]| {
                    let mut from = 0;
                    for count in even(taps.len(), set.grads.len()) {
                        let grads = Grads {
                            c: dw.as_mut_ptr(),
                            a: x.wrapping_add(at),
                            lda: source.stride[2] * g.cin,
                            b: b.wrapping_add(windows.start * g.cout),
                            ldb: g.cout,
                            taps: &taps[from..][..count],
                            windows: windows.len(),
                            features: g.cout,
                        };
                        // SAFETY: a set can only be had of an `Isa` that the processor has; the taps are those that these
                        // windows meet, and rows of dw.
                        unsafe { set.grads[count - 1](&grads) };
                        from += count;
                    }
                };
                let (mut list, mut used) = ([Segment::default(); LIST], 0);
                for i in 0..count[0] * count[1] {
                    let tap = [first[0] + i / count[1], first[1] + i % count[1]];
                    let (line, row) = (source.line(o, tap), (tap[0] * k[1] + tap[1]) * k[2]);
                    for tap in taps.clone().filter(|tap| rows.contains(&(row + tap))) {
                        if used == LIST {
                            grads(&list);
                            used = 0;
                        }
                        let a = line.wrapping_add(tap * source.dilation[2] * g.cin);
                        list[used] = Segment { a, b: (row + tap - rows.start) * g.cout };
                        used += 1;
                    }
                }
                grads(&list[..used]);
            }
        }
    }
}
