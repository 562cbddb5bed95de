//! Convolutions by tiles that stay in registers.
//!
//! A tile is some windows of a line by some vectors of features. Its sums go over the taps and their features, which are
//! read where they lie; nothing is copied but samples that have to be padded.

use core::ops::Range;

use super::lines::{Lines, MOST, Source};
use super::{Geometry, Windows, conv_panel, scattered};
use crate::Isa;
use crate::activation::{self, Act};
use crate::gemm::view::Begin;
use crate::gemm::{Segment, Set, Start, Taps, TapsSet, even};
use crate::memory::Out;

/// The most segments of a tile's depth.
const SEGMENTS: usize = 32;

/// How much of the depth is done before the next: the kernel's part of it stays in the second-level cache.
const DEPTH: usize = 1024;

/// Kernels of so many floats stay in the second-level cache as a whole.
const NEAR: usize = 1 << 16;

/// Floats of a kernel's gradient that are worked out together, at the most.
const TOGETHER: usize = 1 << 16;

/// A pass of windows over A, for C = Σ A · B.
struct Pass {
    source: Source,
    groups: usize,
    /// Features of A in a group.
    from: usize,
    /// Features of C in a group.
    to: usize,
    c: *mut f32,
    /// Floats of C from one sample, and one window of each dimension, to the next.
    c_step: [usize; 4],
    b: *const f32,
    ldb: usize,
    /// Floats of B from one tap to the next, and from one group to the next.
    b_step: [usize; 3],
    b_group: usize,
    start: Start,
}

impl Pass {
    /// Computes C for `m` samples. `done` is called with where the first element of each finished line lies in C.
    ///
    /// # Safety
    /// The processor has the instruction set; B and C have the sizes that the pass says.
    unsafe fn run(&self, set: &TapsSet, m: usize, a: &[f32], panel: &mut [f32], mut done: impl FnMut(usize)) {
        let [k0, k1, k2] = self.source.k;
        let taps = self.from * self.ldb;
        let merged = self.groups == 1 && self.source.dilation[2] == 1 && self.b_step[2] == taps;
        let (len, k2) = if merged { (k2 * self.from, k2.min(1)) } else { (self.from, k2) };
        let all = k0 * k1 * k2;
        let most = (DEPTH / len.max(1)).clamp(1, SEGMENTS);
        let together = if all * len * self.to * self.groups <= NEAR && all <= most { 1 } else { usize::MAX };
        let c_step = [self.c_step[0], self.c_step[1], self.c_step[2]];
        self.source.each(m, a, c_step, panel, |given| {
            let mut line = 0;
            while line < given.lines.len() {
                let some = line..given.lines.len().min(line.saturating_add(together));
                let mut from = 0;
                loop {
                    let taps = from..all.min(from + most);
                    for like in given.alike(some.clone()) {
                        let inside = given.inside[like.start];
                        let (mut list, mut count) = ([Segment::default(); SEGMENTS], 0);
                        for tap in taps.clone() {
                            let tap = [tap / (k1 * k2), tap / k2 % k1, tap % k2];
                            if inside.has([tap[0], tap[1]]) {
                                let sum = |step: [usize; 3]| tap[0] * step[0] + tap[1] * step[1] + tap[2] * step[2];
                                list[count] = Segment { a: sum(given.step), b: sum(self.b_step) };
                                count += 1;
                            }
                        }
                        let [first, second] = inside.first();
                        let later = !inside.is_empty() && (first * k1 + second) * k2 < from;
                        // Lines that no tap meets are what the sums begin with.
                        if count > 0 || from == 0 && (inside.is_empty() || all == 0) {
                            // SAFETY: the caller's; the segments are those of taps that meet A, or the zeros beside it.
                            unsafe { self.block(set, given, &given.lines[like], &list[..count], len, later) };
                        }
                    }
                    from = taps.end;
                    if from >= all {
                        break;
                    }
                }
                given.lines[some.clone()].iter().for_each(|line| done(line.b));
                line = some.end;
            }
        });
    }

    /// A part of the depth, for some lines.
    ///
    /// # Safety
    /// As [`Pass::run`]; the lines and segments lie within A and B.
    unsafe fn block(
        &self,
        set: &TapsSet,
        given: &Lines<'_>,
        lines: &[Segment],
        segments: &[Segment],
        len: usize,
        later: bool,
    ) {
        let along = self.source.stride[2] * self.source.features;
        for group in 0..self.groups {
            let mut col = 0;
            while col < self.to {
                let (cols, kernels) = set.pick(false, self.to - col);
                let feature = group * self.to + col;
                let start = match self.start {
                    _ if later => Start::Sum,
                    Start::Row(at) => Start::Row(at.wrapping_add(feature)),
                    start => start,
                };
                for line in lines {
                    let mut window = 0;
                    for rows in even(self.source.out[2], kernels.len()) {
                        let a = line.a.wrapping_add(group * self.from + window * along);
                        let tile = Taps {
                            c: self.c.wrapping_add(line.b + feature + window * self.c_step[3]),
                            ldc: self.c_step[3],
                            a: given.at.wrapping_add(a),
                            lda: along,
                            b: self.b.wrapping_add(group * self.b_group + col),
                            ldb: self.ldb,
                            segments,
                            len,
                            last: set.last(cols),
                            start,
                        };
                        // SAFETY: the caller's.
                        unsafe { kernels[rows - 1](&tile) };
                        window += rows;
                    }
                }
                col += cols;
            }
        }
    }
}

/// The windows of a convolution over its input.
fn over_input(g: &Geometry) -> Source {
    let Windows { n, k, stride, dilation, before, out } = g.windows;
    Source { n, k, stride, dilation, before: before.map(|before| before as isize), out, features: g.cin }
}

/// As [`super::forward`]; the sums begin with `begin`, whose row has as many elements as there are features. The lengths
/// have been checked.
pub(crate) fn forward(
    isa: Isa,
    y: &mut [f32],
    x: &[f32],
    w: &[f32],
    begin: Begin<'_, f32>,
    act: Act,
    m: usize,
    g: &Geometry,
    tmp: &mut [f32],
) {
    let set = TapsSet::of(isa);
    let out = g.windows.out;
    let tap = g.from_each() * g.cout;
    let k = g.windows.k;
    let line = out[2] * g.cout;
    let pass = Pass {
        source: over_input(g),
        groups: g.groups,
        from: g.from_each(),
        to: g.to_each(),
        c: y.as_mut_ptr(),
        c_step: [out[0] * out[1] * line, out[1] * line, line, g.cout],
        b: w.as_ptr(),
        ldb: g.cout,
        b_step: [k[1] * k[2] * tap, k[2] * tap, tap],
        b_group: g.to_each(),
        start: begin.start(),
    };
    let done = |at: usize| {
        // SAFETY: `at` is where a line of y begins, and `y` is not used while the pass runs, which has finished this one.
        let line = unsafe { core::slice::from_raw_parts_mut(pass.c.wrapping_add(at), line) };
        activation::forward(isa, line, None, act);
    };
    // SAFETY: a set can only be had of an `Isa` that the processor has; the slices have the lengths of the operands.
    unsafe { pass.run(set, m, x, &mut tmp[..conv_panel(g)], done) }
}

/// The windows of one dimension over the gradient of the output: those that give the gradient of every so many positions of
/// the input.
struct Phase {
    k: usize,
    dilation: usize,
    before: isize,
    out: usize,
    /// The first of its taps, counted from the last, and from each to the next.
    first: usize,
    step: usize,
}

impl Phase {
    /// For the positions `at`, `at + stride`, … of dimension `i`.
    fn new(w: &Windows, i: usize, at: usize) -> Phase {
        let (stride, dilation) = (w.stride[i] as isize, w.dilation[i] as isize);
        let ahead = |tap: usize| at as isize + w.before[i] as isize - tap as isize * dilation;
        let meets = |tap: &usize| ahead(*tap).rem_euclid(stride) == 0;
        let mut taps = (0..w.k[i]).rev().filter(meets);
        let (first, second) = (taps.next(), taps.next());
        let step = first.zip(second).map_or(1, |(first, second)| first - second);
        Phase {
            k: (0..w.k[i]).filter(meets).count(),
            dilation: (step as isize * dilation / stride).max(1) as usize,
            before: first.map_or(0, |first| -ahead(first).div_euclid(stride)),
            out: w.n[i].saturating_sub(at).div_ceil(w.stride[i]),
            first: first.map_or(0, |first| w.k[i] - 1 - first),
            step,
        }
    }
}

/// As [`super::backward_data`]; the sums begin with `begin`, whose row has as many elements as there are features. The lengths
/// have been checked.
pub(crate) fn backward_data(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    w: &[f32],
    begin: Begin<'_, f32>,
    m: usize,
    g: &Geometry,
    tmp: &mut [f32],
) {
    let (panel, turned) = tmp.split_at_mut(conv_panel(g));
    if scattered::pays(g, panel.len()) {
        scattered::backward_data(isa, dx, dy, w, begin, m, g, [panel, turned]);
    } else {
        by_positions(isa, dx, dy, w, begin, m, g, [panel, turned]);
    }
}

/// The same as sums over the windows that saw a position.
pub(super) fn by_positions(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    w: &[f32],
    begin: Begin<'_, f32>,
    m: usize,
    g: &Geometry,
    [panel, turned]: [&mut [f32]; 2],
) {
    let (set, products) = (TapsSet::of(isa), Set::of(isa));
    let (from, to, taps) = (g.to_each(), g.from_each(), g.windows.taps());
    let tap = to * g.cout;
    // The last tap first, each as a matrix from features of the output to those of the input.
    for (i, turned) in turned[..taps * tap].chunks_exact_mut(tap.max(1)).enumerate() {
        for group in 0..g.groups {
            let at = w[(taps - 1 - i) * tap + group * from..].as_ptr();
            // SAFETY: a set can only be had of an `Isa` that the processor has; the group's columns are part of the kernel.
            unsafe { products.transpose(at, g.cout, to, from, &mut turned[group * from * to..][..from * to], to) };
        }
    }
    let Windows { n, k, stride, out, .. } = g.windows;
    let line = n[2] * g.cin;
    let phases = stride[0] * stride[1] * stride[2];
    for phase in 0..phases {
        let at = [phase / (stride[1] * stride[2]), phase / stride[2] % stride[1], phase % stride[2]];
        let [p, q, r] = [0, 1, 2].map(|i| Phase::new(&g.windows, i, at[i]));
        let first = p.first * k[1] * k[2] + q.first * k[2] + r.first;
        let pass = Pass {
            source: Source {
                n: out,
                k: [p.k, q.k, r.k],
                stride: [1; 3],
                dilation: [p.dilation, q.dilation, r.dilation],
                before: [p.before, q.before, r.before],
                out: [p.out, q.out, r.out],
                features: g.cout,
            },
            groups: g.groups,
            from,
            to,
            c: dx.as_mut_ptr().wrapping_add((at[0] * n[1] + at[1]) * line + at[2] * g.cin),
            c_step: [n[0] * n[1] * line, stride[0] * n[1] * line, stride[1] * line, stride[2] * g.cin],
            b: turned.as_ptr().wrapping_add(first * tap),
            ldb: to,
            b_step: [p.step * k[1] * k[2] * tap, q.step * k[2] * tap, r.step * tap],
            b_group: from * to,
            start: begin.start(),
        };
        // SAFETY: as above; each phase is of positions of its own.
        unsafe { pass.run(set, m, dy, panel, |_| {}) }
    }
}

/// As [`super::backward_kernel`]. The lengths have been checked.
pub(super) fn backward_kernel(
    isa: Isa,
    mut out: Out<'_>,
    x: &[f32],
    dy: &[f32],
    m: usize,
    g: &Geometry,
    tmp: &mut [f32],
) {
    let set = TapsSet::of(isa);
    let rows = out.rows(g.depth());
    if g.depth() == 0 || g.cout == 0 {
        return;
    }
    let (panel, finished) = tmp.split_at_mut(conv_panel(g));
    if let Some(dw) = out.direct() {
        return kernel_rows(set, dw, rows, x, dy, m, g, panel);
    }
    let together = (TOGETHER / g.cout).max(1);
    for row in rows.clone().step_by(together) {
        let rows = row..rows.end.min(row + together);
        let done = &mut finished[..rows.len() * g.cout];
        kernel_rows(set, done, rows, x, dy, m, g, panel);
        out.put(row * g.cout, done);
    }
}

/// The gradient of some rows of the kernel.
fn kernel_rows(
    set: &TapsSet,
    dw: &mut [f32],
    rows: Range<usize>,
    x: &[f32],
    dy: &[f32],
    m: usize,
    g: &Geometry,
    panel: &mut [f32],
) {
    let source = over_input(g);
    let Windows { k, stride, dilation, out, .. } = g.windows;
    let (from, to) = (g.from_each(), g.to_each());
    let line = out[2] * g.cout;
    // Rows of the kernel whose inputs lie side by side.
    let merged = g.groups == 1 && dilation[2] == 1;
    let (run, k2) = if merged { (k[2] * from, 1) } else { (from, k[2]) };
    let mut start = Start::Zero;
    source.each(m, x, [out[0] * out[1] * line, out[1] * line, line], panel, |given| {
        let mut row = rows.start;
        while row < rows.end {
            let (tap, first) = (row / run, row % run);
            let count = (run - first).min(rows.end - row);
            let tap = [tap / (k[1] * k2), tap / k2 % k[1], tap % k2];
            let at = tap[0] * given.step[0] + tap[1] * given.step[1] + tap[2] * given.step[2] + first;
            let mut lines = [Segment::default(); MOST];
            let mut met = 0;
            for (line, _) in given.lines.iter().zip(given.inside).filter(|(_, inside)| inside.has([tap[0], tap[1]])) {
                lines[met] = *line;
                met += 1;
            }
            for group in 0..g.groups {
                let mut col = group * to;
                while col < (group + 1) * to {
                    let (cols, kernels) = set.pick(true, (group + 1) * to - col);
                    let mut within = 0;
                    for rows_of_tile in even(count, kernels.len()) {
                        let tile = Taps {
                            c: dw.as_mut_ptr().wrapping_add((row - rows.start + within) * g.cout + col),
                            ldc: g.cout,
                            a: given.at.wrapping_add(at + group * from + within),
                            lda: stride[2] * g.cin,
                            b: dy.as_ptr().wrapping_add(col),
                            ldb: g.cout,
                            segments: &lines[..met],
                            len: out[2],
                            last: set.last(cols),
                            start,
                        };
                        // SAFETY: a set can only be had of an `Isa` that the processor has; the lines are those of x and dy,
                        // and the rows those of dw.
                        unsafe { kernels[rows_of_tile - 1](&tile) };
                        within += rows_of_tile;
                    }
                    col += cols;
                }
            }
            row += count;
        }
        start = Start::Sum;
    });
    if matches!(start, Start::Zero) {
        dw.fill(0.0);
    }
}
