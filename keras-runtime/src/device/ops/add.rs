//! Sums, and gradients that pass unchanged.

use crate::device::builder::{Builder, Site};
use crate::device::elementwise::{Chain, Step};
use crate::device::launch::Launch;
use crate::device::memory::Span;

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let y = site.y();
    let xs: Vec<Span> = (0..site.inputs()).map(|i| site.x(i)).collect();
    if let Some((first, rest)) = xs.split_first() {
        site.launch(Chain::giving(y, false, |chain| {
            let first = chain.read(*first);
            rest.iter().fold(first, |sum, x| {
                let x = chain.read(*x);
                chain.step(Step::Sum([sum, x]))
            })
        }));
    }
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let dy = site.dy();
    for i in 0..site.inputs() {
        pass(site, i, dy);
    }
}

/// The gradient of the output as that of input `i`.
pub(super) fn pass(site: &mut Site<'_, '_>, i: usize, dy: Span) {
    if let Some((dx, acc)) = site.dx(i) {
        copy(site.b, dx, dy, acc);
    }
}

/// y = x, or y += x.
pub(in crate::device) fn copy(b: &mut Builder<'_>, y: Span, x: Span, acc: bool) {
    b.launch(copying(y, x, acc));
}

/// y = x when all of the step has been launched that reads y.
pub(super) fn copy_late(b: &mut Builder<'_>, y: Span, x: Span) {
    b.launch_late(copying(y, x, false));
}

/// The launch of y = x, or y += x.
pub(super) fn copying(y: Span, x: Span, acc: bool) -> Launch {
    Chain::giving(y, acc, |chain| chain.read(x))
}
