//! Lines of windows: those that differ only in the last dimension. Their inputs lie a fixed distance apart, so that a line
//! is a product whose depth is made of segments.

use core::ops::Range;

use crate::gemm::Segment;

/// Windows over data, as in [`super::Windows`]; they can also begin behind its first position.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pub(super) n: [usize; 3],
    pub(super) k: [usize; 3],
    pub(super) stride: [usize; 3],
    pub(super) dilation: [usize; 3],
    pub(super) before: [isize; 3],
    pub(super) out: [usize; 3],
    /// Floats of a position.
    pub(super) features: usize,
}

/// Lines whose inputs lie in one piece of memory.
pub(super) struct Lines<'a> {
    /// That memory.
    pub(super) at: *const f32,
    /// Floats from one tap to the next.
    pub(super) step: [usize; 3],
    /// For each line, the input of its first window, and the place of its output.
    pub(super) lines: &'a [Segment],
    /// For each line, the taps that meet the input.
    pub(super) inside: &'a [Inside],
}

impl Lines<'_> {
    /// The lines, those together that follow each other and whose taps meet the input alike.
    pub(super) fn alike(&self) -> impl Iterator<Item = Range<usize>> {
        let mut from = 0;
        self.inside.chunk_by(|a, b| a == b).map(move |alike| {
            from += alike.len();
            from - alike.len()..from
        })
    }
}

/// Taps of the first two dimensions that lie within the data: from the first to before the last of each. What the others
/// would read is never read, so it need not be there.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Inside {
    first: [usize; 2],
    end: [usize; 2],
}

impl Inside {
    /// Whether a tap of the first two dimensions is one of them.
    pub(super) fn has(&self, tap: [usize; 2]) -> bool {
        (0..2).all(|i| (self.first[i]..self.end[i]).contains(&tap[i]))
    }

    /// Whether none is.
    pub(super) fn is_empty(&self) -> bool {
        (0..2).any(|i| self.first[i] >= self.end[i])
    }

    /// The first of them.
    pub(super) fn first(&self) -> [usize; 2] {
        self.first
    }
}

/// Some lines, until they are enough to be done.
struct Gathered {
    lines: [Segment; MOST],
    inside: [Inside; MOST],
    count: usize,
}

impl Gathered {
    fn new() -> Gathered {
        Gathered { lines: [Segment::default(); MOST], inside: [Inside::default(); MOST], count: 0 }
    }

    fn push(&mut self, line: Segment, inside: Inside) {
        self.lines[self.count] = line;
        self.inside[self.count] = inside;
        self.count += 1;
    }

    /// Hands the lines on, if there are any.
    fn flush(&mut self, at: *const f32, step: [usize; 3], f: &mut impl FnMut(&Lines<'_>)) {
        let count = core::mem::take(&mut self.count);
        if count > 0 {
            f(&Lines { at, step, lines: &self.lines[..count], inside: &self.inside[..count] });
        }
    }
}

/// The most lines that are done together.
pub(super) const MOST: usize = 64;

impl Source {
    /// Positions from the first tap of the first window to the last of the last one.
    fn reach(&self, i: usize) -> usize {
        self.out[i].saturating_sub(1) * self.stride[i] + self.span(i)
    }

    /// Positions of a window.
    fn span(&self, i: usize) -> usize {
        self.k[i].saturating_sub(1) * self.dilation[i] + 1
    }

    /// Whether a window reaches beyond the data.
    fn is_padded(&self) -> bool {
        let beyond = |i: usize| self.before[i] > 0 || self.reach(i) as isize > self.n[i] as isize + self.before[i];
        self.k.iter().all(|&k| k > 0) && (0..3).any(beyond)
    }

    /// Calls `f` with all lines of `m` samples in order, some at a time. `to` has the floats of the output from one sample,
    /// from one window of the first dimension, and from one of the second to the next.
    ///
    /// Samples that windows reach beyond are copied to `panel`, with zeros around them. There is room in it for a line's
    /// windows.
    pub(super) fn each(&self, m: usize, x: &[f32], to: [usize; 3], panel: &mut [f32], f: impl FnMut(&Lines<'_>)) {
        if self.out.contains(&0) {
            return;
        }
        if self.is_padded() { self.copied(m, x, to, panel, f) } else { self.in_place(m, x, to, f) }
    }

    /// The taps of dimension `i` that meet the data in window `o`.
    fn meets(&self, i: usize, o: usize) -> [usize; 2] {
        let (start, dilation) = ((o * self.stride[i]) as isize - self.before[i], self.dilation[i].max(1) as isize);
        let until = |position: isize| -> usize {
            // Taps before that position. A division takes long, and most taps lie side by side.
            let before = (position - start).max(0) as usize;
            (if dilation == 1 { before } else { before.div_ceil(dilation as usize) }).min(self.k[i])
        };
        [until(0), until(self.n[i] as isize)]
    }

    /// Position of dimension `i` that a tap of window `o` meets; it wraps before the first.
    pub(super) fn position(&self, i: usize, o: usize, tap: usize) -> usize {
        (o * self.stride[i] + tap * self.dilation[i]).wrapping_sub(self.before[i] as usize)
    }

    /// The first tap of each of the first two dimensions that meets the data in windows `o`, and how many do.
    pub(super) fn lines(&self, o: [usize; 2]) -> ([usize; 2], [usize; 2]) {
        let [a, b] = [self.meets(0, o[0]), self.meets(1, o[1])];
        ([a[0], b[0]], [a[1] - a[0], b[1] - b[0]])
    }

    /// Where the line of a sample begins that these taps of the first two dimensions meet in windows `o`.
    pub(super) fn line(&self, o: [usize; 2], tap: [usize; 2]) -> usize {
        let [a, b] = [0, 1].map(|i| self.position(i, o[i], tap[i]));
        (a * self.n[1] + b) * self.n[2] * self.features
    }

    /// The windows of a line, those together that follow each other and whose taps of the last dimension meet the data alike,
    /// and these taps.
    pub(super) fn runs(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let mut from = 0;
        core::iter::from_fn(move || {
            let start = from;
            if start >= self.out[2] {
                return None;
            }
            let taps = self.meets(2, start);
            from += 1;
            if taps == [0, self.k[2]] {
                // All windows until the last tap of one lies behind the data.
                let last = self.n[2] as isize - 1 + self.before[2] - (self.span(2) as isize - 1);
                from = from.max(((last / self.stride[2] as isize).max(0) as usize + 1).min(self.out[2]));
            }
            while from < self.out[2] && self.meets(2, from) == taps {
                from += 1;
            }
            Some((start..from, taps[0]..taps[1]))
        })
    }

    fn inside(&self, o0: usize, o1: usize) -> Inside {
        let ([a, a_end], [b, b_end]) = (self.meets(0, o0), self.meets(1, o1));
        Inside { first: [a, b], end: [a_end, b_end] }
    }

    fn in_place(&self, m: usize, x: &[f32], to: [usize; 3], mut f: impl FnMut(&Lines<'_>)) {
        let line = self.n[2] * self.features;
        let sample = self.n[0] * self.n[1] * line;
        let step = [self.dilation[0] * self.n[1] * line, self.dilation[1] * line, self.dilation[2] * self.features];
        let position = |i: usize, out: usize| (out * self.stride[i]).wrapping_sub(self.before[i] as usize);
        let inside = Inside { first: [0; 2], end: [self.k[0], self.k[1]] };
        let mut gathered = Gathered::new();
        for s in 0..m {
            for o0 in 0..self.out[0] {
                for o1 in 0..self.out[1] {
                    let first = position(0, o0).wrapping_mul(self.n[1]).wrapping_add(position(1, o1));
                    let a = first.wrapping_mul(line).wrapping_add(position(2, 0).wrapping_mul(self.features));
                    let b = s * to[0] + o0 * to[1] + o1 * to[2];
                    if gathered.count == MOST {
                        gathered.flush(x.as_ptr(), step, &mut f);
                    }
                    gathered.push(Segment { a: a.wrapping_add(s * sample), b }, inside);
                }
            }
        }
        gathered.flush(x.as_ptr(), step, &mut f);
    }

    fn copied(&self, m: usize, x: &[f32], to: [usize; 3], panel: &mut [f32], mut f: impl FnMut(&Lines<'_>)) {
        let line = self.reach(2) * self.features;
        // Lines of the input for so many lines of windows.
        let deep = |count: usize| (count - 1) * self.stride[1] + self.span(1);
        let fits = |count: &usize| self.k[0] * deep(*count) * line <= panel.len();
        let most = (1..=self.out[1].min(MOST)).rev().find(fits).expect("room for the windows of a line");
        // As equal as may be.
        let most = self.out[1].div_ceil(self.out[1].div_ceil(most));
        let size = self.k[0] * deep(most) * line;
        let step = [deep(most) * line, self.dilation[1] * line, self.dilation[2] * self.features];
        let (mut gathered, mut used) = (Gathered::new(), 0);
        for s in 0..m {
            for o0 in 0..self.out[0] {
                for first in (0..self.out[1]).step_by(most) {
                    let windows = most.min(self.out[1] - first);
                    if used + size > panel.len() || gathered.count + windows > MOST {
                        gathered.flush(panel.as_ptr(), step, &mut f);
                        used = 0;
                    }
                    for tap in 0..self.k[0] {
                        let i0 = (o0 * self.stride[0] + tap * self.dilation[0]).wrapping_sub(self.before[0] as usize);
                        for i in 0..deep(windows) {
                            let i1 = (first * self.stride[1] + i).wrapping_sub(self.before[1] as usize);
                            if i0 < self.n[0] && i1 < self.n[1] {
                                let to = &mut panel[used + tap * step[0] + i * line..][..line];
                                let at = ((s * self.n[0] + i0) * self.n[1] + i1) * self.n[2] * self.features;
                                self.copy(to, &x[at..][..self.n[2] * self.features]);
                            }
                        }
                    }
                    for i in 0..windows {
                        let b = s * to[0] + o0 * to[1] + (first + i) * to[2];
                        let line = Segment { a: used + i * self.stride[1] * line, b };
                        gathered.push(line, self.inside(o0, first + i));
                    }
                    used += size;
                }
            }
        }
        gathered.flush(panel.as_ptr(), step, &mut f);
    }

    /// Copies a line of the input to where it is as long as the windows reach.
    fn copy(&self, to: &mut [f32], from: &[f32]) {
        let (reach, n, before) = (self.reach(2) as isize, self.n[2] as isize, self.before[2]);
        let start = before.clamp(0, reach);
        let end = (n + before).clamp(start, reach);
        let [start, end, skip] = [start, end, start - before].map(|at| at as usize * self.features);
        to[..start].fill(0.0);
        if start < end {
            to[start..end].copy_from_slice(&from[skip..][..end - start]);
        }
        to[end..].fill(0.0);
    }
}
