//! Dropout with a mask that is never stored.
//!
//! Element i is kept where its random number u, in [0, 1), is not less than the rate, and then multiplied by
//! 1 / (1 − rate). u depends on the [`Key`] and on i alone, so that any split of a batch over calls, threads or devices
//! draws the same mask, and the backward pass draws it again.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;
pub use crate::philox::Key;

/// y = x · mask, in place on `y` where `x` is `None`.
///
/// Element `i` of the slice has the index `first + i`; `rate` is in `0.0..=1.0` (at 1 everything is dropped).
///
/// ```
/// use keras_kernels::{Isa, dropout::{self, Key}};
/// let key = Key { seed: 7, step: 0, stream: 2 };
/// let (mut whole, mut half) = ([1.0; 6], [1.0; 3]);
/// dropout::forward(Isa::best(), &mut whole, None, 0.5, key, 0);
/// dropout::forward(Isa::best(), &mut half, None, 0.5, key, 3);
/// assert!(whole.iter().all(|&y| y == 0.0 || y == 2.0));
/// assert_eq!(whole[3..], half);
/// ```
///
/// # Panics
/// If `x` is not as long as `y`.
pub fn forward(isa: Isa, y: &mut [f32], x: Option<&[f32]>, rate: f32, key: Key, first: u64) {
    backward(isa, y, x, rate, key, first, false);
}

/// dx = dy · mask, or dx += that if `acc`; `dx` holds dy where `dy` is `None`. The other arguments are those of the
/// forward pass.
///
/// # Panics
/// If `dy` is not as long as `dx`, or on `acc` without `dy`.
pub fn backward(isa: Isa, dx: &mut [f32], dy: Option<&[f32]>, rate: f32, key: Key, first: u64, acc: bool) {
    check(dx.len(), dy.map(<[f32]>::len), acc);
    per_isa!(
        isa,
        lanes::backward(dx: &mut [f32], dy: Option<&[f32]>, rate: f32, key: Key, first: u64, acc: bool),
        scalar::backward
    )
}

fn check(y: usize, x: Option<usize>, acc: bool) {
    assert!(x.is_none_or(|x| x == y), "a dropout from {x:?} to {y} elements");
    assert!(x.is_some() || !acc, "a gradient in place cannot also be added to");
}
