//! Masks, and what they leave of rows.

use keras_kernels::mask;

use crate::device::builder::Site;
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
    let launch =
        Launch::new("mask", "mask_forward").over(y.len).of([n]).out(y).reads(x).reads(m).int(y.len).float(fill);
    let launch = if fill == 0.0 || fill == 1.0 { launch.moves(&[x], false) } else { launch };
    site.launch(launch.means(move |memory| {
        let (x, m) = (memory.f32(x), memory.f32(m));
        mask::scalar::forward(memory.f32_mut(y), &x, &m, n, fill);
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
    let launch = Launch::new("mask", "select_forward").over(y.len).of([n]).out(y).reads(a).reads(b).reads(m).int(y.len);
    site.launch(launch.moves(&[a, b], false).means(move |memory| {
        let (a, b, m) = (memory.f32(a), memory.f32(b), memory.f32(m));
        mask::scalar::select(memory.f32_mut(y), &a, &b, &m, n);
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
    let launch = Launch::new("mask", "mask_backward").over(dx.len).of([n]).of([count, acc]);
    site.launch(launch.out(dx).reads(dy).reads(m).int(dx.len).moves(&[dy], acc).means(move |memory| {
        let (dy, m) = (memory.f32(dy), memory.f32(m));
        mask::scalar::backward(memory.f32_mut(dx), &dy, &m, n, count, acc);
    }));
}
