//! Models that are layers: their launches stand among the others.

use crate::device::builder::{Frame, Place, Site};
use crate::layer::nested_seed;
use crate::model::graph::OpKind;

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Nested { graph, first, stream, carried, .. } = site.kind() else { return };
    let shift = graph.params.first().map_or(0, |own| site.frame.graph.params[first].at - own.at);
    let around = site.frame.place;
    let trainable = around.trainable && site.is_trainable();
    let place = Place { params: around.params + first, shift: around.shift + shift, trainable };
    let seed = nested_seed(site.frame.seed, stream);
    let mut frame = Frame::new(site.b, graph, seed, place, &[site.x(0)], &[site.wants(0)]);
    let (at, width) = site.frame.carried;
    frame.carried = (at + carried, width);
    frame.forward(site.b);
    let y = frame.value(graph.outputs[0].value);
    site.set_y(y);
    site.set_within(frame);
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let Some(mut frame) = site.within() else { return };
    let output = frame.graph.outputs[0].value;
    let dy = site.dy();
    match frame.grad(output) {
        // A penalty has written to it.
        Some(own) => super::copy(site.b, own, dy, true),
        None => frame.set_grad(output, dy),
    }
    frame.backward(site.b);
    if let Some(dx) = frame.grad(0) {
        super::add::pass(site, 0, dx);
    }
}
