//! What the tests are written with.
//!
//! - [`interpret`] runs the model's graph in f64, by the scalar kernels.
//! - [`count`] counts allocations.
//! - [`fill`] makes inputs of integers too.
//! - [`golden`] has the numbers of real Keras.
//! - [`run`] runs a compiled model on flat data.
//! - [`layer_test`] has all checks of a layer in a few lines.

pub(crate) mod count;
pub(crate) mod fill;
pub(crate) mod golden;
pub(crate) mod interpret;
pub(crate) mod layer_test;
pub(crate) mod run;

/// Asserts that no element differs by more than `tolerance` times the largest expected magnitude.
#[track_caller]
pub(crate) fn close(what: &str, ours: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), expected.len(), "{what}: {} numbers, expected {}", ours.len(), expected.len());
    let scale = expected.iter().fold(0.0f64, |max, e| max.max(e.abs()));
    for (i, (o, e)) in ours.iter().zip(expected).enumerate() {
        assert!(
            (o - e).abs() <= tolerance * scale,
            "{what}[{i}]: {o} instead of {e} (largest magnitude {scale}, tolerance {tolerance})"
        );
    }
}

/// As [`close`], for f32.
#[track_caller]
pub(crate) fn close32(what: &str, ours: &[f32], expected: &[f64], tolerance: f64) {
    close(what, &ours.iter().map(|&x| f64::from(x)).collect::<Vec<_>>(), expected, tolerance);
}

/// Numbers in ±`width` that are the same in every run.
pub(crate) fn numbers(seed: u64, n: usize, width: f64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    // Multiples of 1/256 are exact in f32, so that f32 and f64 begin from the same numbers.
    (0..n).map(|_| ((next() * 2.0 - 1.0) * width * 256.0).round() / 256.0).collect()
}
