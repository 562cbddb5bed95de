//! Learnt slopes below 0.

use keras_kernels::prelu;

use super::gemm::{Parts, in_parts};
use crate::device::builder::Site;
use crate::device::elementwise::{Chain, Index, Step};
use crate::device::launch::Launch;
use crate::model::graph::OpKind;

/// Dimensions as kernels have them, by length and whether slopes, or a mask, have them too. Those side by side that are alike
/// are one.
pub(super) fn constants(dims: impl Iterator<Item = (usize, bool)>) -> Vec<String> {
    let mut all: Vec<(usize, bool)> = Vec::new();
    for (len, own) in dims.filter(|(len, _)| *len != 1) {
        match all.last_mut() {
            Some(last) if last.1 == own => last.0 *= len,
            _ => all.push((len, own)),
        }
    }
    all.iter().map(|(len, own)| format!("Dimension<{len}, {own}>")).collect()
}

/// Those of slopes.
pub(in crate::device) fn slopes(dims: &[prelu::Dim]) -> Vec<String> {
    constants(dims.iter().map(|dim| (dim.len, !dim.shared)))
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::PRelu { dims } = site.kind() else { return };
    let (x, alpha, y) = (site.x(0), site.w(0), site.y());
    site.launch(Chain::giving(y, false, |chain| {
        let of = [chain.read(x), chain.read_by(alpha, Index::Own(dims))];
        chain.step(Step::PRelu(dims, of))
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::PRelu { dims } = site.kind() else { return };
    let (m, x, alpha, dy) = (site.b.rows, site.x(0), site.w(0), site.dy());
    if let Some((dx, acc)) = site.dx(0) {
        site.launch(Chain::giving(dx, acc, |chain| {
            let of = [chain.read(dy), chain.read(x), chain.read_by(alpha, Index::Own(dims))];
            chain.step(Step::PReluBackward(dims, of))
        }));
    }
    if let Some(d) = site.dw(0) {
        let len = d.0.len;
        let together = len.next_power_of_two().min(32);
        let (blocks, sample) = (len.div_ceil(together), dims.iter().map(|dim| dim.len).product::<usize>());
        let parts = Parts::new(blocks, m, sample / len.max(1));
        let (count, share) = (parts.count, parts.share);
        let launch = move |to, acc| {
            let launch = Launch::new("prelu", "prelu_slopes").grid([blocks, count, 1], 256);
            let launch = launch.of([together]).of([acc]).of(slopes(dims));
            launch.out(to).reads(x).reads(dy).int(m).int(share)
        };
        in_parts(site, d, m, parts, launch, move |memory, sum, [from, to]| {
            let (x, dy) = (memory.f32(x), memory.f32(dy));
            let samples = from * sample..to * sample;
            prelu::scalar::backward_alpha(sum, &x[samples.clone()], &dy[samples], dims);
        });
    }
}
