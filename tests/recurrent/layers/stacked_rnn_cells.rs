use keras::model;

use crate::layer_test;

layer_test!(
    default,
    model!(|x: [2], h: [3], c: [3], g: [2]| {
        let (y, h, c, g) = StackedRNNCells([LSTMCell(3), GRUCell(2)])(x, states = [h, c, g]);
        (y, h, c, g)
    }),
    ["stacked_rnn_cells"]
);
layer_test!(
    simple,
    model!(|x: [2], h: [3], g: [2]| {
        let cells = StackedRNNCells([SimpleRNNCell(3, sigmoid), GRUCell(2, reset_after = false)]);
        let (y, h, g) = cells(x, states = [h, g]);
        (y, h, g)
    }),
    ["stacked_rnn_cells_simple"]
);
