use keras::{model, sequential};

use crate::layer_test;

const N: usize = 3;

layer_test!(one, sequential!(Input(5), BatchNormalization), ["batch_normalization"]);
layer_test!(
    image,
    sequential!(Input((2, 3, 4)), BatchNormalization(momentum = 0.75, epsilon = 0.01)),
    ["batch_normalization_image"]
);
layer_test!(axis1, sequential!(Input((3, 4)), BatchNormalization(1, 0.5)), ["batch_normalization_axis1"]);
layer_test!(center, sequential!(Input((3, 2)), BatchNormalization(scale = false)), ["batch_normalization_center"]);
layer_test!(
    scale,
    sequential!(Input(5), BatchNormalization(center = false, epsilon = 0.1)),
    ["batch_normalization_scale"]
);
layer_test!(
    plain,
    sequential!(Input((3, 2)), BatchNormalization(center = false, scale = false)),
    ["batch_normalization_plain"]
);
layer_test!(frozen, sequential!(Input((3, 2)), BatchNormalization(trainable = false)), ["batch_normalization_frozen"]);
layer_test!(
    plain_frozen,
    sequential!(Input((3, 2)), BatchNormalization(center = false, scale = false, trainable = false)),
    ["batch_normalization_plain_frozen"]
);
layer_test!(
    regularized,
    sequential!(Input((3, 2)), BatchNormalization(beta_regularizer = L2(0.1), gamma_regularizer = L1(0.05))),
    ["batch_normalization_regularized"]
);
layer_test!(
    const_size,
    sequential!(Input((N, N + 1)), BatchNormalization(axis = 1, momentum = 1.0 / 2.0)),
    ["batch_normalization_axis1"]
);
layer_test!(
    between,
    sequential!(Input(3), Dense(4, use_bias = false), BatchNormalization, Dense(2)),
    ["batch_normalization_between"]
);
layer_test!(
    twice,
    model!(|x: [3], y: [3]| { let n = BatchNormalization(); Add()(n(x), n(y)) }),
    ["batch_normalization_twice"]
);
layer_test!(
    added,
    model!(|x: [4, 6]| {
        let h = Dense(70, tanh)(x);
        h + BatchNormalization()(h) + BatchNormalization(center = false)(h)
    })
);

keras::sequential! { struct Inner< Input((6, 3)), Dense(4, use_bias = false), BatchNormalization, Dense(2) >; }
layer_test!(nested, sequential!(Input((6, 3)), Dense(3, tanh), self::Inner, Dense(1)));
layer_test!(nested_frozen, sequential!(Input((6, 3)), Dense(3, tanh), self::Inner(trainable = false), Dense(1)));
layer_test!(
    masked,
    sequential!(Input((4, 3)), Masking, BatchNormalization(epsilon = 0.1)),
    ["batch_normalization_masked"]
);
layer_test!(
    masked_between,
    model!(|x: [4, 3]| {
        let h = Dense(5, tanh)(Masking()(x));
        Dense(2)(h + BatchNormalization()(h))
    })
);
