//! States that rows carry from batch to batch.

use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::memory::{Region, Span};
use crate::model::graph::OpKind;

/// Where `n` floats of each row, from `at` on of this model, lie among what rows carry.
#[derive(Clone, Copy)]
struct At {
    n: usize,
    /// What a row carries of all models.
    width: usize,
    at: usize,
    all: Span,
}

impl At {
    fn new(site: &Site<'_, '_>, len: usize, at: usize) -> At {
        let (first, width) = site.frame.carried;
        let (n, all) = (len.checked_div(site.b.rows).unwrap_or(0), Region::Carried.span(0, site.b.rows * width));
        At { n, width, at: first + at, all }
    }

    fn launch(self, name: &'static str, len: usize) -> Launch {
        Launch::new("carried", name).over(len).of([self.n, self.width])
    }

    /// The row's floats.
    fn row(self, i: usize) -> std::ops::Range<usize> {
        let begin = i * self.width + self.at;
        begin..begin + self.n
    }
}

pub(super) fn recall(site: &mut Site<'_, '_>) {
    let OpKind::Recall { at } = site.kind() else { return };
    let y = site.y();
    let at = At::new(site, y.len, at);
    let launch = at.launch("carried_recall", y.len).out(y).reads(at.all).int(y.len).int(at.at);
    site.launch(launch.means(move |memory| {
        let all = memory.f32(at.all);
        for (i, y) in memory.f32_mut(y).chunks_exact_mut(at.n.max(1)).enumerate() {
            y.copy_from_slice(&all[at.row(i)]);
        }
    }));
}

pub(super) fn carry(site: &mut Site<'_, '_>) {
    let OpKind::Carry { at } = site.kind() else { return };
    let x = site.x(0);
    let at = At::new(site, x.len, at);
    let launch = at.launch("carried_carry", x.len).out(at.all).reads(x).int(x.len).int(at.at);
    site.launch(launch.means(move |memory| {
        let x = memory.f32(x);
        let all = memory.f32_mut(at.all);
        for (i, x) in x.chunks_exact(at.n.max(1)).enumerate() {
            all[at.row(i)].copy_from_slice(x);
        }
    }));
}

/// No gradient goes from batch to batch.
pub(super) fn nothing(_: &mut Site<'_, '_>) {}
