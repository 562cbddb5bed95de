//! Rows of a table.

use keras_kernels::embedding;

use super::put;
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::model::graph::OpKind;

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Embedding { rows, n } = site.kind() else { return };
    let (x, w, y) = (site.x(0), site.w(0), site.y());
    let launch = Launch::new("embedding", "embedding_forward").over(y.len).of([rows, n]);
    site.launch(launch.out(y).reads(x).reads(w).int(y.len).means(move |memory| {
        let (x, w) = (memory.f32(x), memory.f32(w));
        embedding::scalar::forward(memory.f32_mut(y), &x, &w, n);
    }));
}

/// Each row of the table adds up what belongs to it, in the order of the batch.
pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Embedding { rows, n } = site.kind() else { return };
    let (x, dy) = (site.x(0), site.dy());
    let Some((dw, acc)) = site.dw(0) else { return };
    let launch = Launch::new("embedding", "embedding_backward").grid([rows, 1, 1], 128).of([n.to_string()]);
    site.launch(launch.of([acc]).out(dw).reads(x).reads(dy).int(x.len).means(move |memory| {
        let (x, dy) = (memory.f32(x), memory.f32(dy));
        let mut sum = vec![0.0; rows * n];
        embedding::scalar::backward(&mut sum, &x, &dy, n);
        put(memory.f32_mut(dw), &sum, acc);
    }));
}
