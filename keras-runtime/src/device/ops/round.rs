//! Numbers rounded to those of a smaller format.

use keras_kernels::round::{self, Precision};

use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::model::graph::OpKind;

/// Numbers of `x` rounded, in `y` or added to what is there.
pub(in crate::device) fn round(y: Span, x: Span, to: Precision, acc: bool) -> Launch {
    let word = match to {
        Precision::Float32 => "FLOAT32",
        Precision::Bfloat16 => "BFLOAT16",
        Precision::Float16 => "FLOAT16",
    };
    let launch = Launch::new("round", "round_to").over(y.len).of([word.to_owned(), acc.to_string()]);
    launch.rounds(to, acc).out(y).reads(x).int(y.len).means(move |memory| {
        let x = memory.f32(x);
        round::scalar::backward(memory.f32_mut(y), Some(&x), to, acc);
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
