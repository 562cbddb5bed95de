use keras::model;

use crate::layer_test;

layer_test!(
    default,
    model!(|x: [2], h: [3], c: [3]| {
        let (y, h, c) = LSTMCell(3)(x, [h, c]);
        (y, h, c)
    }),
    ["lstm_cell"]
);
layer_test!(
    curves,
    model!(|x: [2], h: [3], c: [3]| {
        let (y, _, c) = LSTMCell(3, softsign, hard_sigmoid, use_bias = false)(x, states = [h, c]);
        (y, c)
    }),
    ["lstm_cell_curves"]
);
layer_test!(
    shared,
    model!(|x: [2], y: [2], h: [3], c: [3]| {
        let cell = LSTMCell(3);
        let (_, h, c) = cell(x, states = [h, c]);
        let (z, _, _) = cell(y, states = [h, c]);
        z
    }),
    ["lstm_cell_shared"]
);
layer_test!(
    dropout,
    model!(|x: [2], h: [3], c: [3]| {
        let (y, _, c) = LSTMCell(3, dropout = 0.25, recurrent_dropout = 0.5, seed = 3)(x, states = [h, c]);
        (y, c)
    })
);
