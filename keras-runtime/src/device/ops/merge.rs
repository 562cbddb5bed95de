//! Inputs merged element by element.

use keras_kernels::merge::{self, Merge};

use super::add;
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

fn of(kind: OpKind) -> Merge {
    if let OpKind::Merge { merge } = kind { merge } else { Merge::Average }
}

fn word(merge: Merge) -> &'static str {
    match merge {
        Merge::Subtract => "SUBTRACT",
        Merge::Multiply => "MULTIPLY",
        Merge::Average => "AVERAGE",
        Merge::Maximum => "MAXIMUM",
        Merge::Minimum => "MINIMUM",
    }
}

/// A launch whose last arguments are all inputs; those that are not there are nothing.
fn inputs(launch: Launch, xs: &[Span]) -> Launch {
    (0..MOST).fold(launch, |launch, i| launch.reads_if(xs.get(i).copied()))
}

/// How many inputs a kernel takes.
pub(super) const MOST: usize = 8;

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let (merge, y) = (of(site.kind()), site.y());
    let xs: Vec<Span> = (0..site.inputs()).map(|i| site.x(i)).collect();
    let launch = Launch::new("merge", "merge_forward").over(y.len).of([word(merge)]).of([xs.len()]).out(y).int(y.len);
    site.launch(inputs(launch, &xs).means(move |memory| {
        let xs: Vec<Vec<f32>> = xs.iter().map(|x| memory.f32(*x)).collect();
        let xs: Vec<&[f32]> = xs.iter().map(Vec::as_slice).collect();
        merge::scalar::forward(memory.f32_mut(y), &xs, merge);
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
        let xs: Vec<Span> = (0..site.inputs()).map(|i| site.x(i)).collect();
        let launch = Launch::new("merge", "merge_backward").over(dx.len).of([word(merge)]).of([xs.len(), i]);
        let launch = inputs(launch.of([acc]).out(dx).reads(dy).int(dx.len), &xs);
        site.launch(launch.means(move |memory| {
            let (dy, xs) = (memory.f32(dy), xs.iter().map(|x| memory.f32(*x)).collect::<Vec<_>>());
            let xs: Vec<&[f32]> = xs.iter().map(Vec::as_slice).collect();
            merge::scalar::backward(memory.f32_mut(dx), &dy, &xs, i, xs.len(), merge, acc);
        }));
    }
}
