//! Lines of windows: those that differ only in the last dimension. Their inputs lie a fixed distance apart, so that a line
//! is a product whose depth is made of segments.

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
}

/// The most lines that are done together.
const MOST: usize = 64;

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

    fn in_place(&self, m: usize, x: &[f32], to: [usize; 3], mut f: impl FnMut(&Lines<'_>)) {
        let line = self.n[2] * self.features;
        let sample = self.n[0] * self.n[1] * line;
        let step = [self.dilation[0] * self.n[1] * line, self.dilation[1] * line, self.dilation[2] * self.features];
        let position = |i: usize, out: usize| (out * self.stride[i]).wrapping_sub(self.before[i] as usize);
        let (mut lines, mut count) = ([Segment::default(); MOST], 0);
        for s in 0..m {
            for o0 in 0..self.out[0] {
                for o1 in 0..self.out[1] {
                    let first = position(0, o0).wrapping_mul(self.n[1]).wrapping_add(position(1, o1));
                    let a = first.wrapping_mul(line).wrapping_add(position(2, 0).wrapping_mul(self.features));
                    let b = s * to[0] + o0 * to[1] + o1 * to[2];
                    lines[count] = Segment { a: a.wrapping_add(s * sample), b };
                    count += 1;
                    if count == MOST {
                        f(&Lines { at: x.as_ptr(), step, lines: &lines });
                        count = 0;
                    }
                }
            }
        }
        if count > 0 {
            f(&Lines { at: x.as_ptr(), step, lines: &lines[..count] });
        }
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
        let (mut lines, mut count, mut used) = ([Segment::default(); MOST], 0, 0);
        for s in 0..m {
            for o0 in 0..self.out[0] {
                for first in (0..self.out[1]).step_by(most) {
                    let windows = most.min(self.out[1] - first);
                    if used + size > panel.len() || count + windows > MOST {
                        f(&Lines { at: panel.as_ptr(), step, lines: &lines[..count] });
                        (count, used) = (0, 0);
                    }
                    for tap in 0..self.k[0] {
                        let i0 = (o0 * self.stride[0] + tap * self.dilation[0]).wrapping_sub(self.before[0] as usize);
                        for i in 0..deep(windows) {
                            let i1 = (first * self.stride[1] + i).wrapping_sub(self.before[1] as usize);
                            let to = &mut panel[used + tap * step[0] + i * line..][..line];
                            if i0 < self.n[0] && i1 < self.n[1] {
                                let at = ((s * self.n[0] + i0) * self.n[1] + i1) * self.n[2] * self.features;
                                self.copy(to, &x[at..][..self.n[2] * self.features]);
                            } else {
                                to.fill(0.0);
                            }
                        }
                    }
                    for i in 0..windows {
                        let b = s * to[0] + o0 * to[1] + (first + i) * to[2];
                        lines[count] = Segment { a: used + i * self.stride[1] * line, b };
                        count += 1;
                    }
                    used += size;
                }
            }
        }
        if count > 0 {
            f(&Lines { at: panel.as_ptr(), step, lines: &lines[..count] });
        }
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
