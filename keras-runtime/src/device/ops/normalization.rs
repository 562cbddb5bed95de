//! Normalization of groups of features within a sample.

use keras_kernels::normalization::{Groups, scalar};

use super::dense::columns;
use super::gemm::{Parts, in_parts};
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

/// Elements of a group from which on it has a block, not a warp.
const MANY: usize = 1024;

/// A launch of a team of threads for each group, and the team's size, the first constant.
fn teams(name: &'static str, groups: usize, len: usize) -> Launch {
    let team = if len >= MANY { 256 } else { 32 };
    let blocks = (groups * team).div_ceil(256);
    Launch::new("normalization", name).grid([blocks, 1, 1], 256).of([team])
}

/// How many samples there are, in the sense of what is normalized together: rows of a sequence are samples of their own.
fn samples(x: Span, of: &Groups) -> usize {
    x.len.checked_div(of.len()).unwrap_or(0)
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Normalization { groups: of, gamma, beta } = site.kind() else { return };
    let (x, y) = (site.x(0), site.y());
    let count = samples(x, &of) * of.groups;
    let (gamma, beta) = (gamma.then(|| site.w(0)), beta.then(|| site.w(usize::from(gamma))));
    let stats = site.own(0, 2 * count);
    let launch = teams("normalization_forward", count, of.positions * of.depth)
        .of([of.positions, of.groups, of.depth])
        .of([of.centered, gamma.is_some(), beta.is_some()])
        .out(y)
        .out(stats)
        .reads(x)
        .reads_if(gamma)
        .reads_if(beta)
        .int(count)
        .float(of.epsilon);
    site.launch(launch.means(move |memory| {
        let (x, gamma, beta) = (memory.f32(x), memory.f32_if(gamma), memory.f32_if(beta));
        let (mut kept, mut tmp) = (vec![0.0; stats.len], vec![0.0; 4 * of.channels()]);
        let y = memory.f32_mut(y);
        scalar::forward(y, &x, gamma.as_deref(), beta.as_deref(), &mut kept, &of, &mut tmp);
        memory.f32_mut(stats).copy_from_slice(&kept);
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Normalization { groups: of, gamma, beta } = site.kind() else { return };
    let (x, dy, c) = (site.x(0), site.dy(), of.channels());
    let samples = samples(x, &of);
    let (rows, count) = (samples * of.positions, samples * of.groups);
    let (factors, stats) = (gamma.then(|| site.w(0)), site.own(0, 2 * count));
    if let Some((dx, acc)) = site.dx(0) {
        let launch = teams("normalization_backward", count, of.positions * of.depth)
            .of([of.positions, of.groups, of.depth])
            .of([of.centered, gamma, acc])
            .out(dx)
            .reads(dy)
            .reads(x)
            .reads_if(factors)
            .reads(stats)
            .int(count);
        site.launch(launch.means(move |memory| {
            let (x, dy, stats, factors) = (memory.f32(x), memory.f32(dy), memory.f32(stats), memory.f32_if(factors));
            let mut tmp = vec![0.0; 4 * c];
            let dx = memory.f32_mut(dx);
            scalar::backward_data(dx, &dy, &x, factors.as_deref(), &stats, &of, acc, &mut tmp);
        }));
    }
    if let Some(dgamma) = gamma.then(|| site.dw(0)).flatten() {
        let blocks = c.div_ceil(32);
        // Statistics belong to samples, so parts are of whole samples.
        let parts = Parts::new(blocks, samples, of.positions);
        let (many, share) = (parts.count, parts.share * of.positions);
        let launch = move |to, acc| {
            let launch = Launch::new("normalization", "normalization_gamma").grid([blocks, many, 1], 256);
            let launch = launch.of([of.positions, of.groups, of.depth]).of([acc]);
            launch.out(to).reads(x).reads(dy).reads(stats).int(rows).int(share)
        };
        in_parts(site, dgamma, samples, parts, launch, move |memory, sum, [from, to]| {
            let all = of.positions * c;
            let (x, dy, stats) = (memory.f32(x), memory.f32(dy), memory.f32(stats));
            let stats = &stats[2 * of.groups * from..2 * of.groups * to];
            scalar::backward_gamma(sum, &x[from * all..to * all], &dy[from * all..to * all], stats, &of);
        });
    }
    if let Some(dbeta) = beta.then(|| site.dw(usize::from(gamma))).flatten() {
        columns(site, dbeta, dy, rows, c);
    }
}
