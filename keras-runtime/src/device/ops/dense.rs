//! Matrix products, and biases.

use keras_kernels::activation::Act;
use keras_kernels::dense;

use super::activation::{arguments, before_activation, code};
use super::gemm::{Parts, Tile, in_parts};
use crate::device::builder::Site;
use crate::device::elementwise::{Chain, Index, Step};
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Dense { outer, k, n, act } = site.kind() else { return };
    let (m, x, w, b, y) = (site.b.rows * outer, site.x(0), site.w(0), site.w_if(1), site.y());
    let tile = Tile::new(site.b.math([x, w]), [m, n], 1);
    let parts = Parts::of_terms(tile, [m, n], k);
    product(site, tile, &parts, y, [x, w], b, act, [m, k, n]);
}

/// y = act(x · w + b), of `m` rows, `k` terms of each sum and `n` columns.
pub(super) fn product(
    site: &mut Site<'_, '_>,
    tile: Tile,
    parts: &Parts,
    y: Span,
    [x, w]: [Span; 2],
    b: Option<Span>,
    act: Act,
    [m, k, n]: [usize; 3],
) {
    // What follows the sums is done when all of their parts are there.
    let (to, own_b, own_act) = match parts.count {
        1 => (y, b, act),
        count => (site.b.buffer(count * y.len), None, Act::Linear),
    };
    let launch = tile.launch("gemm", "gemm_forward", [m, n], parts.count).of([k, n]).of([code(own_act)]);
    let launch = launch.of([own_b.is_some()]).of([tile]).out(to).reads(x).reads(w).reads_if(own_b).int(m);
    let terms: Vec<[usize; 2]> = parts.terms(k).collect();
    site.launch(arguments(launch.int(parts.share), own_act).means(move |memory| {
        let ([x, w], b) = (tile.math.factors(memory, [x, w]), memory.f32_if(own_b));
        for (y, &[from, to]) in memory.f32_mut(to).chunks_exact_mut(m * n).zip(&terms) {
            let (x, w) = (columns_of(&x, k, [from, to]), &w[from * n..to * n]);
            dense::scalar::forward(y, &x, w, b.as_deref(), own_act, m, to - from, n);
        }
    }));
    if parts.count > 1 {
        site.launch(Chain::giving(y, false, |chain| {
            let mut value = chain.read_by(to, Index::Parts(parts.count));
            if let Some(b) = b {
                let b = chain.read_by(b, Index::Column(n));
                value = chain.step(Step::Bias([value, b]));
            }
            if act != Act::Linear {
                value = chain.step(Step::Activate(act, value));
            }
            value
        }));
    }
}

/// Some columns of rows of so many.
fn columns_of(all: &[f32], columns: usize, [from, to]: [usize; 2]) -> Vec<f32> {
    all.chunks_exact(columns).flat_map(|row| &row[from..to]).copied().collect()
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Dense { outer, k, n, act } = site.kind() else { return };
    let (m, x, w, dy) = (site.b.rows * outer, site.x(0), site.w(0), site.dy());
    before_activation(site, act);
    if let Some((dx, acc)) = site.dx(0) {
        data(site, [dy, w], (dx, acc), [m, k, n]);
    }
    if let Some(dw) = site.dw(0) {
        kernel(site, dw, [x, dy], [m, k, n]);
    }
    if let Some(db) = site.dw(1) {
        columns(site, db, dy, m, n);
    }
}

/// The gradient of the input: dy · wᵀ, with `m` rows of dy, w of `k` by `n`.
pub(super) fn data(site: &mut Site<'_, '_>, [dy, w]: [Span; 2], (dx, acc): (Span, bool), [m, k, n]: [usize; 3]) {
    let tile = Tile::new(site.b.math([dy, w]), [m, k], 1);
    let parts = Parts::of_terms(tile, [m, k], n);
    let (count, share, terms) = (parts.count, parts.share, parts.terms(n).collect::<Vec<_>>());
    let (to, own_acc) = if count == 1 { (dx, acc) } else { (site.b.buffer(count * dx.len), false) };
    let launch = tile.launch("gemm", "gemm_data", [m, k], count).of([k, n]).of([own_acc]).of([tile]);
    site.launch(launch.out(to).reads(dy).reads(w).int(m).int(share).means(move |memory| {
        let [dy, w] = tile.math.factors(memory, [dy, w]);
        for (dx, &range) in memory.f32_mut(to).chunks_exact_mut(m * k).zip(&terms) {
            let ([dy, w], len) = ([&dy, &w].map(|all| columns_of(all, n, range)), range[1] - range[0]);
            dense::scalar::backward_data(dx, &dy, &w, m, k, len, own_acc);
        }
    }));
    if count > 1 {
        site.launch(Chain::giving(dx, acc, |chain| chain.read_by(to, Index::Parts(count))));
    }
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
    site.launch(Chain::giving(y, false, |chain| {
        let of = [chain.read(x), chain.read_by(b, Index::Column(n))];
        chain.step(Step::Bias(of))
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
