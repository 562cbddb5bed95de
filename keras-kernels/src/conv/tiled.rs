//! Convolutions by tiles that stay in registers.
//!
//! A tile is some windows of a line by some vectors of features. Its sums go over the taps and their features, which are
//! read where they lie; nothing is copied but samples that have to be padded.

use core::ops::Range;

use keras_shapes::windows::{CONV_NEAR, CONV_ONCE};

use super::lines::{Lines, MOST, Source};
use super::{Geometry, Windows, conv_panel, depthwise};
use crate::Isa;
use crate::activation::{self, Act};
use crate::gemm::view::Begin;
use crate::gemm::{Line, Segment, Start, Taps, TapsSet, even};
use crate::memory::Out;
use crate::pool::{self, Pool};

/// The most segments of a tile's depth.
const SEGMENTS: usize = CONV_ONCE[0];

/// How much of the depth is done before the next: the kernel's part of it stays in the second-level cache.
const DEPTH: usize = CONV_ONCE[1];

/// Floats of a kernel's gradient that are worked out together, at the most.
const TOGETHER: usize = 1 << 16;

/// A pass of windows over A, for C = Σ A · B.
pub(super) struct Pass {
    pub(super) source: Source,
    pub(super) groups: usize,
    /// Features of A in a group.
    pub(super) from: usize,
    /// Features of C in a group.
    pub(super) to: usize,
    pub(super) c: *mut f32,
    /// Floats of C from one sample, and one window of each dimension, to the next.
    pub(super) c_step: [usize; 4],
    /// Lines that are so many floats apart share a place in C; 0 if each has its own.
    pub(super) ring: usize,
    pub(super) b: *const f32,
    pub(super) ldb: usize,
    /// Floats of B from one tap to the next, and from one group to the next.
    pub(super) b_step: [usize; 3],
    pub(super) b_group: usize,
    pub(super) start: Start,
}

impl Pass {
    /// Computes C for `m` samples. `done` is called with where the first element of each finished line lies in C.
    ///
    /// # Safety
    /// The processor has the instruction set; B and C have the sizes that the pass says.
    pub(super) unsafe fn run(
        &self,
        set: &TapsSet,
        m: usize,
        a: &[f32],
        panel: &mut [f32],
        mut done: impl FnMut(usize),
    ) {
        let [k0, k1, k2] = self.source.k;
        let taps = self.from * self.ldb;
        let merged = self.groups == 1 && self.source.dilation[2] == 1 && self.b_step[2] == taps;
        let (len, k2) = if merged { (k2 * self.from, k2.min(1)) } else { (self.from, k2) };
        let all = k0 * k1 * k2;
        let most = (DEPTH / len.max(1)).clamp(1, SEGMENTS);
        let near = all * len * self.to * self.groups <= CONV_NEAR && all <= most;
        assert!(near || self.ring == 0, "lines that share a place and are not finished one after the other");
        let c_step = [self.c_step[0], self.c_step[1], self.c_step[2]];
        self.source.each(m, a, c_step, panel, |given| {
            let mut from = 0;
            loop {
                let taps = from..all.min(from + most);
                for like in given.alike() {
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
                    // Where the whole kernel is near, a line is finished before the next.
                    for lines in given.lines[like.clone()].chunks(if near { 1 } else { like.len() }) {
                        // Lines that no tap meets are what the sums begin with.
                        if count > 0 || from == 0 && (inside.is_empty() || all == 0) {
                            // SAFETY: the caller's; the segments are those of taps that meet A, or the zeros beside it.
                            unsafe { self.block(set, given, lines, &list[..count], len, later) };
                        }
                        if near {
                            lines.iter().for_each(|line| done(line.b));
                        }
                    }
                }
                from = taps.end;
                if from >= all {
                    break;
                }
            }
            if !near {
                given.lines.iter().for_each(|line| done(line.b));
            }
        });
    }

    /// Where a line lies in C.
    fn place(&self, line: &Segment) -> usize {
        line.b.checked_rem(self.ring).unwrap_or(line.b)
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
                let feature = group * self.to + col;
                let start = match self.start {
                    _ if later => Start::Sum,
                    Start::Row(at) => Start::Row(at.wrapping_add(feature)),
                    start => start,
                };
                let b = self.b.wrapping_add(group * self.b_group + col);
                let whole =
                    if matches!(start, Start::Sum) { None } else { set.line(segments.len(), len, self.to - col) };
                if let Some((cols, kernel)) = whole {
                    for line in lines {
                        let line = Line {
                            c: self.c.wrapping_add(self.place(line) + feature),
                            ldc: self.c_step[3],
                            a: given.at.wrapping_add(line.a + group * self.from),
                            lda: along,
                            b,
                            ldb: self.ldb,
                            segments,
                            windows: self.source.out[2],
                            last: set.last(cols),
                            start,
                        };
                        // SAFETY: the caller's.
                        unsafe { kernel(&line) };
                    }
                    col += cols;
                    continue;
                }
                let (cols, kernels) = set.pick(false, self.to - col);
                for line in lines {
                    let mut window = 0;
                    for rows in even(self.source.out[2], kernels.len()) {
                        let a = line.a.wrapping_add(group * self.from + window * along);
                        let tile = Taps {
                            c: self.c.wrapping_add(self.place(line) + feature + window * self.c_step[3]),
                            ldc: self.c_step[3],
                            a: given.at.wrapping_add(a),
                            lda: along,
                            b,
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
pub(super) fn over_input(g: &Geometry) -> Source {
    let Windows { n, k, stride, dilation, before, out } = g.windows;
    Source { n, k, stride, dilation, before: before.map(|before| before as isize), out, features: g.cin }
}

/// The pass of [`super::forward`], to `c`.
fn forwards(c: *mut f32, ring: usize, w: &[f32], begin: Begin<'_, f32>, g: &Geometry) -> Pass {
    let Windows { out, k, .. } = g.windows;
    let (tap, line) = (g.from_each() * g.cout, out[2] * g.cout);
    Pass {
        source: over_input(g),
        groups: g.groups,
        from: g.from_each(),
        to: g.to_each(),
        c,
        c_step: [out[0] * out[1] * line, out[1] * line, line, g.cout],
        ring,
        b: w.as_ptr(),
        ldb: g.cout,
        b_step: [k[1] * k[2] * tap, k[2] * tap, tap],
        b_group: g.to_each(),
        start: begin.start(),
    }
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
    let line = g.windows.out[2] * g.cout;
    let pass = forwards(y.as_mut_ptr(), 0, w, begin, g);
    let done = |at: usize| {
        // SAFETY: `at` is where a line of y begins, and `y` is not used while the pass runs, which has finished this one.
        let line = unsafe { core::slice::from_raw_parts_mut(pass.c.wrapping_add(at), line) };
        activation::forward(isa, line, None, act);
    };
    if depthwise::pays(g) {
        // SAFETY: the slices have the lengths of the operands.
        return unsafe { depthwise::forward(isa, pass.c, 0, x, w, begin, m, g, &mut tmp[..conv_panel(g)], done) };
    }
    // SAFETY: a set can only be had of an `Isa` that the processor has; the slices have the lengths of the operands.
    unsafe { pass.run(TapsSet::of(isa), m, x, &mut tmp[..conv_panel(g)], done) }
}

/// As [`super::forward_pooled`]. The lengths have been checked.
pub(super) fn forward_pooled(
    isa: Isa,
    y: &mut [f32],
    x: &[f32],
    w: &[f32],
    begin: Begin<'_, f32>,
    act: Act,
    m: usize,
    g: &Geometry,
    pool: &Windows,
    tmp: &mut [f32],
) {
    // What no window of the pool sees is left out.
    let out = [0, 1, 2].map(|i| pool.out[i] * pool.k[i]);
    let g = &Geometry { windows: Windows { out, ..g.windows }, ..*g };
    let (panel, lines) = tmp.split_at_mut(conv_panel(g));
    let line = out[2] * g.cout;
    if line == 0 {
        return;
    }
    let ring = pool.k[1] * line;
    let pass = forwards(lines[..ring].as_mut_ptr(), ring, w, begin, g);
    let windows = Windows { n: [1, pool.k[1], out[2]], out: [1, 1, pool.out[2]], ..*pool };
    let pooled = pool.out[2] * g.cout;
    let done = |at: usize| {
        // SAFETY: the lines are in the scratch, which is not used while the pass runs; it has finished this one.
        let lines = unsafe { core::slice::from_raw_parts_mut(pass.c, ring) };
        activation::forward(isa, &mut lines[at % ring..][..line], None, act);
        if at % ring + line == ring {
            pool::forward(isa, &mut y[at / ring * pooled..][..pooled], lines, Pool::Max, 1, g.cout, &windows);
        }
    };
    if depthwise::pays(g) {
        // SAFETY: as above.
        return unsafe { depthwise::forward(isa, pass.c, ring, x, w, begin, m, g, panel, done) };
    }
    // SAFETY: as above.
    unsafe { pass.run(TapsSet::of(isa), m, x, panel, done) }
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
    let rows = out.rows(g.depth());
    if g.depth() == 0 || g.cout == 0 {
        return;
    }
    let (panel, finished) = tmp.split_at_mut(conv_panel(g));
    if let Some(dw) = out.direct() {
        return kernel_rows(isa, dw, rows, x, dy, m, g, panel);
    }
    let together = (TOGETHER / g.cout).max(1);
    for row in rows.clone().step_by(together) {
        let rows = row..rows.end.min(row + together);
        let done = &mut finished[..rows.len() * g.cout];
        kernel_rows(isa, done, rows, x, dy, m, g, panel);
        out.put(row * g.cout, done);
    }
}

/// The gradient of some rows of the kernel.
fn kernel_rows(
    isa: Isa,
    dw: &mut [f32],
    rows: Range<usize>,
    x: &[f32],
    dy: &[f32],
    m: usize,
    g: &Geometry,
    panel: &mut [f32],
) {
    if depthwise::pays(g) {
        return depthwise::kernel_rows(isa, dw, rows, x, dy, m, g, panel);
    }
    let (set, source) = (TapsSet::of(isa), over_input(g));
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
