//! The gradient of a convolution's input: for each position the sum over the windows that saw it, as a convolution of the
//! output's gradient with the kernel turned around, or the other way round where that is less work.

use super::lines::Source;
use super::tiled::Pass;
use super::{Geometry, Windows, conv_panel, depthwise, scattered};
use crate::Isa;
use crate::gemm::view::Begin;
use crate::gemm::{Set, TapsSet};

/// The windows over the gradient of the output that give the gradient of every so many positions of the input.
pub(super) struct Phase {
    /// The first of these positions.
    pub(super) at: [usize; 3],
    /// The windows; features are left out.
    pub(super) source: Source,
    /// The first of their taps, counted from the last, and from each to the next.
    pub(super) first: [usize; 3],
    pub(super) step: [usize; 3],
}

/// All of them: as many as there are positions from one window to the next.
pub(super) fn phases(w: &Windows) -> impl Iterator<Item = Phase> {
    let stride = w.stride;
    (0..stride[0] * stride[1] * stride[2]).map(move |phase| {
        let at = [phase / (stride[1] * stride[2]), phase / stride[2] % stride[1], phase % stride[2]];
        Phase::new(w, at)
    })
}

impl Phase {
    fn new(w: &Windows, at: [usize; 3]) -> Phase {
        let source =
            Source { n: w.out, k: [0; 3], stride: [1; 3], dilation: [1; 3], before: [0; 3], out: [0; 3], features: 0 };
        let mut phase = Phase { at, source, first: [0; 3], step: [1; 3] };
        (0..3).for_each(|i| phase.set(w, i));
        phase
    }

    /// Works out dimension `i`.
    fn set(&mut self, w: &Windows, i: usize) {
        let (stride, dilation) = (w.stride[i] as isize, w.dilation[i] as isize);
        let ahead = |tap: usize| self.at[i] as isize + w.before[i] as isize - tap as isize * dilation;
        let meets = |tap: &usize| ahead(*tap).rem_euclid(stride) == 0;
        let mut taps = (0..w.k[i]).rev().filter(meets);
        let (first, second) = (taps.next(), taps.next());
        let source = &mut self.source;
        source.k[i] = (0..w.k[i]).filter(meets).count();
        source.out[i] = w.n[i].saturating_sub(self.at[i]).div_ceil(w.stride[i]);
        if let Some(first) = first {
            source.before[i] = -ahead(first).div_euclid(stride);
            self.first[i] = w.k[i] - 1 - first;
        }
        if let Some((first, second)) = first.zip(second) {
            self.step[i] = first - second;
        }
        source.dilation[i] = (self.step[i] as isize * dilation / stride).max(1) as usize;
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
    if g.is_depthwise() {
        return depthwise::backward_data(isa, dx, dy, w, begin, m, g, panel);
    }
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
    let Windows { n, k, stride, .. } = g.windows;
    let line = n[2] * g.cin;
    for Phase { at, source, first, step } in phases(&g.windows) {
        let first = first[0] * k[1] * k[2] + first[1] * k[2] + first[2];
        let pass = Pass {
            source: Source { features: g.cout, ..source },
            groups: g.groups,
            from,
            to,
            c: dx.as_mut_ptr().wrapping_add((at[0] * n[1] + at[1]) * line + at[2] * g.cin),
            c_step: [n[0] * n[1] * line, stride[0] * n[1] * line, stride[1] * line, stride[2] * g.cin],
            ring: 0,
            b: turned.as_ptr().wrapping_add(first * tap),
            ldb: to,
            b_step: [step[0] * k[1] * k[2] * tap, step[1] * k[2] * tap, step[2] * tap],
            b_group: from * to,
            start: begin.start(),
        };
        // SAFETY: as above; each phase is of positions of its own.
        unsafe { pass.run(set, m, dy, panel, |_| {}) }
    }
}
