//! What a layer with a kernel gives, divided by the kernel's largest singular value.

use keras_kernels::spectral::scalar;

use super::{add, put};
use crate::device::builder::Site;
use crate::device::launch::{Launch, THREADS};
use crate::device::memory::Span;
use crate::model::graph::OpKind;

/// The value, the vectors u and v, and the kernel with the length of its rows.
struct Norm {
    value: Span,
    u: Span,
    v: Span,
    w: Span,
    c: usize,
}

impl Norm {
    /// Where they lie; nothing for a kernel without weights.
    fn of(site: &mut Site<'_, '_>) -> Option<Norm> {
        let (w, c) = (site.w(0), site.w(1).len);
        let m = w.len.checked_div(c)?;
        let [value, u, v] = [(0, 1), (1, c), (2, m)].map(|(i, len)| site.own(i, len));
        Some(Norm { value, u, v, w, c })
    }
}

/// y = x over the value, or y += that.
fn divide(site: &mut Site<'_, '_>, y: Span, x: Span, value: Span, acc: bool) {
    let launch = Launch::new("spectral", "spectral_divide").over(y.len).of([acc]);
    site.launch(launch.out(y).reads(x).reads(value).int(y.len).means(move |memory| {
        let (x, value) = (memory.f32(x), memory.f32(value)[0]);
        let divided: Vec<f32> = x.iter().map(|x| x / value).collect();
        put(memory.f32_mut(y), &divided, acc);
    }));
}

/// How long the parts are of a sum over so many numbers, and how many: as many as the kernel that adds them up has threads in a
/// block, at the most.
pub(super) fn parts(len: usize) -> (usize, usize) {
    let part = len.div_ceil(THREADS as usize).max(1024);
    (part, len.div_ceil(part).max(1))
}

/// Σ y dy in parts, in a buffer of the op's own.
pub(super) fn dot(site: &mut Site<'_, '_>, own: usize, y: Span, dy: Span) -> Span {
    let (part, count) = parts(dy.len);
    let parts = site.own(own, count);
    let launch = Launch::new("spectral", "spectral_dot").grid([count, 1, 1], THREADS);
    site.launch(launch.out(parts).reads(y).reads(dy).int(part).int(dy.len).means(move |memory| {
        let (y, dy) = (memory.f32(y), memory.f32(dy));
        let sums: Vec<f32> = y.chunks(part).zip(dy.chunks(part)).map(|(y, dy)| scalar::dot(y, dy)).collect();
        memory.f32_mut(parts)[..sums.len()].copy_from_slice(&sums);
    }));
    parts
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Spectral { iterations } = site.kind() else { return };
    let norm = if site.b.training { Norm::of(site) } else { None };
    let Some(Norm { value, u, v, w, c }) = norm else { return add::forward(site) };
    let (x, state, y) = (site.x(0), site.w(1), site.y());
    let launch = Launch::new("spectral", "spectral_norm").grid([1; 3], THREADS).out(value).out(u).out(v);
    let launch = launch.reads(w).reads(state).int(v.len).int(c).int(iterations);
    site.launch(launch.means(move |memory| {
        let (w, mut new, mut other) = (memory.f32(w), memory.f32(state), vec![0.0; v.len]);
        memory.f32_mut(value)[0] = scalar::norm(&mut new, &mut other, &w, iterations);
        memory.f32_mut(u).copy_from_slice(&new);
        memory.f32_mut(v).copy_from_slice(&other);
    }));
    divide(site, y, x, value, false);
    // Behind all that reads the vector of the step before: a model that is a layer may be called several times.
    add::copy_late(site.b, state, u);
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let dy = site.dy();
    let norm = if site.b.training { Norm::of(site) } else { None };
    let Some(Norm { value, u, v, w, c }) = norm else { return add::pass(site, 0, dy) };
    if let Some((dx, acc)) = site.dx(0) {
        divide(site, dx, dy, value, acc);
    }
    let y = site.y();
    let Some((d, acc)) = site.dw(0) else { return };
    let parts = dot(site, 3, y, dy);
    let launch = Launch::new("spectral", "spectral_kernel").over(w.len).of([acc]);
    let launch = launch.out(d).reads(parts).reads(value).reads(u).reads(v).int(parts.len).int(c).int(w.len);
    site.launch(launch.means(move |memory| {
        let [parts, value, u, v] = [parts, value, u, v].map(|span| memory.f32(span));
        let mut sum = vec![0.0; d.len];
        // The product of the outputs and their gradients is that of the parts' sums and ones.
        scalar::backward_kernel(&mut sum, value[0], [&u, &v], &parts, &vec![1.0; parts.len()]);
        put(memory.f32_mut(d), &sum, acc);
    }));
}
