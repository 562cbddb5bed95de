use keras::{model, sequential};

use crate::layer_test;

const N: usize = 3;

layer_test!(one, sequential!(Input(5), LayerNormalization), ["layer_normalization"]);
layer_test!(wide, sequential!(Input(37), LayerNormalization(epsilon = 1e-5)), ["layer_normalization_wide"]);
layer_test!(rank3, sequential!(Input((3, 4)), LayerNormalization(-1, 0.1)), ["layer_normalization_rank3"]);
layer_test!(axis1, sequential!(Input((3, 4)), LayerNormalization(axis = 1)), ["layer_normalization_axis1"]);
layer_test!(
    axes,
    sequential!(Input((2, 3, 4)), LayerNormalization(axis = (1, 3), epsilon = 0.01)),
    ["layer_normalization_axes"]
);
layer_test!(all_axes, sequential!(Input((2, 3)), LayerNormalization(axis = [1, 2])), ["layer_normalization_all_axes"]);
layer_test!(center, sequential!(Input(5), LayerNormalization(scale = false)), ["layer_normalization_center"]);
layer_test!(scale, sequential!(Input(5), LayerNormalization(center = false)), ["layer_normalization_scale"]);
layer_test!(
    plain,
    sequential!(Input(5), LayerNormalization(center = false, scale = false)),
    ["layer_normalization_plain"]
);
layer_test!(
    regularized,
    sequential!(Input(4), LayerNormalization(beta_regularizer = L1(0.05), gamma_regularizer = L2(0.1))),
    ["layer_normalization_regularized"]
);
layer_test!(
    const_size,
    sequential!(Input((N, N + 1)), LayerNormalization(axis = 1, epsilon = (N as f32) / 3000.0)),
    ["layer_normalization_axis1"]
);
layer_test!(between, sequential!(Input(3), Dense(7), LayerNormalization(), Dense(2)));
layer_test!(long, sequential!(Input((2, 3)), Dense(150), LayerNormalization(center = false), Dense(1)));
layer_test!(
    added,
    model!(|x: [4, 30]| {
        let h = Dense(30, tanh)(x);
        h + LayerNormalization()(h) + LayerNormalization(scale = false)(h)
    })
);
layer_test!(twice, model!(|a: [2, 3], b: [2, 3]| { let n = LayerNormalization(); n(a) + n(Dense(3)(b)) }));
layer_test!(frozen, sequential!(Input(3), Dense(4), LayerNormalization(trainable = false), Dense(2)));
