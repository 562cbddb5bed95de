//! The gradient of a convolution's input: for each position the sum over the windows that saw it, as a convolution of the
//! output's gradient with the kernel turned around, or the other way round where that is less work.

use super::lines::Source;
use super::tiled::Pass;
use super::{Geometry, Windows, conv_panel, scattered};
use crate::Isa;
use crate::gemm::view::Begin;
use crate::gemm::{Set, TapsSet};

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
            ring: 0,
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
