use keras::model;

use crate::layer_test;

layer_test!(
    default,
    model!(|x: [2], h: [3]| {
        let (y, _) = GRUCell(3)(x, h);
        y
    }),
    ["gru_cell"]
);
layer_test!(
    before,
    model!(|x: [2], h: [3]| {
        let (_, h) = GRUCell(3, reset_after = false)(x, states = h);
        h
    }),
    ["gru_cell_before"]
);
layer_test!(
    curves,
    model!(|x: [2], h: [3]| {
        let (y, _) = GRUCell(3, gelu, silu, use_bias = false)(x, states = [h]);
        y
    }),
    ["gru_cell_curves"]
);
