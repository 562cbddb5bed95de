use keras::model;

use crate::layer_test;

layer_test!(
    lstm_cell,
    model!(|x: [2], h: [3], c: [3]| {
        let (y, h, c) = LSTMCell(3)(x, [h, c]);
        (y, h, c)
    }),
    ["lstm_cell"]
);
layer_test!(
    lstm_cell_curves,
    model!(|x: [2], h: [3], c: [3]| {
        let (y, _, c) = LSTMCell(3, softsign, hard_sigmoid, use_bias = false)(x, states = [h, c]);
        (y, c)
    }),
    ["lstm_cell_curves"]
);
layer_test!(
    lstm_cell_shared,
    model!(|x: [2], y: [2], h: [3], c: [3]| {
        let cell = LSTMCell(3);
        let (_, h, c) = cell(x, states = [h, c]);
        let (z, _, _) = cell(y, states = [h, c]);
        z
    }),
    ["lstm_cell_shared"]
);
layer_test!(
    lstm_cell_dropout,
    model!(|x: [2], h: [3], c: [3]| {
        let (y, _, c) = LSTMCell(3, dropout = 0.25, recurrent_dropout = 0.5, seed = 3)(x, states = [h, c]);
        (y, c)
    })
);
layer_test!(
    gru_cell,
    model!(|x: [2], h: [3]| {
        let (y, _) = GRUCell(3)(x, h);
        y
    }),
    ["gru_cell"]
);
layer_test!(
    gru_cell_before,
    model!(|x: [2], h: [3]| {
        let (_, h) = GRUCell(3, reset_after = false)(x, states = h);
        h
    }),
    ["gru_cell_before"]
);
layer_test!(
    gru_cell_curves,
    model!(|x: [2], h: [3]| {
        let (y, _) = GRUCell(3, gelu, silu, use_bias = false)(x, states = [h]);
        y
    }),
    ["gru_cell_curves"]
);
layer_test!(
    simple_rnn_cell,
    model!(|x: [2], h: [3]| {
        let (y, h) = SimpleRNNCell(3)(x, [h]);
        (y, h)
    }),
    ["simple_rnn_cell"]
);
layer_test!(
    simple_rnn_cell_curves,
    model!(|x: [2], h: [3]| {
        let (y, _) = SimpleRNNCell(3, mish, use_bias = false)(x, h);
        y
    }),
    ["simple_rnn_cell_curves"]
);
layer_test!(
    simple_rnn_cell_regularized,
    model!(|x: [2], h: [3]| {
        let (y, _) = SimpleRNNCell(3, gelu, kernel_regularizer = L2(0.1), bias_regularizer = L1(0.1))(x, h);
        y
    }),
    ["simple_rnn_cell_regularized"]
);
layer_test!(
    stacked_rnn_cells,
    model!(|x: [2], h: [3], c: [3], g: [2]| {
        let (y, h, c, g) = StackedRNNCells([LSTMCell(3), GRUCell(2)])(x, states = [h, c, g]);
        (y, h, c, g)
    }),
    ["stacked_rnn_cells"]
);
