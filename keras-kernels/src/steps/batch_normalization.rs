//! Normalization of channels over a batch. `mask` says which positions count, or is no buffer. `stats` are mean, variance and
//! number of samples, the same in each row; `sums` are Σ dy and Σ dy x̂ of each row. What is told of a layer's training is whether the pass trains, and the index of one of its weights, by
//! which it may be frozen.

use super::{ParamPass, Pass, To};
pub use crate::batch_normalization::Channels;
use crate::batch_normalization::{self as kernel, apply, combine, deviation, statistics, totals};
use crate::memory::{Buf, Rows};

/// Whether a layer learns in this pass, and so normalizes by the batch.
#[derive(Clone, Copy, Debug)]
pub struct Learns {
    training: bool,
    index: Option<usize>,
}

impl Learns {
    /// Whether the pass trains, and the index of a weight of the layer if it has any.
    #[inline]
    #[must_use]
    pub const fn new(training: bool, index: Option<usize>) -> Learns {
        Learns { training, index }
    }

    fn now(self, rows: &Rows<'_>) -> bool {
        self.training && self.index.is_none_or(|index| !rows.is_frozen(index))
    }
}

/// Inference: see [`kernel::apply`].
pub fn infer(
    pass: &mut Pass<'_>,
    y: Buf,
    x: Buf,
    gamma: Option<&[f32]>,
    beta: Option<&[f32]>,
    mean: &[f32],
    variance: &[f32],
    of: &Channels,
) {
    let isa = pass.isa;
    let ([y], [x], tmp) = pass.rows.step([y], [x]);
    let [rstd, scale, ..] = parts(tmp, of.channels);
    rstd.copy_from_slice(variance);
    deviation(isa, rstd, of.epsilon);
    apply(isa, y, x, mean, rstd, gamma, beta, scale);
}

/// Training: see [`kernel::statistics`], [`kernel::combine`] and [`kernel::apply`].
pub fn forward(
    pass: &mut Pass<'_>,
    y: Buf,
    x: Buf,
    mask: Buf,
    stats: Buf,
    gamma: Option<&[f32]>,
    beta: Option<&[f32]>,
    mean: &[f32],
    variance: &[f32],
    of: &Channels,
    learns: Learns,
) {
    let (isa, c) = (pass.isa, of.channels);
    let mut samples = 0.0;
    if learns.now(&pass.rows) {
        let ([own], [x, mask], _) = pass.rows.step([stats], [x, mask]);
        statistics(isa, own, x, mask, of);
        samples = pass.rows.meet(stats, |all, tmp| {
            let [mean, variance, ..] = parts(tmp, c);
            combine(isa, mean, variance, all, of)
        });
    } else {
        let ([], [], tmp) = pass.rows.step([], []);
        let [own_mean, own_variance, ..] = parts(tmp, c);
        own_mean.copy_from_slice(mean);
        own_variance.copy_from_slice(variance);
    }
    let ([y, stats], [x], tmp) = pass.rows.step([y, stats], [x]);
    let [mean, variance, scale, _] = parts(tmp, c);
    for stats in stats.chunks_exact_mut(of.statistics()) {
        stats[..c].copy_from_slice(mean);
        stats[c..2 * c].copy_from_slice(variance);
        stats[2 * c] = samples;
    }
    deviation(isa, variance, of.epsilon);
    apply(isa, y, x, mean, variance, gamma, beta, scale);
}

/// What the gradients of the weights need, and of the input: see [`kernel::sums`].
pub fn sums(pass: &mut Pass<'_>, sums: Buf, dy: Buf, x: Buf, stats: Buf, of: &Channels) {
    let (isa, c) = (pass.isa, of.channels);
    let ([sums], [dy, x, stats], tmp) = pass.rows.step([sums], [dy, x, stats]);
    let [rstd, ..] = parts(tmp, c);
    rstd.copy_from_slice(&stats[c..2 * c]);
    deviation(isa, rstd, of.epsilon);
    kernel::sums(isa, sums, dy, x, &stats[..c], rstd, of);
}

/// See [`kernel::totals`] and [`kernel::backward_data`].
pub fn backward_data(
    pass: &mut Pass<'_>,
    dx: Buf,
    dy: Buf,
    x: Buf,
    mask: Buf,
    stats: Buf,
    all_sums: Buf,
    gamma: Option<&[f32]>,
    of: &Channels,
    learns: Learns,
    acc: bool,
) {
    let (isa, c) = (pass.isa, of.channels);
    if learns.now(&pass.rows) {
        let count = pass.rows.step([], [stats]).1[0][2 * c] * of.positions as f32;
        pass.rows.meet(all_sums, |all, tmp| {
            let [_, _, sum, dot] = parts(tmp, c);
            totals(isa, sum, dot, all, count);
        });
    } else {
        let ([], [], tmp) = pass.rows.step([], []);
        let [_, _, sum, dot] = parts(tmp, c);
        sum.fill(0.0);
        dot.fill(0.0);
    }
    let ([dx], [dy, x, mask, stats], tmp) = pass.rows.step([dx], [dy, x, mask, stats]);
    let [_, rstd, sum, dot] = parts(tmp, c);
    rstd.copy_from_slice(&stats[c..2 * c]);
    deviation(isa, rstd, of.epsilon);
    kernel::backward_data(isa, dx, dy, x, mask, [&stats[..c], rstd, sum, dot], gamma, acc);
}

/// The gradient of γ, or of β: see [`kernel::backward_param`].
pub fn backward_param(pass: &mut ParamPass<'_, '_>, to: To, sums: Buf, of: &Channels, gamma: bool) {
    let isa = pass.isa;
    let Some((out, [sums], _)) = pass.param(to, of.channels, [sums]) else { return };
    kernel::backward_param(isa, out, sums, gamma);
}

/// The moving mean, or variance, after a step: see [`kernel::update`].
pub fn update(pass: &mut ParamPass<'_, '_>, to: To, stats: Buf, of: &Channels, learns: Learns, variance: bool) {
    let (isa, c) = (pass.isa, of.channels);
    if !learns.training || learns.index.is_some_and(|index| pass.sink.is_frozen(index)) {
        return;
    }
    let Some((state, [stats])) = pass.state(to, c, [stats]) else { return };
    let at = if variance { c } else { 0 };
    if let Some(value) = stats.get(at..at + c) {
        kernel::update(isa, state, value, of.momentum);
    }
}

/// Scratch as floats for each channel.
fn parts(tmp: &mut [f32], c: usize) -> [&mut [f32]; 4] {
    assert!(tmp.len() >= 4 * c, "{} floats of scratch for {c} channels", tmp.len());
    let (a, rest) = tmp.split_at_mut(c);
    let (b, rest) = rest.split_at_mut(c);
    let (d, rest) = rest.split_at_mut(c);
    [a, b, d, &mut rest[..c]]
}
