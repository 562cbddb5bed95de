//! Adam, as Keras defines it: ε is added to the uncorrected root.
//!
//! m += (g − m)(1 − β₁); v += (g² − v)(1 − β₂); w −= α m / (√v + ε). With AMSGrad v̂ = max(v̂, v) stands for v in the last
//! of them. Before them, w −= decay · w.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;

/// Updates the weights `w` and their moments `m` and `v` by the gradient `g`.
///
/// `vhat` is empty unless the largest second moment is wanted (AMSGrad). `alpha` is lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ) in step
/// t = 1, 2, …; `decay` the decoupled weight decay of this step, that is the learning rate times the rate of decay; 0 for
/// none.
///
/// # Panics
/// If the lengths differ.
pub fn update(
    isa: Isa,
    w: &mut [f32],
    g: &[f32],
    m: &mut [f32],
    v: &mut [f32],
    vhat: &mut [f32],
    alpha: f32,
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    decay: f32,
) {
    check(w.len(), g.len(), m.len(), v.len(), vhat.len());
    per_isa!(
        isa,
        lanes::update(
            w: &mut [f32],
            g: &[f32],
            m: &mut [f32],
            v: &mut [f32],
            vhat: &mut [f32],
            alpha: f32,
            beta_1: f32,
            beta_2: f32,
            epsilon: f32,
            decay: f32,
        ),
        scalar::update
    )
}

fn check(w: usize, g: usize, m: usize, v: usize, vhat: usize) {
    assert!(
        w == g && w == m && w == v && (vhat == 0 || w == vhat),
        "{g} gradients and moments of {m}, {v} and {vhat} for {w} weights"
    );
}
