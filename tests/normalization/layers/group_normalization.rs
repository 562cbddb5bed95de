use keras::{model, sequential};

use crate::layer_test;

const N: usize = 3;

layer_test!(groups32, sequential!(Input(64), GroupNormalization), ["group_normalization"]);
layer_test!(groups2, sequential!(Input((3, 6)), GroupNormalization(2, epsilon = 0.01)), ["group_normalization_2"]);
layer_test!(image, sequential!(Input((2, 3, 4)), GroupNormalization(groups = 2)), ["group_normalization_image"]);
layer_test!(axis1, sequential!(Input((4, 3)), GroupNormalization(groups = 2, axis = 1)), ["group_normalization_axis1"]);
layer_test!(
    first,
    sequential!(Input((4, 2, 3)), GroupNormalization(groups = 2, axis = 1, epsilon = 0.1)),
    ["group_normalization_first"]
);
layer_test!(
    each,
    sequential!(Input((3, 4)), GroupNormalization(groups = -1, scale = false)),
    ["group_normalization_each"]
);
layer_test!(
    one,
    sequential!(Input((3, 4)), GroupNormalization(groups = 1, center = false)),
    ["group_normalization_one"]
);
layer_test!(
    regularized,
    sequential!(Input((3, 4)), GroupNormalization(2, beta_regularizer = L2(0.1), gamma_regularizer = L1(0.05))),
    ["group_normalization_regularized"]
);
layer_test!(
    const_size,
    sequential!(Input((N, 2 * N)), GroupNormalization(2, epsilon = 0.01)),
    ["group_normalization_2"]
);
layer_test!(between, sequential!(Input((2, 3)), Dense(10), GroupNormalization(5), Dense(2)));
layer_test!(
    added,
    model!(|x: [4, 6]| {
        let h = Dense(6, tanh)(x);
        h + GroupNormalization(3)(h) + GroupNormalization(6, center = false, scale = false)(h)
    })
);
