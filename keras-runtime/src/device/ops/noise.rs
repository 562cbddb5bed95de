//! Normal noise, which is drawn again in the backward pass.

use keras_kernels::noise::Noise;

use super::add;
use super::dropout::Stream;
use crate::device::builder::Site;
use crate::device::elementwise::{Chain, Step};
use crate::device::memory::Span;
use crate::model::graph::OpKind;

fn draw(site: &mut Site<'_, '_>, y: Span, x: Span, acc: bool) {
    let OpKind::Noise { noise, stream, seed } = site.kind() else { return };
    let stream = Stream::new(site, seed, stream);
    site.launch(Chain::giving(y, acc, |chain| {
        let (x, stream) = (chain.read(x), chain.stream(stream));
        chain.step(Step::Noise(noise, x, stream))
    }));
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    if !site.b.training {
        return add::forward(site);
    }
    let (y, x) = (site.y(), site.x(0));
    draw(site, y, x, false);
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let dy = site.dy();
    if !site.b.training || matches!(site.kind(), OpKind::Noise { noise: Noise::Added { .. }, .. }) {
        return add::pass(site, 0, dy);
    }
    // The slope of noise that multiplies is what it multiplies by.
    if let Some((dx, acc)) = site.dx(0) {
        draw(site, dx, dy, acc);
    }
}
