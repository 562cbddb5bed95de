//! Numbers rounded to those of a smaller format.

use keras_kernels::round::Precision;

use crate::device::builder::Site;
use crate::device::elementwise::{Chain, Step};
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

/// The format's name in `round.cuh`.
pub(in crate::device) fn precision(to: Precision) -> &'static str {
    match to {
        Precision::Float32 => "FLOAT32",
        Precision::Bfloat16 => "BFLOAT16",
        Precision::Float16 => "FLOAT16",
    }
}

/// Numbers of `x` rounded, in `y` or added to what is there.
pub(in crate::device) fn round(y: Span, x: Span, to: Precision, acc: bool) -> Launch {
    Chain::giving(y, acc, |chain| {
        let x = chain.read(x);
        chain.step(Step::Round(to, x))
    })
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Round { to } = site.kind() else { return };
    let (x, y) = (site.x(0), site.y());
    let launch = round(y, x, to, false);
    site.launch(launch);
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Round { to } = site.kind() else { return };
    let dy = site.dy();
    let Some((dx, acc)) = site.dx(0) else { return };
    site.launch(round(dx, dy, to, acc));
}
