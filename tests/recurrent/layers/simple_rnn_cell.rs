use keras::model;

use crate::layer_test;

layer_test!(
    default,
    model!(|x: [2], h: [3]| {
        let (y, h) = SimpleRNNCell(3)(x, [h]);
        (y, h)
    }),
    ["simple_rnn_cell"]
);
layer_test!(
    curves,
    model!(|x: [2], h: [3]| {
        let (y, _) = SimpleRNNCell(3, mish, use_bias = false)(x, h);
        y
    }),
    ["simple_rnn_cell_curves"]
);
layer_test!(
    regularized,
    model!(|x: [2], h: [3]| {
        let (y, _) = SimpleRNNCell(3, gelu, kernel_regularizer = L2(0.1), bias_regularizer = L1(0.1))(x, h);
        y
    }),
    ["simple_rnn_cell_regularized"]
);
