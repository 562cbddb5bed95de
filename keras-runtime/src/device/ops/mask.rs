//! Masks, and what they leave of rows.

use keras_kernels::mask;

use crate::device::builder::Site;
use crate::device::elementwise::{Chain, Index, Step};
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

pub(super) fn not_equal(site: &mut Site<'_, '_>) {
    let OpKind::NotEqual { n, value } = site.kind() else { return };
    let (x, m) = (site.x(0), site.y());
    let launch = Launch::new("mask", "not_equal").over(m.len).of([n]).out(m).reads(x).int(m.len).float(value);
    site.launch(launch.means(move |memory| {
        let x = memory.f32(x);
        mask::scalar::not_equal(memory.f32_mut(m), &x, n, value);
    }));
}

pub(super) fn nothing(_: &mut Site<'_, '_>) {}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Mask { n, fill } = site.kind() else { return };
    let (x, m, y) = (site.x(0), site.x(1), site.y());
    site.launch(Chain::giving(y, false, |chain| {
        let of = [chain.read(x), chain.read_by(m, Index::Row(n))];
        chain.step(Step::Mask { n, fill, of })
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Mask { n, .. } = site.kind() else { return };
    let m = site.x(1);
    rows(site, 0, (m, n), true);
}

pub(super) fn select(site: &mut Site<'_, '_>) {
    let OpKind::Select { n } = site.kind() else { return };
    let (a, b, m, y) = (site.x(0), site.x(1), site.x(2), site.y());
    site.launch(Chain::giving(y, false, |chain| {
        let of = [chain.read(a), chain.read(b), chain.read_by(m, Index::Row(n))];
        chain.step(Step::Select { n, of })
    }));
}

pub(super) fn select_backward(site: &mut Site<'_, '_>) {
    let OpKind::Select { n } = site.kind() else { return };
    let m = site.x(2);
    rows(site, 0, (m, n), true);
    rows(site, 1, (m, n), false);
}

/// The gradient of the output in the rows that count, or in the others, as that of input `i`.
fn rows(site: &mut Site<'_, '_>, i: usize, (m, n): (Span, usize), count: bool) {
    let dy = site.dy();
    let Some((dx, acc)) = site.dx(i) else { return };
    site.launch(Chain::giving(dx, acc, |chain| {
        let of = [chain.read(dy), chain.read_by(m, Index::Row(n))];
        chain.step(Step::MaskBackward { n, count, of })
    }));
}
