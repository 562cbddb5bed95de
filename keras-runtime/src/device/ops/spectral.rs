//! What a layer with a kernel gives, divided by the kernel's largest singular value.

use keras_kernels::spectral::scalar;

use super::gemm::{Parts, in_parts};
use super::softmax::rows as warps;
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

/// v = W u; and by row of the kernel, whether it has an element other than 0, if `any`.
fn rows(site: &mut Site<'_, '_>, v: Span, any: Option<Span>, w: Span, u: Span) {
    let c = u.len;
    let launch = warps("spectral", "spectral_rows", v.len).out(v).out_if(any).reads(w).reads(u);
    site.launch(launch.int(v.len).int(c).means(move |memory| {
        let (w, u) = (memory.f32(w), memory.f32(u));
        let rows = w.chunks_exact(c);
        for (v, w) in memory.f32_mut(v).iter_mut().zip(rows.clone()) {
            *v = scalar::dot(w, &u);
        }
        if let Some(any) = any {
            for (any, w) in memory.f32_mut(any).iter_mut().zip(rows) {
                *any = f32::from(w.iter().any(|&w| w != 0.0));
            }
        }
    }));
}

/// u = Wᵀ v, in parts where there are many rows.
fn columns(site: &mut Site<'_, '_>, u: Span, w: Span, v: Span) {
    let (m, c) = (v.len, u.len);
    let parts = Parts::new(c.div_ceil(32), m, 1);
    let (share, count) = (parts.share, parts.count);
    let launch = |to: Span, _| {
        let launch = Launch::new("spectral", "spectral_columns").grid([c.div_ceil(32), count, 1], THREADS);
        launch.out(to).reads(w).reads(v).int(share).int(m).int(c)
    };
    in_parts(site, (u, false), m, parts, launch, move |memory, sum, [first, end]| {
        let (w, v) = (memory.f32(w), memory.f32(v));
        for i in first..end {
            for (sum, w) in sum.iter_mut().zip(&w[i * c..][..c]) {
                *sum = v[i].mul_add(*w, *sum);
            }
        }
    });
}

/// x over its norm.
fn normalize(site: &mut Site<'_, '_>, x: Span) {
    let launch = Launch::new("spectral", "spectral_normalize").out(x).int(x.len);
    site.launch(launch.means(move |memory| scalar::normalize(memory.f32_mut(x))));
}

/// How long the parts are of a sum over so many numbers, and how many: as many as the kernel that adds them up has threads in a
/// block, at the most.
pub(in crate::device) fn parts(len: usize) -> (usize, usize) {
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
    let mut last = state;
    for _ in 0..iterations {
        rows(site, v, None, w, last);
        normalize(site, v);
        columns(site, u, w, v);
        normalize(site, u);
        last = u;
    }
    let [product, any] = [(); 2].map(|()| site.b.buffer(v.len));
    rows(site, product, Some(any), w, last);
    let launch = Launch::new("spectral", "spectral_value").out(value).out(u).reads(v).reads(product).reads(any);
    site.launch(launch.reads(state).int(v.len).int(c).means(move |memory| {
        let [v, product, any, state] = [v, product, any, state].map(|span| memory.f32(span));
        let is_zero = any.iter().all(|&any| any == 0.0);
        memory.f32_mut(value)[0] = if is_zero { 1.0 } else { scalar::dot(&v, &product) };
        if is_zero {
            memory.f32_mut(u).copy_from_slice(&state);
        }
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
