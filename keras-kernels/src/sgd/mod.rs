//! Stochastic gradient descent, with momentum and Nesterov's variant of it, as Keras defines them.
//!
//! Without momentum w −= lr · g. With momentum μ, m = μ m − lr · g, and then w += m, or Nesterov's w += μ m − lr · g with
//! the new m. Before either, w −= decay · w.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;

/// Updates the weights `w` and their momentum `m` by the gradient `g`.
///
/// `m` is empty where `momentum` is 0. `decay` is the decoupled weight decay of this step, that is the learning rate
/// times the rate of decay; 0 for none.
///
/// # Panics
/// If the lengths differ.
pub fn update(isa: Isa, w: &mut [f32], g: &[f32], m: &mut [f32], lr: f32, momentum: f32, nesterov: bool, decay: f32) {
    check(w.len(), g.len(), m.len(), momentum == 0.0);
    per_isa!(
        isa,
        lanes::update(w: &mut [f32], g: &[f32], m: &mut [f32], lr: f32, momentum: f32, nesterov: bool, decay: f32),
        scalar::update
    )
}

fn check(w: usize, g: usize, m: usize, plain: bool) {
    assert!(w == g && m == if plain { 0 } else { w }, "{g} gradients and a momentum of {m} for {w} weights");
}
