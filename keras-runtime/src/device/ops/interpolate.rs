//! More positions, by interpolation.

use keras_kernels::interpolate::{self, Along};

use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::model::graph::OpKind;

/// The constants of a kernel: sizes, and the bits of all weights.
fn constants(of: &Along) -> Vec<String> {
    let radius = of.method.radius();
    let sizes = [of.n, of.size, of.inner, radius].map(|n| n.to_string());
    let weights = of.weights.iter().flat_map(|weights| &weights[..2 * radius]);
    sizes.into_iter().chain(weights.map(|weight| format!("{:#x}u", weight.to_bits()))).collect()
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Interpolate { of } = site.kind() else { return };
    let (x, y) = (site.x(0), site.y());
    let launch = Launch::new("interpolate", "interpolate_forward").over(y.len).of(constants(&of));
    site.launch(launch.out(y).reads(x).int(y.len).means(move |memory| {
        let x = memory.f32(x);
        interpolate::scalar::forward(memory.f32_mut(y), &x, &of);
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Interpolate { of } = site.kind() else { return };
    let dy = site.dy();
    let Some((dx, acc)) = site.dx(0) else { return };
    let launch = Launch::new("interpolate", "interpolate_backward").over(dx.len).of([acc]).of(constants(&of));
    site.launch(launch.out(dx).reads(dy).int(dx.len).means(move |memory| {
        let dy = memory.f32(dy);
        interpolate::scalar::backward(memory.f32_mut(dx), &dy, &of, acc);
    }));
}
