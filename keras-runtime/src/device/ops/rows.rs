//! Ops that work on rows alone: gated linear units, rows divided by their norm, the probabilities nearest to rows.

use keras_kernels::{glu, sparsemax, unit_normalization};

use super::softmax::rows;
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::model::graph::OpKind;

pub(super) fn glu_forward(site: &mut Site<'_, '_>) {
    let OpKind::Glu { n } = site.kind() else { return };
    let (x, y) = (site.x(0), site.y());
    let launch = Launch::new("glu", "glu_forward").over(y.len).of([n]).out(y).reads(x).int(y.len);
    site.launch(launch.means(move |memory| {
        let x = memory.f32(x);
        glu::scalar::forward(memory.f32_mut(y), &x, n);
    }));
}

pub(super) fn glu_backward(site: &mut Site<'_, '_>) {
    let OpKind::Glu { n } = site.kind() else { return };
    let (x, dy) = (site.x(0), site.dy());
    let Some((dx, acc)) = site.dx(0) else { return };
    let launch = Launch::new("glu", "glu_backward").over(dy.len).of([n]).of([acc]);
    site.launch(launch.out(dx).reads(dy).reads(x).int(dy.len).means(move |memory| {
        let (dy, x) = (memory.f32(dy), memory.f32(x));
        glu::scalar::backward(memory.f32_mut(dx), &dy, &x, n, acc);
    }));
}

pub(super) fn norm_forward(site: &mut Site<'_, '_>) {
    let OpKind::UnitNormalization { n } = site.kind() else { return };
    let (x, y) = (site.x(0), site.y());
    let m = y.len.checked_div(n).unwrap_or(0);
    let launch = rows("unit_normalization", "unit_normalization_forward", m).of([n]).out(y).reads(x).int(m);
    site.launch(launch.means(move |memory| {
        let x = memory.f32(x);
        unit_normalization::scalar::forward(memory.f32_mut(y), Some(&x), n);
    }));
}

pub(super) fn norm_backward(site: &mut Site<'_, '_>) {
    let OpKind::UnitNormalization { n } = site.kind() else { return };
    let (x, dy) = (site.x(0), site.dy());
    let Some((dx, acc)) = site.dx(0) else { return };
    let m = dy.len.checked_div(n).unwrap_or(0);
    let launch = rows("unit_normalization", "unit_normalization_backward", m).of([n]).of([acc]);
    site.launch(launch.out(dx).reads(dy).reads(x).int(m).means(move |memory| {
        let (dy, x) = (memory.f32(dy), memory.f32(x));
        unit_normalization::scalar::backward(memory.f32_mut(dx), Some(&dy), &x, n, acc);
    }));
}

pub(super) fn sparsemax_forward(site: &mut Site<'_, '_>) {
    let OpKind::Sparsemax { n } = site.kind() else { return };
    let (x, y) = (site.x(0), site.y());
    let m = y.len.checked_div(n).unwrap_or(0);
    let launch = rows("sparsemax", "sparsemax_forward", m).of([n]).out(y).reads(x).int(m);
    site.launch(launch.means(move |memory| {
        let x = memory.f32(x);
        sparsemax::scalar::forward(memory.f32_mut(y), Some(&x), n);
    }));
}

pub(super) fn sparsemax_backward(site: &mut Site<'_, '_>) {
    let OpKind::Sparsemax { n } = site.kind() else { return };
    let (y, dy) = (site.y(), site.dy());
    let Some((dx, acc)) = site.dx(0) else { return };
    let m = dy.len.checked_div(n).unwrap_or(0);
    let launch = rows("sparsemax", "sparsemax_backward", m).of([n]).of([acc]);
    site.launch(launch.out(dx).reads(dy).reads(y).int(m).means(move |memory| {
        let (dy, y) = (memory.f32(dy), memory.f32(y));
        sparsemax::scalar::backward(memory.f32_mut(dx), Some(&dy), &y, n, acc);
    }));
}
