use keras::{model, sequential};

use crate::layer_test;

const N: usize = 3;

layer_test!(one, sequential!(Input(5), RMSNormalization), ["rms_normalization"]);
layer_test!(epsilon, sequential!(Input((2, 33)), RMSNormalization(epsilon = 0.5)), ["rms_normalization_epsilon"]);
layer_test!(axis1, sequential!(Input((3, 4)), RMSNormalization(1, 0.01)));
layer_test!(axes, sequential!(Input((2, 3, 2)), RMSNormalization(axis = (2, 3))), ["rms_normalization_axes"]);
layer_test!(const_size, sequential!(Input((2, N, N - 1)), RMSNormalization(axis = (2, 3))), ["rms_normalization_axes"]);
layer_test!(between, sequential!(Input(3), Dense(7), RMSNormalization(), Dense(2)));
layer_test!(
    added,
    model!(|x: [4, 70]| {
        let h = Dense(70, tanh)(x);
        h + RMSNormalization()(h)
    })
);
layer_test!(steps, sequential!(Input((3, 4)), RMSNormalization(axis = 1)), ["rms_normalization_axis1"]);
layer_test!(middle, sequential!(Input((2, 3, 4)), RMSNormalization(-2, epsilon = 0.1)), ["rms_normalization_middle"]);
