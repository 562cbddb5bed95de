//! Dropout whose mask has a shape of its own, and which need not put 0 where it drops.
//!
//! Along the dimensions that the mask does not have, and over samples if it is one for all of them, the same is dropped.
//! An element is kept where its random number u, in [0, 1), is not less than the rate. Then y = x · scale + shift; where
//! it is dropped y is a constant. As in [`crate::dropout`] the mask is never stored: u depends on the [`Key`] and on the
//! index in the mask alone.

pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;
pub use crate::philox::Key;

/// One dimension of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dim {
    /// Its length.
    pub len: usize,
    /// Whether the mask has it.
    pub own: bool,
}

/// What is dropped, and what comes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mask<'a> {
    /// The share that is dropped.
    pub rate: f32,
    /// What is kept is multiplied with this,
    pub scale: f32,
    /// and this is added.
    pub shift: f32,
    /// What stands where an element was dropped.
    pub dropped: f32,
    /// Whether each sample has a mask of its own.
    pub by_sample: bool,
    /// The dimensions of a sample.
    pub dims: &'a [Dim],
}

impl<'a> Mask<'a> {
    /// Inverted dropout: what is kept is scaled by 1 / (1 − rate), and 0 is put for the rest.
    #[must_use]
    pub fn inverted(rate: f32, by_sample: bool, dims: &'a [Dim]) -> Mask<'a> {
        Mask { rate, scale: 1.0 / (1.0 - rate), shift: 0.0, dropped: 0.0, by_sample, dims }
    }

    /// Alpha dropout, which keeps mean and variance of what comes from a selu: α′ = −1.7580993 is put for what is
    /// dropped, then all becomes a · x + b with a = ((1 − r) (1 + r α′²))^−½ and b = −a r α′.
    ///
    /// After Klambauer, Unterthiner, Mayr and Hochreiter, "Self-normalizing neural networks", NeurIPS 2017.
    #[must_use]
    pub fn alpha(rate: f32, by_sample: bool, dims: &'a [Dim]) -> Mask<'a> {
        const ALPHA: f64 = -1.673_263_242_354_377_2 * 1.050_700_987_355_480_5;
        let r = f64::from(rate);
        let a = 1.0 / libm::sqrt((1.0 - r) * (1.0 + r * ALPHA * ALPHA));
        let b = -a * r * ALPHA;
        Mask { rate, scale: a as f32, shift: b as f32, dropped: (a * ALPHA + b) as f32, by_sample, dims }
    }
}

/// y = x where the mask keeps it, and the constant where not; in place on `y` where `x` is `None`. `first` is the index
/// of the first sample.
///
/// ```
/// use keras_kernels::{Isa, shaped_dropout::{self, Dim, Key, Mask}};
/// // Both channels of three steps: each is dropped as a whole.
/// let dims = [Dim { len: 3, own: false }, Dim { len: 2, own: true }];
/// let mut y = [1.0; 6];
/// let key = Key { seed: 7, step: 0, stream: 2 };
/// shaped_dropout::forward(Isa::best(), &mut y, None, Mask::inverted(0.5, true, &dims), key, 0);
/// assert_eq!(y[..2], y[2..4]);
/// assert_eq!(y[..2], y[4..]);
/// ```
///
/// # Panics
/// If `x` is not as long as `y`, or `y` is not samples of these dimensions.
pub fn forward(isa: Isa, y: &mut [f32], x: Option<&[f32]>, mask: Mask<'_>, key: Key, first: usize) {
    per_isa!(
        isa,
        scalar::forward(y: &mut [f32], x: Option<&[f32]>, mask: Mask<'_>, key: Key, first: usize),
        scalar::forward
    )
}

/// dx = scale · dy where the mask keeps it, else 0; or dx += that if `acc`. `dx` holds dy where `dy` is `None`. The other
/// arguments are those of the forward pass.
///
/// # Panics
/// If `dy` is not as long as `dx`, `dx` is not samples of these dimensions, or on `acc` without `dy`.
pub fn backward(isa: Isa, dx: &mut [f32], dy: Option<&[f32]>, mask: Mask<'_>, key: Key, first: usize, acc: bool) {
    per_isa!(
        isa,
        scalar::backward(
            dx: &mut [f32],
            dy: Option<&[f32]>,
            mask: Mask<'_>,
            key: Key,
            first: usize,
            acc: bool
        ),
        scalar::backward
    )
}
