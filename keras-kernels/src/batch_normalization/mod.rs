//! Normalization of each channel over a batch: y = γ (x − μ) / √(σ² + ε) + β.
//!
//! In training μ and σ² are those of the batch: the mean over all positions of all samples, and the mean of (x − μ)², so it
//! is biased. In inference they are moving averages. Training takes two kernels, with a meeting of all threads between
//! them: [`statistics`] of each sample, then [`combine`], which is of all samples in their order, so that its bits do not
//! depend on who did what before. So does the backward pass, with [`sums`] and [`totals`].
//!
//! Batch renormalization (S. Ioffe, Batch Renormalization, 2017) normalizes the same way in training and brings the result
//! near to that of moving averages: y = γ ((x − μ) / √(σ² + ε) · r + d) + β, where r and d count as constants. They come
//! of [`corrections`].

pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;
use crate::memory::Out;

/// What there is of each sample, and the constants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Channels {
    /// Positions of a sample.
    pub positions: usize,
    /// Channels of a position.
    pub channels: usize,
    /// ε.
    pub epsilon: f32,
    /// What remains of a moving average in each step.
    pub momentum: f32,
    /// Whether a mask says which positions count in the statistics.
    pub masked: bool,
    /// How it is renormalized, if it is.
    pub renorm: Option<Renorm>,
}

/// The constants of batch renormalization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Renorm {
    /// What remains in each step of the averages that training goes by.
    pub momentum: f32,
    /// The least r.
    pub rmin: f32,
    /// The largest r.
    pub rmax: f32,
    /// The largest |d|.
    pub dmax: f32,
}

/// What is added to the number of positions that a mask leaves, so that none of them is no division by 0.
const LEAST: f64 = 1e-7;

/// What the number of samples that [`combine`] counts begins with.
#[must_use]
pub fn least(of: &Channels) -> f64 {
    if of.masked { LEAST / of.positions as f64 } else { 0.0 }
}

impl Channels {
    /// Elements of a sample.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.positions * self.channels
    }

    /// Whether there is none.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Floats of statistics for each sample: mean and variance of the channels, and the share of positions that count; with
    /// renormalization r, d and a moving average of the channels behind them.
    #[inline]
    #[must_use]
    pub const fn statistics(&self) -> usize {
        if self.renorm.is_some() { 5 * self.channels + 1 } else { 2 * self.channels + 1 }
    }

    /// How many samples so many elements are.
    fn samples(&self, len: usize) -> usize {
        assert!(len.is_multiple_of(self.len()), "{len} elements in samples of {}", self.len());
        len.checked_div(self.len()).unwrap_or(0)
    }
}

/// Mean and variance of the channels of each sample, and the share of positions that count, one behind the other. `mask` has
/// 0 for positions that do not count; it is empty where all do.
///
/// # Panics
/// If the slices do not fit together.
pub fn statistics(isa: Isa, stats: &mut [f32], x: &[f32], mask: &[f32], of: &Channels) {
    let samples = of.samples(x.len());
    assert!(of.is_empty() || stats.len() == samples * of.statistics(), "{} statistics", stats.len());
    assert!(mask.is_empty() || mask.len() == samples * of.positions, "a mask of {} positions", mask.len());
    per_isa!(isa, scalar::statistics(stats: &mut [f32], x: &[f32], mask: &[f32], of: &Channels), scalar::statistics)
}

/// Mean and variance of the channels of all samples, from those of each; and of how many samples they are.
///
/// ```
/// use keras_kernels::{Isa, batch_normalization::{self, Channels}};
/// let of = Channels { positions: 1, channels: 1, epsilon: 0.0, momentum: 0.9, masked: false, renorm: None };
/// let (mut mean, mut variance) = ([0.0], [0.0]);
/// let stats = [1.0, 0.5, 1.0, 3.0, 1.5, 1.0];
/// let samples = batch_normalization::combine(Isa::best(), &mut mean, &mut variance, &stats, &of);
/// assert_eq!((mean, variance, samples), ([2.0], [2.0], 2.0));
/// ```
///
/// # Panics
/// If the slices do not fit together.
pub fn combine(isa: Isa, mean: &mut [f32], variance: &mut [f32], stats: &[f32], of: &Channels) -> f32 {
    assert!(mean.len() == of.channels && variance.len() == of.channels, "statistics of other channels");
    assert!(stats.len().is_multiple_of(of.statistics()), "{} statistics", stats.len());
    per_isa!(
        isa,
        scalar::combine(mean: &mut [f32], variance: &mut [f32], stats: &[f32], of: &Channels) -> f32,
        scalar::combine
    )
}

/// 1 / √(σ² + ε), in the place of σ².
pub fn deviation(isa: Isa, variance: &mut [f32], epsilon: f32) {
    per_isa!(isa, scalar::deviation(variance: &mut [f32], epsilon: f32), scalar::deviation)
}

/// r = √(σ² + ε) / s and d = (μ − m) / s, both clipped, of the batch's `mean` μ and `variance` σ² and of the averages `old`, m
/// and s of each channel; s is at least √ε.
///
/// ```
/// use keras_kernels::{Isa, batch_normalization::{self, Channels, Renorm}};
/// let renorm = Some(Renorm { momentum: 0.9, rmin: 0.0, rmax: 3.0, dmax: 0.25 });
/// let of = Channels { positions: 1, channels: 1, epsilon: 0.0, momentum: 0.9, masked: false, renorm };
/// let (mut r, mut d) = ([0.0], [0.0]);
/// batch_normalization::corrections(Isa::best(), [&mut r, &mut d], &[2.0], &[16.0], [&[1.0], &[2.0]], &of);
/// assert_eq!((r, d), ([2.0], [0.25]));
/// ```
///
/// # Panics
/// If the slices are not one float for each channel.
pub fn corrections(isa: Isa, [r, d]: [&mut [f32]; 2], mean: &[f32], variance: &[f32], old: [&[f32]; 2], of: &Channels) {
    let c = of.channels;
    assert!([r.len(), d.len(), mean.len(), variance.len()] == [c; 4], "corrections of other channels");
    assert!(old.iter().all(|old| old.len() == c), "averages of other channels");
    let _ = isa;
    scalar::corrections([r, d], mean, variance, old, of);
}

/// Factors γ r and offsets d γ + β, which take the places of `r` and `d`.
///
/// # Panics
/// If the slices differ in length.
pub fn factors(isa: Isa, r: &mut [f32], d: &mut [f32], gamma: Option<&[f32]>, beta: Option<&[f32]>) {
    let c = r.len();
    assert!(
        [d.len(), gamma.map_or(c, <[f32]>::len), beta.map_or(c, <[f32]>::len)] == [c; 3],
        "factors of other channels"
    );
    let _ = isa;
    scalar::factors(r, d, gamma, beta);
}

/// y = γ (x − mean) · rstd + β. `tmp` is overwritten: a float for each channel.
///
/// # Panics
/// If the slices do not fit together.
pub fn apply(
    isa: Isa,
    y: &mut [f32],
    x: &[f32],
    mean: &[f32],
    rstd: &[f32],
    gamma: Option<&[f32]>,
    beta: Option<&[f32]>,
    tmp: &mut [f32],
) {
    check_channels(y.len(), x.len(), mean.len(), rstd.len(), gamma.map(<[f32]>::len));
    assert!(beta.is_none_or(|beta| beta.len() == mean.len()), "offsets of other channels");
    assert!(tmp.len() == mean.len(), "{} floats of scratch for {} channels", tmp.len(), mean.len());
    per_isa!(
        isa,
        scalar::apply(
            y: &mut [f32],
            x: &[f32],
            mean: &[f32],
            rstd: &[f32],
            gamma: Option<&[f32]>,
            beta: Option<&[f32]>,
            tmp: &mut [f32]
        ),
        scalar::apply
    )
}

/// Σ dy and Σ dy x̂ of the channels of each sample, one behind the other: 2 · channels floats for each.
///
/// # Panics
/// If the slices do not fit together.
pub fn sums(isa: Isa, sums: &mut [f32], dy: &[f32], x: &[f32], mean: &[f32], rstd: &[f32], of: &Channels) {
    check_channels(dy.len(), x.len(), mean.len(), rstd.len(), None);
    assert!(mean.len() == of.channels, "{} means of {} channels", mean.len(), of.channels);
    assert!(sums.len() == of.samples(x.len()) * of.channels * 2, "{} sums", sums.len());
    per_isa!(
        isa,
        scalar::sums(sums: &mut [f32], dy: &[f32], x: &[f32], mean: &[f32], rstd: &[f32], of: &Channels),
        scalar::sums
    )
}

/// The sums of all samples, each divided by `count`, from those of each.
///
/// # Panics
/// If the slices do not fit together.
pub fn totals(isa: Isa, sum: &mut [f32], dot: &mut [f32], sums: &[f32], count: f32) {
    check_pairs(sum.len(), dot.len(), sums.len());
    per_isa!(isa, scalar::totals(sum: &mut [f32], dot: &mut [f32], sums: &[f32], count: f32), scalar::totals)
}

/// dx = γ rstd (dy − sum − x̂ dot), or dx += that if `acc`. `sum` and `dot` are the means of dy and dy x̂ over the batch, in
/// inference 0; they are left out where `mask`, if it is not empty, is 0.
///
/// # Panics
/// If the slices do not fit together.
pub fn backward_data(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    x: &[f32],
    mask: &[f32],
    [mean, rstd, sum, dot]: [&[f32]; 4],
    gamma: Option<&[f32]>,
    acc: bool,
) {
    assert!(mask.is_empty() || mask.len() * mean.len() == x.len(), "a mask of {} positions", mask.len());
    check_channels(dx.len(), x.len(), mean.len(), rstd.len(), gamma.map(<[f32]>::len));
    assert!(dy.len() == x.len(), "gradients of {} elements for {}", dy.len(), x.len());
    assert!(sum.len() == mean.len() && dot.len() == mean.len(), "sums of other channels");
    per_isa!(
        isa,
        scalar::slopes(
            dx: &mut [f32],
            dy: &[f32],
            x: &[f32],
            mask: &[f32],
            mean: &[f32],
            rstd: &[f32],
            sum: &[f32],
            dot: &[f32],
            gamma: Option<&[f32]>,
            acc: bool
        ),
        scalar::slopes
    )
}

/// The gradient of γ or of β: the sums of all samples, in order. Those of β come first in [`sums`].
///
/// # Panics
/// If the slices do not fit together.
pub fn backward_param(isa: Isa, mut out: Out<'_>, sums: &[f32], gamma: bool) {
    let channels = out.len();
    assert!(sums.len().is_multiple_of(2 * channels), "{} sums of {channels} channels", sums.len());
    let mut piece = [0.0; PIECE];
    for from in (0..channels).step_by(PIECE) {
        let piece = &mut piece[..PIECE.min(channels - from)];
        let at = from + if gamma { channels } else { 0 };
        column(isa, piece, sums, 2 * channels, at);
        out.put(from, piece);
    }
}

/// The gradient of γ with renormalization: r Σ dy x̂ + d Σ dy, of all samples in order.
///
/// # Panics
/// If the slices do not fit together.
pub fn backward_gamma(isa: Isa, mut out: Out<'_>, sums: &[f32], r: &[f32], d: &[f32]) {
    let channels = out.len();
    assert!(sums.len().is_multiple_of(2 * channels), "{} sums of {channels} channels", sums.len());
    assert!(r.len() == channels && d.len() == channels, "corrections of other channels");
    let (mut piece, mut other) = ([0.0; PIECE], [0.0; PIECE]);
    for from in (0..channels).step_by(PIECE) {
        let len = PIECE.min(channels - from);
        let (piece, other) = (&mut piece[..len], &mut other[..len]);
        column(isa, piece, sums, 2 * channels, channels + from);
        column(isa, other, sums, 2 * channels, from);
        for i in 0..len {
            piece[i] = piece[i] * r[from + i] + other[i] * d[from + i];
        }
        out.put(from, piece);
    }
}

fn column(isa: Isa, g: &mut [f32], sums: &[f32], stride: usize, at: usize) {
    per_isa!(isa, scalar::column(g: &mut [f32], sums: &[f32], stride: usize, at: usize), scalar::column)
}

/// A moving average: what it is, times the momentum, plus the rest of the new value.
///
/// # Panics
/// If the slices differ in length.
pub fn update(isa: Isa, average: &mut [f32], value: &[f32], momentum: f32) {
    assert!(average.len() == value.len(), "an average of other channels");
    per_isa!(isa, scalar::update(average: &mut [f32], value: &[f32], momentum: f32), scalar::update)
}

/// A moving average of √(σ² + ε), given σ²: what it is, times the momentum, plus the rest of the new value.
///
/// # Panics
/// If the slices differ in length.
pub fn update_deviation(isa: Isa, average: &mut [f32], variance: &[f32], epsilon: f32, momentum: f32) {
    assert!(average.len() == variance.len(), "an average of other channels");
    let _ = isa;
    scalar::update_deviation(average, variance, epsilon, momentum);
}

/// The most channels whose gradients are worked out at once.
const PIECE: usize = 256;

fn check_pairs(a: usize, b: usize, pairs: usize) {
    assert!(a == b && pairs.is_multiple_of(2 * a), "pairs of {a} and {b} floats in {pairs}");
}

fn check_channels(y: usize, x: usize, mean: usize, rstd: usize, gamma: Option<usize>) {
    assert!(y == x && x.is_multiple_of(mean), "a normalization from {x} elements of {mean} channels to {y}");
    assert!(rstd == mean && gamma.is_none_or(|gamma| gamma == mean), "statistics of other channels");
}
