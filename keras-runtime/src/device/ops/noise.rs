//! Normal noise, which is drawn again in the backward pass.

use keras_kernels::noise::{self, Noise};

use super::add;
use super::dropout::Stream;
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

/// The launch of one of both passes, whose meaning has yet to be said; and the stream.
fn draw(site: &Site<'_, '_>, y: Span, x: Span, acc: bool) -> Option<(Launch, Noise, Stream)> {
    let OpKind::Noise { noise, stream, seed } = site.kind() else { return None };
    let stream = Stream::new(site, seed, stream);
    let is_multiplied = matches!(noise, Noise::Multiplied { .. });
    let launch = Launch::new("noise", "noise").drawing(y.len).of([is_multiplied, acc]);
    let launch = launch.out(y).reads(x).int(y.len).float(noise.stddev() as f32);
    Some((stream.arguments(launch), noise, stream))
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    if !site.b.training {
        return add::forward(site);
    }
    let (y, x) = (site.y(), site.x(0));
    let Some((launch, noise, stream)) = draw(site, y, x, false) else { return };
    site.launch(launch.means(move |memory| {
        let (x, key) = (memory.f32(x), stream.key(memory));
        noise::scalar::forward(memory.f32_mut(y), Some(&x), noise, key, 0);
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let dy = site.dy();
    if !site.b.training || matches!(site.kind(), OpKind::Noise { noise: Noise::Added { .. }, .. }) {
        return add::pass(site, 0, dy);
    }
    let Some((dx, acc)) = site.dx(0) else { return };
    let Some((launch, noise, stream)) = draw(site, dx, dy, acc) else { return };
    site.launch(launch.means(move |memory| {
        let (dy, key) = (memory.f32(dy), stream.key(memory));
        noise::scalar::backward(memory.f32_mut(dx), Some(&dy), noise, key, 0, acc);
    }));
}
