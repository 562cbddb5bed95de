//! Inputs merged element by element.

use keras_kernels::merge::Merge;

use super::add;
use crate::device::builder::Site;
use crate::device::elementwise::{Chain, Step};
use crate::model::graph::OpKind;

fn of(kind: OpKind) -> Merge {
    if let OpKind::Merge { merge } = kind { merge } else { Merge::Average }
}

/// What kernels call it.
pub(in crate::device) fn merging(merge: Merge) -> &'static str {
    match merge {
        Merge::Subtract => "SUBTRACT",
        Merge::Multiply => "MULTIPLY",
        Merge::Average => "AVERAGE",
        Merge::Maximum => "MAXIMUM",
        Merge::Minimum => "MINIMUM",
    }
}

/// How many inputs a kernel takes.
pub(super) const MOST: usize = 8;

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let (merge, y) = (of(site.kind()), site.y());
    site.launch(Chain::giving(y, false, |chain| {
        let xs = (0..site.inputs()).map(|i| chain.read(site.x(i))).collect();
        chain.step(Step::Merge(merge, xs))
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let (merge, dy) = (of(site.kind()), site.dy());
    if merge == Merge::Subtract {
        add::pass(site, 0, dy);
    }
    let first = usize::from(merge == Merge::Subtract);
    for i in first..site.inputs() {
        let Some((dx, acc)) = site.dx(i) else { continue };
        site.launch(Chain::giving(dx, acc, |chain| {
            let xs = (0..site.inputs()).map(|i| site.x(i));
            let of = [dy].into_iter().chain(xs).map(|span| chain.read(span)).collect();
            chain.step(Step::MergeBackward(merge, i, of))
        }));
    }
}
