//! The gradient of the input window by window: what a window's gradient gives to each position that the window saw is worked
//! out as one product for some windows, and added to the gradient of these positions.
//!
//! The other way ([`super::positions::by_positions`]) takes the positions of the input and sums over the windows that saw them. It
//! adds nothing up in memory, but its tiles are as wide as a position has features, and beside each line of windows it
//! multiplies zeros.

use super::{Geometry, Windows};
use crate::Isa;
use crate::dispatch::per_isa;
use crate::gemm::view::{Begin, View, ViewMut, product, transposed};

/// Floats of some windows' gradients that are worked out together: they stay in the first-level cache.
const TOGETHER: usize = 1 << 13;

/// Columns of a product that cost as much as one.
const LANES: usize = 16;

/// Whether this way takes less time than the other one, and `panel` floats are enough for a window.
pub(super) fn pays(g: &Geometry, panel: usize) -> bool {
    let Windows { n, k, stride, out, .. } = g.windows;
    if g.depth() > panel {
        return false;
    }
    let met = |i: usize| -> usize { (0..out[i]).map(|o| g.windows.inside(i, o).len()).sum() };
    let (to, from) = (g.to_each() * g.groups, g.from_each());
    let gathered = met(0) * met(1) * (n[2] * k[2]).div_ceil(stride[2]) * to * from.div_ceil(LANES);
    let lines = k[0] * k[1];
    // A vector of a line of taps is read, added and written once; to find its place takes as long again.
    let adding = 4 * g.groups * lines * ((k[2] * from).div_ceil(LANES) + 1);
    let scattered = g.windows.count() * (to * (g.windows.taps() * from).div_ceil(LANES) + adding);
    scattered < gathered
}

/// As [`super::backward_data`]; the sums begin with `begin`, whose row has as many elements as there are features. `turned` has
/// room for the kernel, `panel` for a window's taps.
pub(super) fn backward_data(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    w: &[f32],
    begin: Begin<'_, f32>,
    m: usize,
    g: &Geometry,
    [panel, turned]: [&mut [f32]; 2],
) {
    let (inside, count) = (g.windows.positions() * g.cin, g.windows.count());
    let (from, to, depth) = (g.from_each(), g.to_each(), g.depth());
    if g.cin == 0 {
        return;
    }
    begin.lay(dx, g.cin);
    let together = (TOGETHER.min(panel.len()) / depth.max(1)).clamp(1, count.max(1));
    for group in 0..g.groups {
        // Its columns of the kernel as rows.
        let turned = &mut turned[..to * depth];
        transposed(isa, turned, depth, View::rows(w, group * to, g.cout), depth, to);
        for sample in 0..m {
            let dx = &mut dx[sample * inside..][..inside];
            for first in (0..count).step_by(together) {
                let rows = together.min(count - first);
                let (c, at) = (&mut panel[..rows * depth], (sample * count + first) * g.cout + group * to);
                let (a, b) = (View::rows(dy, at, g.cout), View::rows(turned, 0, depth));
                let c = ViewMut { data: c, at: 0, stride: depth };
                product(isa, c, a, b, [rows, depth, to], Begin::Zero, &mut []);
                add(isa, dx, &panel[..rows * depth], first, group * from, g);
            }
        }
    }
}

/// Adds what some windows from `first` on give to the positions of their taps, to `from_each` features from `feature` on.
fn add(isa: Isa, dx: &mut [f32], given: &[f32], first: usize, feature: usize, g: &Geometry) {
    per_isa!(
        isa,
        self::add_up(dx: &mut [f32], given: &[f32], first: usize, feature: usize, g: &Geometry),
        add_up
    );
}

/// As [`add`].
#[inline(always)]
fn add_up(dx: &mut [f32], given: &[f32], first: usize, feature: usize, g: &Geometry) {
    let Windows { n, k, stride, dilation, before, out } = g.windows;
    let (from, depth) = (g.from_each(), g.depth().max(1));
    // Taps that lie side by side in the input do so in the kernel.
    let merged = g.groups == 1 && dilation[2] == 1;
    let (run, runs) = if merged { (k[2] * from, 1) } else { (from, k[2]) };
    let count = given.len() / depth;
    let mut i = 0;
    // Line by line: windows that differ in the last dimension alone.
    while i < count {
        let (line, o2) = ((first + i) / out[2], (first + i) % out[2]);
        let windows = (out[2] - o2).min(count - i);
        let (o0, o1) = (line / out[1], line % out[1]);
        let given = &given[i * depth..][..windows * depth];
        for tap0 in g.windows.inside(0, o0) {
            let position = (o0 * stride[0] + tap0 * dilation[0] - before[0]) * n[1];
            for tap1 in g.windows.inside(1, o1) {
                let line = (position + o1 * stride[1] + tap1 * dilation[1] - before[1]) * n[2] * g.cin;
                let dx = &mut dx[line..][..n[2] * g.cin];
                for tap2 in 0..runs {
                    let taps = ((tap0 * k[1] + tap1) * k[2] + tap2) * from;
                    for (window, given) in given.chunks_exact(depth).enumerate() {
                        let given = &given[taps..][..run];
                        // Where the taps would lie if there were something before the line; as much of them is left out.
                        let at = ((o2 + window) * stride[2] + tap2 * dilation[2]) * g.cin;
                        let skip = (before[2] * g.cin).saturating_sub(at).min(run);
                        let at = (at + skip).saturating_sub(before[2] * g.cin) + feature;
                        let given = &given[skip..];
                        for (dx, given) in dx[at.min(n[2] * g.cin)..].iter_mut().zip(given) {
                            *dx += given;
                        }
                    }
                }
            }
        }
        i += windows;
    }
}

#[cfg(test)]
#[path = "ways_tests.rs"]
mod tests;
