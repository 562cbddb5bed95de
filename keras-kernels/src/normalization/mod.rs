//! Normalization of groups of features within a sample: y = γ (x − μ) / √(σ² + ε) + β, or y = γ x / √(mean of x² + ε).
//!
//! Layer normalization has one group for each row; RMS normalization is the same without a mean; group normalization
//! divides the channels of a sample into groups, each over all positions. σ² is the mean of (x − μ)², so it is biased.
//!
//! What is kept for the backward pass are two floats for each group: μ (0 for RMS) and 1 / √(σ² + ε).

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;
use crate::memory::Out;

/// What belongs together: positions of `groups` groups of `depth` channels, those of one group normalized together. Rows of
/// `n` features are `positions: 1, groups: 1, depth: n`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Groups {
    /// Positions, which all belong to each group.
    pub positions: usize,
    /// Groups of channels.
    pub groups: usize,
    /// Channels of a group.
    pub depth: usize,
    /// ε.
    pub epsilon: f32,
    /// Whether the mean is subtracted: not for RMS normalization.
    pub centered: bool,
}

impl Groups {
    /// Channels of a position.
    #[inline]
    #[must_use]
    pub const fn channels(&self) -> usize {
        self.groups * self.depth
    }

    /// Elements of all positions.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.positions * self.channels()
    }

    /// Whether there is none.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements in all samples that these are; 0 if there are none.
    fn samples(&self, len: usize) -> usize {
        assert!(len.is_multiple_of(self.len()), "{len} elements in samples of {}", self.len());
        len.checked_div(self.len()).unwrap_or(0)
    }
}

/// y = γ x̂ + β. γ and β have a value for each channel. `stats` gets what is kept, two floats for each group of each sample,
/// or is empty.
///
/// ```
/// use keras_kernels::{Isa, normalization::{self, Groups}};
/// let rows = Groups { positions: 1, groups: 1, depth: 2, epsilon: 0.0, centered: true };
/// let mut y = [0.0; 2];
/// normalization::forward(Isa::best(), &mut y, &[1.0, 5.0], Some(&[2.0, 1.0]), Some(&[0.0, 3.0]), &mut [], &rows, &mut []);
/// assert_eq!(y, [-2.0, 4.0]);
/// ```
///
/// # Panics
/// If the slices do not fit together, or the scratch is less than `keras_shapes::plan::normalization_scratch`.
pub fn forward(
    isa: Isa,
    y: &mut [f32],
    x: &[f32],
    gamma: Option<&[f32]>,
    beta: Option<&[f32]>,
    stats: &mut [f32],
    groups: &Groups,
    tmp: &mut [f32],
) {
    check_forward(y.len(), x.len(), gamma.map(<[f32]>::len), beta.map(<[f32]>::len), stats.len(), groups);
    if groups.positions == 1 {
        return rows_forward(isa, y, x, gamma, beta, stats, groups);
    }
    per_isa!(
        isa,
        scalar::channels_forward(
            y: &mut [f32],
            x: &[f32],
            gamma: Option<&[f32]>,
            beta: Option<&[f32]>,
            stats: &mut [f32],
            groups: &Groups,
            tmp: &mut [f32]
        ),
        scalar::channels_forward
    )
}

fn rows_forward(
    isa: Isa,
    y: &mut [f32],
    x: &[f32],
    gamma: Option<&[f32]>,
    beta: Option<&[f32]>,
    stats: &mut [f32],
    groups: &Groups,
) {
    per_isa!(
        isa,
        lanes::forward(
            y: &mut [f32],
            x: &[f32],
            gamma: Option<&[f32]>,
            beta: Option<&[f32]>,
            stats: &mut [f32],
            groups: &Groups
        ),
        scalar::rows_forward
    )
}

/// dx = (g − mean of g − x̂ · mean of g x̂) / √(σ² + ε) with g = γ dy, the means over the group, or dx += that if `acc`;
/// without the mean of g for RMS normalization. `stats` is what the forward pass kept.
///
/// # Panics
/// If the slices do not fit together, or the scratch is less than `keras_shapes::plan::normalization_scratch`.
pub fn backward_data(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    x: &[f32],
    gamma: Option<&[f32]>,
    stats: &[f32],
    groups: &Groups,
    acc: bool,
    tmp: &mut [f32],
) {
    check_backward(dx.len(), dy.len(), x.len(), gamma.map(<[f32]>::len), stats.len(), groups);
    if groups.positions == 1 {
        return rows_backward(isa, dx, dy, x, gamma, stats, groups, acc);
    }
    per_isa!(
        isa,
        scalar::channels_backward(
            dx: &mut [f32],
            dy: &[f32],
            x: &[f32],
            gamma: Option<&[f32]>,
            stats: &[f32],
            groups: &Groups,
            acc: bool,
            tmp: &mut [f32]
        ),
        scalar::channels_backward
    )
}

fn rows_backward(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    x: &[f32],
    gamma: Option<&[f32]>,
    stats: &[f32],
    groups: &Groups,
    acc: bool,
) {
    per_isa!(
        isa,
        lanes::backward(
            dx: &mut [f32],
            dy: &[f32],
            x: &[f32],
            gamma: Option<&[f32]>,
            stats: &[f32],
            groups: &Groups,
            acc: bool
        ),
        scalar::rows_backward
    )
}

/// dγ = Σ dy x̂ of each channel over all positions of the whole batch, in order; `out` is that of γ.
///
/// # Panics
/// If the slices do not fit together.
pub fn backward_gamma(isa: Isa, mut out: Out<'_>, x: &[f32], dy: &[f32], stats: &[f32], groups: &Groups) {
    let channels = groups.channels();
    assert!(out.len() == channels, "{} factors for {channels} channels", out.len());
    check_backward(dy.len(), dy.len(), x.len(), None, stats.len(), groups);
    let mut piece = [0.0; PIECE];
    for from in (0..channels).step_by(PIECE) {
        let piece = &mut piece[..PIECE.min(channels - from)];
        gamma_piece(isa, piece, x, dy, stats, groups, from);
        out.put(from, piece);
    }
}

fn gamma_piece(isa: Isa, g: &mut [f32], x: &[f32], dy: &[f32], stats: &[f32], groups: &Groups, from: usize) {
    per_isa!(
        isa,
        scalar::gamma_piece(g: &mut [f32], x: &[f32], dy: &[f32], stats: &[f32], groups: &Groups, from: usize),
        scalar::gamma_piece
    )
}

/// The most channels whose gradients are worked out at once.
const PIECE: usize = 256;

fn check_forward(y: usize, x: usize, gamma: Option<usize>, beta: Option<usize>, stats: usize, groups: &Groups) {
    assert!(y == x, "a normalization from {x} elements to {y}");
    let (samples, channels) = (groups.samples(x), groups.channels());
    assert!(
        stats == 0 || groups.is_empty() || stats == samples * groups.groups * 2,
        "{stats} statistics of {samples} samples"
    );
    assert!(gamma.is_none_or(|len| len == channels), "{gamma:?} factors for {channels} channels");
    assert!(beta.is_none_or(|len| len == channels), "{beta:?} offsets for {channels} channels");
}

fn check_backward(dx: usize, dy: usize, x: usize, gamma: Option<usize>, stats: usize, groups: &Groups) {
    assert!(dx == dy, "gradients of {dy} elements for {dx}");
    check_forward(dx, x, gamma, None, stats, groups);
    assert!(stats > 0 || dx == 0 || groups.is_empty(), "a normalization whose statistics were not kept");
}
