use keras::{model, sequential};

use crate::layer_test;

const STEPS: usize = 2;
const FILTERS: usize = 3;

layer_test!(default, sequential!(Input(3, 4, 3, 2), ConvLSTM2D(2, 2)), ["conv_lstm2d"]);
layer_test!(
    same,
    sequential!(
        Input(3, 3, 4, 1),
        ConvLSTM2D(3, (3, 2), padding = same, return_sequences = true, go_backwards = true, unit_forget_bias = false)
    ),
    ["conv_lstm2d_same"]
);
layer_test!(
    first,
    sequential!(
        Input(2, 2, 4, 3),
        ConvLSTM2D(
            2,
            2,
            (2, 1),
            same,
            channels_first,
            activation = gelu,
            recurrent_activation = silu,
            return_sequences = true,
            activity_regularizer = L2(0.1)
        )
    ),
    ["conv_lstm2d_first"]
);
layer_test!(
    wide,
    sequential!(
        Input(2, 2, 9, 2),
        ConvLSTM2D(3, (1, 3), padding = same, return_sequences = true),
        ConvLSTM2D(2, (2, 3))
    ),
    ["conv_lstm2d_wide"]
);
layer_test!(
    states,
    model!(|x: [2, 1, 3, 3], h: [2, 2, 2], c: [2, 2, 2]| {
        let lstm = ConvLSTM2D(2, 2, data_format = channels_first, return_sequences = true, return_state = true);
        let (y, h, c) = lstm(x, initial_state = [h, c]);
        (y, h, c)
    }),
    ["conv_lstm2d_states"]
);
layer_test!(
    masked,
    model!(|x: [4, 2, 3, 1], m: [4]| {
        ConvLSTM2D(2, 2, padding = same, go_backwards = true)(x, mask = ReLU()(m))
    }),
    ["conv_lstm2d_masked"]
);
layer_test!(
    shared,
    model!(|x: [2, 3, 2, 2], y: [2, 3, 2, 2]| {
        let lstm = ConvLSTM2D(2, 2);
        lstm(x) + lstm(y)
    }),
    ["conv_lstm2d_shared"]
);
layer_test!(
    dropout,
    sequential!(Input(2, 3, 3, 2), ConvLSTM2D(2, 2, dropout = 0.5, recurrent_dropout = 0.25)),
    ["conv_lstm2d_dropout"]
);
layer_test!(
    bidirectional,
    sequential!(Input(3, 3, 3, 2), Bidirectional(ConvLSTM2D(2, 2, return_sequences = true))),
    ["conv_lstm2d_bidirectional"]
);
layer_test!(
    consts,
    sequential!(Input(STEPS, 3, 3, 1), ConvLSTM2D(FILTERS, 2, dropout = 0.25, return_sequences = true))
);
layer_test!(one_dropout, sequential!(Input(2, 3, 3, 2), ConvLSTM2D(2, 2, dropout = 0.5)), ["conv_lstm2d_one_dropout"]);
layer_test!(
    recurrent_dropout,
    sequential!(Input(2, 3, 3, 1), ConvLSTM2D(2, 2, recurrent_dropout = 0.4, seed = 9)),
    ["conv_lstm2d_recurrent_dropout"]
);
layer_test!(
    dilated,
    sequential!(Input(2, 4, 4, 1), ConvLSTM2D(2, (2, 3), dilation_rate = (2, 1), use_bias = false)),
    ["conv_lstm2d_dilated"]
);
layer_test!(
    regularized,
    sequential!(
        Input(2, 2, 3, 2),
        ConvLSTM2D(2, 2, kernel_regularizer = L2(0.1), recurrent_regularizer = L1(0.1), bias_regularizer = L2(0.2))
    ),
    ["conv_lstm2d_regularized"]
);
