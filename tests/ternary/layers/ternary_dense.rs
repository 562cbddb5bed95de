//! The gradient goes straight through what makes a weight −1, 0 or 1, so that the kernel's is not that of differences; real
//! Keras has it. All others are.

use keras::{model, sequential};

use crate::layer_test;
use crate::support::layer_test::generated;

const THRESHOLD: f32 = 0.3;

layer_test!(mean, sequential!(Input(4), TernaryDense(3)), differences_but "kernel", ["ternary_mean"]);
layer_test!(
    no_bias,
    sequential!(Input(5), TernaryDense(4, None, use_bias = false)),
    differences_but "kernel",
    ["ternary_no_bias"]
);
layer_test!(
    rank3,
    sequential!(Input((2, 4)), TernaryDense(3, activation = tanh)),
    differences_but "kernel",
    ["ternary_rank3"]
);
layer_test!(
    threshold,
    sequential!(Input(4), TernaryDense(3, THRESHOLD, sigmoid)),
    differences_but "kernel",
    ["ternary_threshold"]
);
layer_test!(
    zero_threshold,
    sequential!(Input((3, 2)), TernaryDense(4, threshold = 0.0, activation = "gelu", use_bias = false)),
    differences_but "kernel",
    ["ternary_zero_threshold"]
);
layer_test!(
    nothing_left,
    sequential!(Input(3), TernaryDense(2, threshold = 1e9)),
    differences_but "kernel",
    ["ternary_nothing_left"]
);
layer_test!(
    regularized,
    sequential!(
        Input(4),
        TernaryDense(3, activation = tanh, kernel_regularizer = L1L2(0.02, 0.03), bias_regularizer = L2(0.05))
    ),
    differences_but "kernel",
    ["ternary_regularized"]
);
layer_test!(
    activity,
    sequential!(Input(3), TernaryDense(4, 0.25, activity_regularizer = L2(0.1))),
    differences_but "kernel",
    ["ternary_activity"]
);
layer_test!(
    twice,
    model!(|x: [4]| {
        let d = TernaryDense(4, activation = tanh);
        Dense(2)(d(d(x)) + x)
    }),
    differences_but "kernel",
    ["ternary_twice"]
);
// A kernel that is 0 gives the bias, and has no gradient through its mean.
layer_test!(zero, sequential!(Input(4), TernaryDense(3)), differences_but "kernel", ["ternary_zero"]);
// More than a vector's width each way, and one feature.
layer_test!(wide, sequential!(Input(19), TernaryDense(21, activation = relu)), differences_but "kernel");
layer_test!(one, sequential!(Input(1), TernaryDense(1)), differences_but "kernel");
layer_test!(frozen, sequential!(Input(6), TernaryDense(5, trainable = false), Dense(3)), differences_but "kernel");

/// Kernels that products take in several panels, along their depth and beside each other.
#[test]
fn large_kernels() {
    generated(&sequential!(Input(600), TernaryDense(200)));
    generated(&sequential!(Input(200), TernaryDense(600, 0.3)));
}
