//! Products with a kernel whose weights count as −1, 0 or 1.

use keras_kernels::{activation::Act, dense, ternary::scalar};

use super::activation::{arguments, code};
use super::gemm::Tile;
use super::{put, spectral};
use crate::device::builder::Site;
use crate::device::launch::{Launch, THREADS};
use crate::device::memory::Span;
use crate::model::graph::OpKind;

/// The mean of the magnitudes, and what the weights count as: with that as their factor, if there is no threshold.
fn ternary(site: &mut Site<'_, '_>, threshold: Option<f32>, n: usize) -> [Span; 2] {
    let w = site.w(0);
    let [mean, t] = [(0, 1), (1, w.len)].map(|(i, len)| site.own(i, len));
    let (part, count) = spectral::parts(w.len);
    let sums = site.own(2, count);
    if threshold.is_none() {
        let launch = Launch::new("ternary", "ternary_sums").grid([count, 1, 1], THREADS);
        site.launch(launch.out(sums).reads(w).int(part).int(w.len).means(move |memory| {
            let w = memory.f32(w);
            let of_parts: Vec<f32> = w.chunks(part).map(|w| scalar::mean(w) * w.len() as f32).collect();
            memory.f32_mut(sums)[..of_parts.len()].copy_from_slice(&of_parts);
        }));
    }
    let given = threshold.is_some();
    let launch = Launch::new("ternary", "ternary_kernel").over(w.len).of([given]);
    let launch = launch.out(t).out(mean).reads(w).reads_if((!given).then_some(sums)).int(count).int(w.len);
    site.launch(launch.float(threshold.unwrap_or_default()).means(move |memory| {
        let w = memory.f32(w);
        let rule = match threshold {
            Some(threshold) => [threshold, 1.0],
            None => {
                let mean = memory.f32(sums).iter().sum::<f32>() / w.len().max(1) as f32;
                [0.5 * mean, mean]
            }
        };
        scalar::ternarize(memory.f32_mut(t), &w, n, n, rule);
        memory.f32_mut(mean)[0] = rule[1];
    }));
    [mean, t]
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Ternary { outer, k, n, threshold } = site.kind() else { return };
    let (m, x, y) = (site.b.rows * outer, site.x(0), site.y());
    let [_, t] = ternary(site, threshold, n);
    let tile = Tile::new(site.b.math([x, t]), [m, n], 1);
    let launch =
        tile.launch("gemm", "gemm_forward", [m, n], 1).of([k, n]).of([code(Act::Linear)]).of([false]).of([tile]);
    let launch = launch.out(y).reads(x).reads(t).reads_if(None).int(m);
    site.launch(arguments(launch, Act::Linear).means(move |memory| {
        let [x, t] = tile.math.factors(memory, [x, t]);
        dense::scalar::forward(memory.f32_mut(y), &x, &t, None, Act::Linear, m, k, n);
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Ternary { outer, k, n, threshold } = site.kind() else { return };
    let (m, x, y, w, dy) = (site.b.rows * outer, site.x(0), site.y(), site.w(0), site.dy());
    let [mean, t] = [(0, 1), (1, w.len)].map(|(i, len)| site.own(i, len));
    if let Some((dx, acc)) = site.dx(0) {
        let launch = super::dense::data([dy, t], (dx, acc), site.b.math([dy, t]), [m, k, n]);
        site.launch(launch);
    }
    let Some(dw) = site.dw(0) else { return };
    if threshold.is_some() {
        return super::dense::kernel(site, dw, [x, dy], [m, k, n]);
    }
    // The factor is in T already, so that only here the gradient is to be that of x·T without it.
    let launch = Launch::new("ternary", "ternary_scale").over(dy.len).out(dy).reads(mean).int(dy.len);
    site.launch(launch.means(move |memory| {
        let mean = memory.f32(mean)[0];
        memory.f32_mut(dy).iter_mut().for_each(|dy| *dy *= mean);
    }));
    super::dense::kernel(site, dw, [x, dy], [m, k, n]);
    let parts = spectral::dot(site, 3, y, dy);
    let Some((d, acc)) = site.dw(1) else { return };
    let launch = Launch::new("ternary", "ternary_backward").over(w.len).of([acc]);
    let launch = launch.out(d).reads(w).reads(parts).reads(mean).int(parts.len).int(w.len);
    site.launch(launch.means(move |memory| {
        let [w, parts, mean] = [w, parts, mean].map(|span| memory.f32(span));
        let mut slopes = vec![0.0; d.len];
        // The product of the outputs and their gradients is that of the parts' sums and ones.
        scalar::backward_mean(&mut slopes, &w, mean[0], &parts, &vec![1.0; parts.len()]);
        put(memory.f32_mut(d), &slopes, acc);
    }));
}
