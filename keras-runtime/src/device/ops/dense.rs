//! Matrix products, and biases.

use keras_kernels::dense;

use super::activation::{arguments, before_activation, code};
use super::gemm::{Parts, Tile, in_parts};
use crate::device::builder::Site;
use crate::device::elementwise::{Chain, Index, Step};
use crate::device::launch::Launch;
use crate::device::math::Math;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Dense { outer, k, n, act } = site.kind() else { return };
    let (m, x, w, b, y) = (site.b.rows * outer, site.x(0), site.w(0), site.w_if(1), site.y());
    let tile = Tile::new(site.b.math([x, w]), [m, n], 1);
    let launch = tile.launch("gemm", "gemm_forward", [m, n], 1).of([k, n]).of([code(act)]).of([b.is_some()]);
    let launch = launch.of([tile]).out(y).reads(x).reads(w).reads_if(b).int(m);
    site.launch(arguments(launch, act).means(move |memory| {
        let ([x, w], b) = (tile.math.factors(memory, [x, w]), memory.f32_if(b));
        dense::scalar::forward(memory.f32_mut(y), &x, &w, b.as_deref(), act, m, k, n);
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Dense { outer, k, n, act } = site.kind() else { return };
    let (m, x, w, dy) = (site.b.rows * outer, site.x(0), site.w(0), site.dy());
    before_activation(site, act);
    if let Some((dx, acc)) = site.dx(0) {
        let launch = data([dy, w], (dx, acc), site.b.math([dy, w]), [m, k, n]);
        site.launch(launch);
    }
    if let Some(dw) = site.dw(0) {
        kernel(site, dw, [x, dy], [m, k, n]);
    }
    if let Some(db) = site.dw(1) {
        columns(site, db, dy, m, n);
    }
}

/// The gradient of the input: dy · wᵀ, with `m` rows of dy, w of `k` by `n`.
pub(super) fn data([dy, w]: [Span; 2], (dx, acc): (Span, bool), math: Math, [m, k, n]: [usize; 3]) -> Launch {
    let tile = Tile::new(math, [m, k], 1);
    let launch = tile.launch("gemm", "gemm_data", [m, k], 1).of([k, n]).of([acc]).of([tile]);
    launch.out(dx).reads(dy).reads(w).int(m).means(move |memory| {
        let [dy, w] = math.factors(memory, [dy, w]);
        dense::scalar::backward_data(memory.f32_mut(dx), &dy, &w, m, k, n, acc);
    })
}

/// The gradient of a kernel: xᵀ · dy, with `m` rows of each, `k` columns of x and `n` of dy.
pub(super) fn kernel(site: &mut Site<'_, '_>, dw: (Span, bool), [x, dy]: [Span; 2], [m, k, n]: [usize; 3]) {
    let tile = Tile::in_parts(site.b.math([x, dy]), [k, n], 1, m, 1);
    let parts = Parts::of_product(tile, [k, n], 1, m, 1);
    let (count, share) = (parts.count, parts.share);
    let launch = move |to, acc| {
        let launch = tile.launch("gemm", "gemm_kernel", [k, n], count).of([k, n]).of([acc]).of([tile]);
        launch.out(to).reads(x).reads(dy).int(m).int(share)
    };
    in_parts(site, dw, m, parts, launch, move |memory, sum, [from, to]| {
        let [x, dy] = tile.math.factors(memory, [x, dy]);
        dense::scalar::backward_kernel(sum, &x[from * k..to * k], &dy[from * n..to * n], to - from, k, n);
    });
}

/// The gradient of a bias: sums of columns.
pub(super) fn columns(site: &mut Site<'_, '_>, db: (Span, bool), dy: Span, m: usize, n: usize) {
    let blocks = n.div_ceil(32);
    let parts = Parts::new(blocks, m, 1);
    let (count, share) = (parts.count, parts.share);
    let launch = move |to, acc| {
        let launch = Launch::new("bias", "bias_backward").grid([blocks, count, 1], 256).of([n.to_string()]);
        launch.of([acc]).out(to).reads(dy).int(m).int(share)
    };
    in_parts(site, db, m, parts, launch, move |memory, sum, [from, to]| {
        dense::scalar::backward_bias(sum, &memory.f32(dy)[from * n..to * n], to - from, n);
    });
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
    let mut chain = Chain::new(y.len);
    let of = [chain.read(x), chain.read_by(b, Index::Column(n))];
    let value = chain.step(Step::Bias(of));
    chain.write(y, value, false);
    site.launch(chain.launch());
}

pub(super) fn bias_backward(site: &mut Site<'_, '_>) {
    let OpKind::Bias { outer, n } = site.kind() else { return };
    let (m, dy) = (site.b.rows * outer, site.dy());
    super::add::pass(site, 0, dy);
    if let Some(db) = site.dw(0) {
        columns(site, db, dy, m, n);
    }
}
