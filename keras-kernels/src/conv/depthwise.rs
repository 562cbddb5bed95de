//! Convolutions that make each feature of the output of one of the input: a vector is some features of a position, and a
//! window's sums stay in registers. Taps beyond the data are left out, so nothing is padded.
//!
//! Where a feature of the input makes several, lines of the input are copied with each feature so many times, and of the input's
//! gradient a line is worked out so before its elements are added up.

use core::ops::Range;

use super::lines::Source;
use super::positions::{Phase, phases};
use super::repeated::{Read, gather, line};
use super::tiled::over_input;
use super::{Geometry, Windows};
use crate::Isa;
use crate::gemm::view::Begin;
use crate::gemm::{FeaturesSet, Grads, Segment, Start, Sums};

/// The most lines of taps, or taps, that a kernel is given at once.
const LIST: usize = 16;

/// From so many features on that a feature of the input makes, the sums over its group are as fast: they take vectors of these.
const MANY: usize = 16;

/// Whether the sums of a convolution, and its kernel's gradient, are worked out here; the gradient of its input is if it is
/// depthwise.
pub(super) fn pays(g: &Geometry) -> bool {
    g.is_depthwise() && g.to_each() < MANY
}

/// The runs of windows of a line, found out once for all lines, as long as there is room for them.
struct Runs {
    list: [Run; RUNS],
    /// How many there are, or more than there is room for.
    count: usize,
}

/// The runs that there is room for. There are at most two for each tap, and one more.
const RUNS: usize = 24;

/// Windows of a line that follow each other, and meet the same taps.
#[derive(Clone)]
struct Run {
    windows: Range<usize>,
    taps: Range<usize>,
    /// Whether the first window does not meet the first of these taps, and the last one not the last.
    beyond: [bool; 2],
}

impl Runs {
    fn of(source: &Source) -> Runs {
        let none = Run { windows: 0..0, taps: 0..0, beyond: [false; 2] };
        let mut runs = Runs { list: core::array::from_fn(|_| none.clone()), count: 0 };
        for (windows, taps) in source.runs() {
            if let Some(run) = runs.list.get_mut(runs.count) {
                *run = Run { windows, taps, ..none.clone() };
            }
            runs.count += 1;
        }
        runs
    }

    /// The same for the kernels that take a window at either end with the others.
    fn joined(set: &FeaturesSet, source: &Source) -> Runs {
        let mut runs = Runs::of(source);
        let three = !set.threes.is_empty() && source.k[2] == 3 && source.stride[2] == source.dilation[2];
        if let (true, Some([first, whole, last])) = (three, runs.list.get(..runs.count)) {
            let alone = first.windows.len() == 1 && last.windows.len() == 1;
            if alone && [&first.taps, &whole.taps, &last.taps] == [&(1..3), &(0..3), &(0..2)] {
                runs.list[0] = Run { windows: 0..last.windows.end, taps: 0..3, beyond: [true; 2] };
                runs.count = 1;
            }
        }
        runs
    }

    /// Calls `f` with all of them.
    #[inline(always)]
    fn each(&self, source: &Source, mut f: impl FnMut(&Run)) {
        match self.list.get(..self.count) {
            Some(list) => list.iter().for_each(f),
            None => source.runs().for_each(|(windows, taps)| f(&Run { windows, taps, beyond: [false; 2] })),
        }
    }
}

/// Windows over A, for C = Σ A · B, feature by feature.
struct Pass {
    source: Source,
    runs: Runs,
    /// As in [`line`].
    ring: usize,
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
        let (first, count) = self.source.lines(o);
        let (mut list, mut used, mut start) = ([Segment::default(); LIST], 0, self.start);
        for tap0 in first[0]..first[0] + count[0] {
            for tap1 in first[1]..first[1] + count[1] {
                if used == LIST {
                    // SAFETY: the caller's; these are taps that the windows meet.
                    unsafe { self.part(set, a, c, &list, start) };
                    (used, start) = (0, Start::Sum);
                }
                let b = tap0.wrapping_mul(self.b_step[0]).wrapping_add(tap1.wrapping_mul(self.b_step[1]));
                list[used] = Segment { a: line(&self.source, self.ring, o, [tap0, tap1]), b };
                used += 1;
            }
        }
        // SAFETY: as above.
        unsafe { self.part(set, a, c, &list[..used], start) }
    }

    /// The part of the sums that some lines of taps give.
    ///
    /// # Safety
    /// As [`Pass::line`]; the segments lie within A and B.
    unsafe fn part(&self, set: &FeaturesSet, a: *const f32, c: *mut f32, segments: &[Segment], start: Start) {
        let source = &self.source;
        let (lda, a_step) = (source.stride[2] * source.features, source.dilation[2] * source.features);
        self.runs.each(source, |Run { windows, taps, beyond }| {
            let at = source.position(2, windows.start, taps.start).wrapping_mul(source.features);
            let mut sums = Sums {
                c: c.wrapping_add(windows.start * self.c_step),
                ldc: self.c_step,
                a: a.wrapping_add(at),
                lda,
                b: self.b.wrapping_add(taps.start.wrapping_mul(self.b_step[2])),
                segments,
                taps: taps.len(),
                a_step,
                b_step: self.b_step[2],
                beyond: *beyond,
                times: 1,
                features: source.features,
                start,
            };
            let kernels = set.sums(taps.len(), lda == a_step);
            if windows.len() <= kernels.len() {
                // SAFETY: the caller's; the taps are those that these windows meet.
                return unsafe { kernels[windows.len() - 1](&sums) };
            }
            // Parts that are as equal as may be.
            let parts = windows.len().div_ceil(kernels.len());
            let (least, longer) = (windows.len() / parts, windows.len() % parts);
            for (windows, times, of) in
                [(least + 1, longer, [true, false]), (least, parts - longer, [longer == 0, true])]
            {
                if times > 0 {
                    sums.times = times;
                    sums.beyond = [beyond[0] && of[0], beyond[1] && of[1]];
                    // SAFETY: as above.
                    unsafe { kernels[windows - 1](&sums) };
                    sums.c = sums.c.wrapping_add(times * windows * sums.ldc);
                    sums.a = sums.a.wrapping_add(times * windows * sums.lda);
                }
            }
        });
    }
}

/// The lines of `m` samples in order, by sample and by the first two dimensions.
fn lines(m: usize, n: [usize; 3]) -> impl Iterator<Item = (usize, [usize; 2])> {
    (0..m).flat_map(move |sample| (0..n[0]).flat_map(move |a| (0..n[1]).map(move |b| (sample, [a, b]))))
}

/// The windows over an input that has as many features as the output.
fn source(g: &Geometry) -> Source {
    Source { features: g.cout, ..over_input(g) }
}

/// The sums of [`super::forward`] to `c`, for `m` samples. Lines that are `ring` floats apart share a place in `c`, unless that
/// is 0. `done` is called with where each line begins, as soon as it is finished.
///
/// # Safety
/// `c` is valid for these lines; the lengths of the slices have been checked, and the panel has those of a convolution's.
pub(super) unsafe fn forward(
    isa: Isa,
    c: *mut f32,
    ring: usize,
    x: &[f32],
    w: &[f32],
    begin: Begin<'_, f32>,
    m: usize,
    g: &Geometry,
    panel: &mut [f32],
    mut done: impl FnMut(usize),
) {
    let Windows { out, k, .. } = g.windows;
    let (set, source) = (FeaturesSet::of(isa), source(g));
    let mut read = Read::new(x, g, &source, panel);
    let pass = Pass {
        source,
        runs: Runs::joined(set, &source),
        ring: read.ring,
        c_step: g.cout,
        b: w.as_ptr(),
        b_step: [k[1] * k[2] * g.cout, k[2] * g.cout, g.cout],
        start: begin.start(),
    };
    for (i, (sample, o)) in lines(m, out).enumerate() {
        let a = read.ready(isa, &source, sample, o);
        let at = i * out[2] * g.cout;
        // SAFETY: a set can only be had of an `Isa` that the processor has; the rest is the caller's.
        unsafe { pass.line(set, a, c.wrapping_add(at.checked_rem(ring).unwrap_or(at)), o) };
        done(at);
    }
}

/// As [`super::positions::by_positions`], but nothing is padded.
pub(super) fn backward_data(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    w: &[f32],
    begin: Begin<'_, f32>,
    m: usize,
    g: &Geometry,
    panel: &mut [f32],
) {
    /// So many phases take turns line by line, so that lines are finished while they are near.
    const TOGETHER: usize = 9;
    let Windows { n, stride, .. } = g.windows;
    let (set, line) = (FeaturesSet::of(isa), n[2] * g.cin);
    let (inside, count) = (n[0] * n[1] * line, g.windows.count() * g.cout);
    let mut phases = phases(&g.windows);
    loop {
        let some: [Option<(Phase, Pass)>; TOGETHER] =
            core::array::from_fn(|_| phases.next().map(|phase| turned(set, phase, w, begin, g)));
        if some[0].is_none() {
            break;
        }
        for (sample, at) in lines(m, n) {
            let (dx, dy) = (&mut dx[sample * inside..][..inside], &dy[sample * count..][..count]);
            let dx = &mut dx[(at[0] * n[1] + at[1]) * line..][..line];
            for (phase, pass) in some.iter().flatten() {
                if [0, 1].map(|i| at[i] % stride[i]) != [phase.at[0], phase.at[1]] {
                    continue;
                }
                let o = [at[0] / stride[0], at[1] / stride[1]];
                let dx = &mut dx[(phase.at[2] * g.cin).min(line)..];
                let c = if g.to_each() == 1 { &mut *dx } else { &mut panel[..pass.source.out[2] * g.cout] };
                // SAFETY: a set can only be had of an `Isa` that the processor has; the phase's positions are those of a
                // line of dx, for which the panel has room; the lengths have been checked.
                unsafe { pass.line(set, dy.as_ptr(), c.as_mut_ptr(), o) };
                if g.to_each() > 1 {
                    let sums = &panel[..pass.source.out[2] * g.cout];
                    gather(isa, dx, stride[2] * g.cin, sums, [g.cin, g.to_each()], begin);
                }
            }
        }
    }
}

/// The pass of the positions of a phase.
fn turned(set: &FeaturesSet, phase: Phase, w: &[f32], begin: Begin<'_, f32>, g: &Geometry) -> (Phase, Pass) {
    let Windows { k, stride, .. } = g.windows;
    let tap = [k[1] * k[2] * g.cout, k[2] * g.cout, g.cout];
    let (mut b, mut b_step) = (w.as_ptr(), tap);
    for i in 0..3 {
        // The last tap is the first.
        b = b.wrapping_add((k[i].wrapping_sub(1 + phase.first[i])).wrapping_mul(tap[i]));
        b_step[i] = 0usize.wrapping_sub(phase.step[i].wrapping_mul(tap[i]));
    }
    let source = Source { features: g.cout, ..phase.source };
    // Where elements are yet to be added up, positions lie side by side.
    let (c_step, start) = if g.to_each() == 1 { (stride[2] * g.cin, begin.start()) } else { (g.cout, Start::Zero) };
    (phase, Pass { source, runs: Runs::joined(set, &source), ring: 0, c_step, b, b_step, start })
}

/// The gradient of some rows of the kernel, over `m` samples. The lengths have been checked.
pub(super) fn kernel_rows(
    isa: Isa,
    dw: &mut [f32],
    rows: Range<usize>,
    x: &[f32],
    dy: &[f32],
    m: usize,
    g: &Geometry,
    panel: &mut [f32],
) {
    let Windows { k, out, .. } = g.windows;
    let (set, source) = (FeaturesSet::of(isa), source(g));
    let most = set.grads.len();
    let mut read = Read::new(x, g, &source, panel);
    dw.fill(0.0);
    let runs = Runs::of(&source);
    for (i, (sample, o)) in lines(m, out).enumerate() {
        let a = read.ready(isa, &source, sample, o);
        let b = dy[i * out[2] * g.cout..][..out[2] * g.cout].as_ptr();
        let (first, count) = source.lines(o);
        runs.each(&source, |Run { windows, taps, .. }| {
            let at = source.position(2, windows.start, 0).wrapping_mul(source.features);
            let mut grads = |taps: &[Segment]| {
                let mut from = 0;
                while from < taps.len() {
                    // Parts that are as equal as may be.
                    let left = taps.len() - from;
                    let count = if left <= most { left } else { left.div_ceil(left.div_ceil(most)) };
                    let grads = Grads {
                        c: dw.as_mut_ptr(),
                        a: a.wrapping_add(at),
                        lda: source.stride[2] * source.features,
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
            for tap0 in first[0]..first[0] + count[0] {
                for tap1 in first[1]..first[1] + count[1] {
                    let (line, row) = (line(&source, read.ring, o, [tap0, tap1]), (tap0 * k[1] + tap1) * k[2]);
                    for tap in taps.clone().filter(|tap| rows.contains(&(row + tap))) {
                        if used == LIST {
                            grads(&list);
                            used = 0;
                        }
                        let a = line.wrapping_add(tap * source.dilation[2] * source.features);
                        list[used] = Segment { a, b: (row + tap - rows.start) * g.cout };
                        used += 1;
                    }
                }
            }
            grads(&list[..used]);
        });
    }
}
