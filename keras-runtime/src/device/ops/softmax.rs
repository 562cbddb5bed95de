//! Softmax and its logarithm, over rows.

use keras_kernels::{log_softmax, softmax};

use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::model::graph::OpKind;

/// Threads of a block: a warp for each row.
const THREADS: usize = 128;

/// A launch that has a warp for each row.
pub(in crate::device) fn rows(file: &'static str, name: &'static str, rows: usize) -> Launch {
    Launch::new(file, name).grid([rows.div_ceil(THREADS / 32), 1, 1], THREADS as u32)
}

fn of(kind: OpKind) -> (usize, bool) {
    match kind {
        OpKind::LogSoftmax { n } => (n, true),
        OpKind::Softmax { n } => (n, false),
        _ => (1, false),
    }
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let ((n, log), x, y) = (of(site.kind()), site.x(0), site.y());
    let m = y.len.checked_div(n).unwrap_or(0);
    let launch = rows("softmax", "softmax_forward", m).of([n]).of([log]).out(y).reads(x).int(m);
    site.launch(launch.means(move |memory| {
        let x = memory.f32(x);
        match log {
            true => log_softmax::scalar::forward(memory.f32_mut(y), Some(&x), n),
            false => softmax::scalar::forward(memory.f32_mut(y), Some(&x), n),
        }
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let ((n, log), y, dy) = (of(site.kind()), site.y(), site.dy());
    let Some((dx, acc)) = site.dx(0) else { return };
    let m = y.len.checked_div(n).unwrap_or(0);
    let launch = rows("softmax", "softmax_backward", m).of([n]).of([log, acc]);
    site.launch(launch.out(dx).reads(dy).reads(y).int(m).means(move |memory| {
        let (dy, y) = (memory.f32(dy), memory.f32(y));
        match log {
            true => log_softmax::scalar::backward(memory.f32_mut(dx), Some(&dy), &y, n, acc),
            false => softmax::scalar::backward(memory.f32_mut(dx), Some(&dy), &y, n, acc),
        }
    }));
}
