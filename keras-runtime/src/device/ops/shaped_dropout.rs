//! Dropout by a mask of its own shape, which is drawn again in the backward pass.

use keras_kernels::shaped_dropout::{self, Mask};

use super::add;
use super::dropout::Stream;
use super::prelu::constants;
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

/// The launch of one of both passes, whose meaning has yet to be said; the mask and the stream.
fn draw(site: &Site<'_, '_>, y: Span, x: Span, gradient: bool, acc: bool) -> Option<(Launch, Mask<'static>, Stream)> {
    let OpKind::ShapedDropout { rate, alpha, by_sample, dims, stream, seed } = site.kind() else { return None };
    let stream = Stream::new(site, seed, stream);
    let mask = if alpha { Mask::alpha(rate, by_sample, dims) } else { Mask::inverted(rate, by_sample, dims) };
    let [shift, dropped] = if gradient { [0.0; 2] } else { [mask.shift, mask.dropped] };
    let launch = Launch::new("shaped_dropout", "shaped_dropout").over(y.len).of([by_sample, acc]);
    let launch = launch.of(constants(dims.iter().map(|dim| (dim.len, dim.own)))).out(y).reads(x).int(y.len);
    let launch = launch.float(rate).float(mask.scale).float(shift).float(dropped);
    Some((stream.arguments(launch), mask, stream))
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    if !site.b.training {
        return add::forward(site);
    }
    let (y, x) = (site.y(), site.x(0));
    let Some((launch, mask, stream)) = draw(site, y, x, false, false) else { return };
    site.launch(launch.means(move |memory| {
        let (x, key) = (memory.f32(x), stream.key(memory));
        shaped_dropout::scalar::forward(memory.f32_mut(y), Some(&x), mask, key, 0);
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let dy = site.dy();
    if !site.b.training {
        return add::pass(site, 0, dy);
    }
    let Some((dx, acc)) = site.dx(0) else { return };
    let Some((launch, mask, stream)) = draw(site, dx, dy, true, acc) else { return };
    site.launch(launch.means(move |memory| {
        let (dy, key) = (memory.f32(dy), stream.key(memory));
        shaped_dropout::scalar::backward(memory.f32_mut(dx), Some(&dy), mask, key, 0, acc);
    }));
}
