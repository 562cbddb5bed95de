//! The gradient goes straight through what makes a weight −1, 0 or 1, so that the kernel's is not that of differences; real
//! Keras has it. All others are.

use keras::{Boxed, Model, model, sequential};

use crate::support::fill::Fill;
use crate::support::layer_test::{allocates_nothing, differences_but, generated, keras, survives_a_file};

fn check<M: Model<Input: Fill>>(model: Boxed<M>, name: &str, cases: &[&str]) {
    differences_but(&model, "kernel");
    generated(&model);
    allocates_nothing(&model);
    cases.iter().for_each(|case| keras(model.clone(), case));
    survives_a_file(model, name);
}

const THRESHOLD: f32 = 0.3;

#[test]
fn by_the_mean() {
    check(sequential!(Input(4), TernaryDense(3)), "ternary_mean", &["ternary_mean"]);
    let no_bias = sequential!(Input(5), TernaryDense(4, None, use_bias = false));
    check(no_bias, "ternary_no_bias", &["ternary_no_bias"]);
    let rank3 = sequential!(Input((2, 4)), TernaryDense(3, activation = tanh));
    check(rank3, "ternary_rank3", &["ternary_rank3"]);
}

#[test]
fn by_a_threshold() {
    let given = sequential!(Input(4), TernaryDense(3, THRESHOLD, sigmoid));
    check(given, "ternary_threshold", &["ternary_threshold"]);
    let zero = sequential!(Input((3, 2)), TernaryDense(4, threshold = 0.0, activation = "gelu", use_bias = false));
    check(zero, "ternary_zero_threshold", &["ternary_zero_threshold"]);
    let all = sequential!(Input(3), TernaryDense(2, threshold = 1e9));
    check(all, "ternary_nothing_left", &["ternary_nothing_left"]);
}

#[test]
fn regularizers() {
    let kernel = sequential!(
        Input(4),
        TernaryDense(3, activation = tanh, kernel_regularizer = L1L2(0.02, 0.03), bias_regularizer = L2(0.05))
    );
    check(kernel, "ternary_regularized", &["ternary_regularized"]);
    let activity = sequential!(Input(3), TernaryDense(4, 0.25, activity_regularizer = L2(0.1)));
    check(activity, "ternary_activity", &["ternary_activity"]);
}

#[test]
fn within_models() {
    let twice = model!(|x: [4]| {
        let d = TernaryDense(4, activation = tanh);
        Dense(2)(d(d(x)) + x)
    });
    check(twice, "ternary_twice", &["ternary_twice"]);
    // More than a vector's width each way, and one feature.
    check(sequential!(Input(19), TernaryDense(21, activation = relu)), "ternary_wide", &[]);
    check(sequential!(Input(1), TernaryDense(1)), "ternary_one", &[]);
    check(sequential!(Input(6), TernaryDense(5, trainable = false), Dense(3)), "ternary_frozen", &[]);
}

/// Kernels that products take in several panels, along their depth and beside each other.
#[test]
fn large_kernels() {
    generated(&sequential!(Input(600), TernaryDense(200)));
    generated(&sequential!(Input(200), TernaryDense(600, 0.3)));
}

/// A kernel that is 0 gives the bias, and has no gradient through its mean.
#[test]
fn a_kernel_of_zeros() {
    check(sequential!(Input(4), TernaryDense(3)), "ternary_zero", &["ternary_zero"]);
}
