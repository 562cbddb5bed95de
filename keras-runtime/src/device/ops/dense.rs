//! Matrix products, and biases.

use keras_kernels::activation::{self, Act};
use keras_kernels::{bias, dense};

use super::activation::{arguments, code};
use super::flag;
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

/// Rows and columns of C that a block computes.
const TILE: usize = 64;

/// Threads of a block: each has 4 × 4 elements.
const THREADS: u32 = 256;

/// A launch of a product with `m` rows and `n` columns.
fn product(name: &'static str, m: usize, n: usize) -> Launch {
    Launch::new("gemm", name).grid([m.div_ceil(TILE), n.div_ceil(TILE), 1], THREADS)
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Dense { outer, k, n, act } = site.kind() else { return };
    let (m, x, w, b, y) = (site.b.rows * outer, site.x(0), site.w(0), site.w_if(1), site.y());
    let launch = product("gemm_forward", m, n).of([k, n]).of([code(act), flag(b.is_some())]);
    let launch = launch.out(y).reads(x).reads(w).reads_if(b).int(m);
    site.launch(arguments(launch, act).means(move |memory| {
        let (x, w, b) = (memory.f32(x), memory.f32(w), memory.f32_if(b));
        dense::scalar::forward(memory.f32_mut(y), &x, &w, b.as_deref(), act, m, k, n);
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Dense { outer, k, n, act } = site.kind() else { return };
    let (m, x, w, y, dy) = (site.b.rows * outer, site.x(0), site.w(0), site.y(), site.dy());
    if act != Act::Linear {
        let launch = Launch::new("activation", "activation_backward").over(dy.len).of([code(act), flag(false)]);
        let launch = launch.out(dy).reads(dy).reads(y).int(dy.len);
        site.launch(arguments(launch, act).means(move |memory| {
            let y = memory.f32(y);
            activation::scalar::backward(memory.f32_mut(dy), None, &y, act, false);
        }));
    }
    if let Some((dx, acc)) = site.dx(0) {
        let launch = product("gemm_data", m, k).of([k, n]).of([flag(acc)]).out(dx).reads(dy).reads(w).int(m);
        site.launch(launch.means(move |memory| {
            let (dy, w) = (memory.f32(dy), memory.f32(w));
            dense::scalar::backward_data(memory.f32_mut(dx), &dy, &w, m, k, n, acc);
        }));
    }
    if let Some((dw, acc)) = site.dw(0) {
        let launch = product("gemm_kernel", k, n).of([k, n]).of([flag(acc)]).out(dw).reads(x).reads(dy).int(m);
        site.launch(launch.means(move |memory| {
            let (x, dy) = (memory.f32(x), memory.f32(dy));
            let mut sum = vec![0.0; k * n];
            dense::scalar::backward_kernel(&mut sum, &x, &dy, m, k, n);
            put(memory.f32_mut(dw), &sum, acc);
        }));
    }
    if let Some(db) = site.dw(1) {
        columns(site, db, dy, m, n);
    }
}

/// The gradient of a bias: sums of columns.
fn columns(site: &mut Site<'_, '_>, (db, acc): (Span, bool), dy: Span, m: usize, n: usize) {
    let launch =
        Launch::new("bias", "bias_backward").grid([n.div_ceil(32), 1, 1], 256).of([n.to_string()]).of([flag(acc)]);
    site.launch(launch.out(db).reads(dy).int(m).means(move |memory| {
        let dy = memory.f32(dy);
        let mut sum = vec![0.0; n];
        dense::scalar::backward_bias(&mut sum, &dy, m, n);
        put(memory.f32_mut(db), &sum, acc);
    }));
}

/// Writes numbers, or adds them to those that are there.
pub(in crate::device) fn put(to: &mut [f32], from: &[f32], acc: bool) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = if acc { *to + from } else { *from };
    }
}

pub(super) fn bias_forward(site: &mut Site<'_, '_>) {
    let OpKind::Bias { n, .. } = site.kind() else { return };
    let (x, b, y) = (site.x(0), site.w(0), site.y());
    let launch = Launch::new("bias", "bias_forward").over(y.len).of([n]).out(y).reads(x).reads(b).int(y.len);
    site.launch(launch.means(move |memory| {
        let (x, b) = (memory.f32(x), memory.f32(b));
        bias::scalar::forward(memory.f32_mut(y), &x, &b);
    }));
}

pub(super) fn bias_backward(site: &mut Site<'_, '_>) {
    let OpKind::Bias { outer, n } = site.kind() else { return };
    let (m, dy) = (site.b.rows * outer, site.dy());
    super::add::pass(site, 0, dy);
    if let Some(db) = site.dw(0) {
        columns(site, db, dy, m, n);
    }
}
