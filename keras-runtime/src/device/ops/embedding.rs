//! Rows of a table.

use keras_kernels::embedding;

use super::put;
use crate::device::builder::Site;
use crate::device::launch::{Launch, THREADS};
use crate::device::memory::Span;
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

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Embedding { rows, n } = site.kind() else { return };
    let (x, dy) = (site.x(0), site.dy());
    let Some((dw, acc)) = site.dw(0) else { return };
    if is_sorted(rows, x.len) {
        return sorted(site, [rows, n], x, dy, (dw, acc));
    }
    // Each row of the table adds up what belongs to it, in the order of the batch.
    let launch = Launch::new("embedding", "embedding_backward").grid([rows, 1, 1], 128).of([n.to_string()]);
    site.launch(launch.of([acc]).out(dw).reads(x).reads(dy).int(x.len).means(move |memory| {
        let (x, dy) = (memory.f32(x), memory.f32(dy));
        let mut sum = vec![0.0; rows * n];
        embedding::scalar::backward(&mut sum, &x, &dy, n);
        put(memory.f32_mut(dw), &sum, acc);
    }));
}

/// How many numbers a block sorts, as `RUN` in the kernels.
const RUN: usize = THREADS as usize;

/// How many runs are merged at a time.
const RUNS: usize = 4;

/// Whether numbers are sorted for the gradient of a table of so many rows, and not looked through by each of them: where that would be
/// more than some microseconds of work. Rows and places must be numbers that floats have.
fn is_sorted(rows: usize, count: usize) -> bool {
    rows * count > 1 << 20 && rows.max(count) <= 1 << f32::MANTISSA_DIGITS
}

/// The numbers sorted by rows, and a block for each row that there is.
fn sorted(site: &mut Site<'_, '_>, [rows, n]: [usize; 2], x: Span, dy: Span, (dw, acc): (Span, bool)) {
    if !acc {
        let launch = Launch::new("embedding", "embedding_clear").over(dw.len);
        site.launch(launch.out(dw).int(dw.len).means(move |memory| memory.f32_mut(dw).fill(0.0)));
    }
    let count = x.len;
    let mut order = site.b.buffer(2 * count);
    let launch = Launch::new("embedding", "embedding_sort").over(count).of([rows]);
    site.launch(launch.out(order).reads(x).int(count).means(move |memory| {
        // As an index, since −0.5 stands for row 0 and not for −0.
        let row = |x: f32| if x > -1.0 && x < rows as f32 { x as usize as f32 } else { rows as f32 };
        let all: Vec<f32> = memory.f32(x).into_iter().map(row).collect();
        let places: Vec<f32> = (0..count).map(|place| place as f32).collect();
        sort(memory.f32_mut(order), &[all, places].concat(), RUN);
    }));
    let mut run = RUN;
    while run < count {
        let (from, to) = (order, site.b.buffer(2 * count));
        let launch = Launch::new("embedding", "embedding_merge").over(count).of([RUNS]);
        let merged = run * RUNS;
        site.launch(launch.out(to).reads(from).int(run).int(count).means(move |memory| {
            let from = memory.f32(from);
            sort(memory.f32_mut(to), &from, merged);
        }));
        (order, run) = (to, merged);
    }
    let threads = n.next_multiple_of(32).min(128) as u32;
    let launch = Launch::new("embedding", "embedding_sums").grid([count, 1, 1], threads).of([rows, n]).of([acc]);
    site.launch(launch.out(dw).reads(order).reads(dy).int(count).means(move |memory| {
        let (order, dy) = (memory.f32(order), memory.f32(dy));
        let (taken, places) = order.split_at(count);
        let mut x = vec![0.0; count];
        places.iter().zip(taken).for_each(|(place, row)| x[*place as usize] = *row);
        let mut sum = vec![0.0; rows * n];
        embedding::scalar::backward(&mut sum, &x, &dy, n);
        for row in taken.chunk_by(|a, b| a == b).map(|alike| alike[0] as usize).filter(|row| *row < rows) {
            let dw = Span { at: dw.at + row * n, len: n, ..dw };
            put(memory.f32_mut(dw), &sum[row * n..][..n], acc);
        }
    }));
}

/// Rows and behind them their places, each run of so many sorted by rows; those that were equal stay in their order.
fn sort(to: &mut [f32], from: &[f32], run: usize) {
    let count = from.len() / 2;
    let mut pairs: Vec<(f32, f32)> = from[..count].iter().copied().zip(from[count..].iter().copied()).collect();
    pairs.chunks_mut(run).for_each(|run| run.sort_by(|a, b| a.0.total_cmp(&b.0)));
    for (i, (row, place)) in pairs.into_iter().enumerate() {
        (to[i], to[count + i]) = (row, place);
    }
}
