//! Normalization of channels over a batch. `mask` says which positions count, or is no buffer. `stats` are mean, variance and
//! number of samples, the same in each row, with renormalization r, d and the new moving deviation behind them; `sums` are
//! Σ dy and Σ dy x̂ of each row. What is told of a layer's training is whether the pass trains, and the index of one of its
//! weights, by which it may be frozen.

use super::{ParamPass, Pass, To};
use crate::batch_normalization::{self as kernel, apply, combine, deviation, statistics, totals};
pub use crate::batch_normalization::{Channels, Renorm};
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
    let learns = learns.now(&pass.rows);
    let samples = gathered(pass, x, mask, stats, [mean, variance], of, learns);
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

/// Mean and variance in the first places of the scratch: those of the batch, or moving ones if the layer does not learn. How
/// many samples they are of.
fn gathered(
    pass: &mut Pass<'_>,
    x: Buf,
    mask: Buf,
    stats: Buf,
    [mean, variance]: [&[f32]; 2],
    of: &Channels,
    learns: bool,
) -> f32 {
    let (isa, c) = (pass.isa, of.channels);
    if learns {
        let ([own], [x, mask], _) = pass.rows.step([stats], [x, mask]);
        statistics(isa, own, x, mask, of);
        return pass.rows.meet(stats, |all, tmp| {
            let [mean, variance, ..] = parts(tmp, c);
            combine(isa, mean, variance, all, of)
        });
    }
    let ([], [], tmp) = pass.rows.step([], []);
    let [own_mean, own_variance, ..] = parts(tmp, c);
    own_mean.copy_from_slice(mean);
    own_variance.copy_from_slice(variance);
    0.0
}

/// Training with renormalization: see [`forward`], [`kernel::corrections`] and [`kernel::factors`]. `old` are the averages of
/// mean and deviation that training goes by, `moving` those of inference: mean, variance and deviation.
pub fn renormalized(
    pass: &mut Pass<'_>,
    y: Buf,
    x: Buf,
    mask: Buf,
    stats: Buf,
    gamma: Option<&[f32]>,
    beta: Option<&[f32]>,
    old: [&[f32]; 2],
    moving: [&[f32]; 3],
    of: &Channels,
    learns: Learns,
) {
    let (isa, c) = (pass.isa, of.channels);
    let learns = learns.now(&pass.rows);
    let samples = gathered(pass, x, mask, stats, [moving[0], moving[1]], of, learns);
    let ([y, stats], [x], tmp) = pass.rows.step([y, stats], [x]);
    let (first, rest) = tmp.split_at_mut(4 * c);
    let ([mean, variance, scale, _], [r, d, averaged, _]) = (parts(first, c), parts(rest, c));
    averaged.copy_from_slice(moving[2]);
    if learns {
        kernel::corrections(isa, [r, d], mean, variance, old, of);
        kernel::update_deviation(isa, averaged, variance, of.epsilon, of.momentum);
    } else {
        r.fill(1.0);
        d.fill(0.0);
    }
    for stats in stats.chunks_exact_mut(of.statistics()) {
        stats[..c].copy_from_slice(mean);
        stats[c..2 * c].copy_from_slice(variance);
        stats[2 * c] = samples;
        for (to, from) in stats[2 * c + 1..].chunks_exact_mut(c).zip([&*r, &*d, &*averaged]) {
            to.copy_from_slice(from);
        }
    }
    kernel::factors(isa, r, d, gamma, beta);
    deviation(isa, variance, of.epsilon);
    apply(isa, y, x, mean, variance, Some(r), Some(d), scale);
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
    let [spare, rstd, sum, dot] = parts(tmp, c);
    rstd.copy_from_slice(&stats[c..2 * c]);
    deviation(isa, rstd, of.epsilon);
    let mut gamma = gamma;
    if of.renorm.is_some() {
        let factor = |i| gamma.map_or(1.0, |gamma| gamma[i]);
        spare.iter_mut().enumerate().for_each(|(i, spare)| *spare = stats[2 * c + 1 + i] * factor(i));
        gamma = Some(spare);
    }
    kernel::backward_data(isa, dx, dy, x, mask, [&stats[..c], rstd, sum, dot], gamma, acc);
}

/// The gradient of γ, or of β: see [`kernel::backward_param`].
pub fn backward_param(pass: &mut ParamPass<'_, '_>, to: To, sums: Buf, of: &Channels, gamma: bool) {
    let isa = pass.isa;
    let Some((out, [sums], _)) = pass.param(to, of.channels, [sums]) else { return };
    kernel::backward_param(isa, out, sums, gamma);
}

/// The gradient of γ with renormalization: see [`kernel::backward_gamma`].
pub fn backward_gamma(pass: &mut ParamPass<'_, '_>, to: To, sums: Buf, stats: Buf, of: &Channels) {
    let (isa, c) = (pass.isa, of.channels);
    let Some((out, [sums, stats], _)) = pass.param(to, c, [sums, stats]) else { return };
    if let Some(corrections) = stats.get(2 * c + 1..4 * c + 1) {
        let (r, d) = corrections.split_at(c);
        kernel::backward_gamma(isa, out, sums, r, d);
    }
}

/// What a step makes anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The moving mean.
    Mean,
    /// The moving variance.
    Variance,
    /// With renormalization: the moving variance, which is the square of the moving deviation less ε.
    Squared,
    /// With renormalization: the moving deviation.
    Deviation,
    /// The mean that training with renormalization goes by.
    RenormMean,
    /// The deviation that training with renormalization goes by.
    RenormDeviation,
}

/// State after a step: see [`kernel::update`] and [`kernel::update_deviation`].
pub fn update(pass: &mut ParamPass<'_, '_>, to: To, stats: Buf, of: &Channels, learns: Learns, what: State) {
    let (isa, c) = (pass.isa, of.channels);
    if !learns.training || learns.index.is_some_and(|index| pass.sink.is_frozen(index)) {
        return;
    }
    let Some((state, [stats])) = pass.state(to, c, [stats]) else { return };
    // A batch of no rows changes nothing.
    if stats.len() < of.statistics() {
        return;
    }
    let [mean, variance, new] = [0, c, 4 * c + 1].map(|at| stats.get(at..at + c).unwrap_or_default());
    let of_renorm = of.renorm.map_or(of.momentum, |renorm| renorm.momentum);
    match what {
        State::Mean => kernel::update(isa, state, mean, of.momentum),
        State::Variance => kernel::update(isa, state, variance, of.momentum),
        State::RenormMean => kernel::update(isa, state, mean, of_renorm),
        State::RenormDeviation => kernel::update_deviation(isa, state, variance, of.epsilon, of_renorm),
        State::Deviation => state.copy_from_slice(new),
        State::Squared => {
            state.iter_mut().zip(new).for_each(|(state, &new)| *state = (new * new - of.epsilon).max(0.0));
        }
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
