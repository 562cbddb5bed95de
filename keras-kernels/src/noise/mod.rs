//! Normal noise that is never stored: added, or multiplied with.
//!
//! | | forward | gradient, times `dy` |
//! |---|---|---|
//! | [`Noise::Added`] | x + stddev · N | 1 |
//! | [`Noise::Multiplied`] | x · (1 + stddev · N), stddev = √(rate / (1 − rate)) | 1 + stddev · N |
//!
//! N depends on the [`Key`] and on the element's index alone, so that any split of a batch over calls, threads or devices
//! draws the same noise, and the backward pass draws it again.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;
pub use crate::philox::Key;

/// What is done with the noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Noise {
    /// It is added.
    Added {
        /// Its standard deviation.
        stddev: f32,
    },
    /// One more than it is multiplied with.
    Multiplied {
        /// The rate of a dropout that has the same deviation.
        rate: f32,
    },
}

impl Noise {
    /// The standard deviation of what is added, or multiplied with.
    #[must_use]
    pub fn stddev(self) -> f64 {
        match self {
            Noise::Added { stddev } => f64::from(stddev),
            Noise::Multiplied { rate } => libm::sqrt(f64::from(rate) / (1.0 - f64::from(rate))),
        }
    }
}

/// y = x with noise, in place on `y` where `x` is `None`. Element `i` of the slice has the index `first + i`.
///
/// ```
/// use keras_kernels::{Isa, noise::{self, Key, Noise}};
/// let key = Key { seed: 7, step: 0, stream: 2 };
/// let (mut whole, mut half) = ([1.0; 6], [1.0; 3]);
/// noise::forward(Isa::best(), &mut whole, None, Noise::Added { stddev: 0.5 }, key, 0);
/// noise::forward(Isa::best(), &mut half, None, Noise::Added { stddev: 0.5 }, key, 3);
/// assert_eq!(whole[3..], half);
/// ```
///
/// # Panics
/// If `x` is not as long as `y`.
pub fn forward(isa: Isa, y: &mut [f32], x: Option<&[f32]>, noise: Noise, key: Key, first: u64) {
    check(y.len(), x.map(<[f32]>::len), false);
    per_isa!(
        isa,
        lanes::forward(y: &mut [f32], x: Option<&[f32]>, noise: Noise, key: Key, first: u64),
        scalar::forward
    )
}

/// dx = dy times the slope, or dx += that if `acc`; `dx` holds dy where `dy` is `None`. The other arguments are those of
/// the forward pass.
///
/// # Panics
/// If `dy` is not as long as `dx`, or on `acc` without `dy`.
pub fn backward(isa: Isa, dx: &mut [f32], dy: Option<&[f32]>, noise: Noise, key: Key, first: u64, acc: bool) {
    check(dx.len(), dy.map(<[f32]>::len), acc);
    per_isa!(
        isa,
        lanes::backward(
            dx: &mut [f32],
            dy: Option<&[f32]>,
            noise: Noise,
            key: Key,
            first: u64,
            acc: bool
        ),
        scalar::backward
    )
}

fn check(y: usize, x: Option<usize>, acc: bool) {
    assert!(x.is_none_or(|x| x == y), "noise from {x:?} to {y} elements");
    assert!(x.is_some() || !acc, "a gradient in place cannot also be added to");
}
