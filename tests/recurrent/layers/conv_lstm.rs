use keras::{model, sequential};

use crate::layer_test;

layer_test!(conv_lstm1d, sequential!(Input(3, 5, 2), ConvLSTM1D(3, 2)), ["conv_lstm1d"]);
layer_test!(
    conv_lstm1d_same,
    sequential!(
        Input(3, 6, 2),
        ConvLSTM1D(2, 3, 2, same, None, 1, softsign, "hard_sigmoid", false, return_sequences = true)
    ),
    ["conv_lstm1d_same"]
);
layer_test!(
    conv_lstm1d_first,
    sequential!(
        Input(3, 2, 6),
        ConvLSTM1D(
            2,
            3,
            data_format = channels_first,
            dilation_rate = 2,
            go_backwards = true,
            kernel_regularizer = L2(0.1),
            recurrent_regularizer = L1(0.1),
            bias_regularizer = L2(0.2)
        )
    ),
    ["conv_lstm1d_first"]
);
layer_test!(
    conv_lstm1d_states,
    model!(|x: [2, 4, 2], h: [3, 2], c: [3, 2]| {
        let (y, h, c) = ConvLSTM1D(2, 2, return_state = true)(x, initial_state = [h, c]);
        (y, h, c)
    }),
    ["conv_lstm1d_states"]
);
// The mask has zeros where its input is below 0.
layer_test!(
    conv_lstm1d_masked,
    model!(|x: [4, 3, 2], m: [4]| { ConvLSTM1D(2, 2, return_sequences = true)(x, mask = ReLU()(m)) }),
    ["conv_lstm1d_masked"]
);
layer_test!(conv_lstm2d, sequential!(Input(3, 4, 3, 2), ConvLSTM2D(2, 2)), ["conv_lstm2d"]);
layer_test!(
    conv_lstm2d_same,
    sequential!(
        Input(3, 3, 4, 1),
        ConvLSTM2D(3, (3, 2), padding = same, return_sequences = true, go_backwards = true, unit_forget_bias = false)
    ),
    ["conv_lstm2d_same"]
);
layer_test!(
    conv_lstm2d_first,
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
    conv_lstm2d_wide,
    sequential!(
        Input(2, 2, 17, 3),
        ConvLSTM2D(5, (1, 3), padding = same, return_sequences = true),
        ConvLSTM2D(3, (2, 3))
    ),
    ["conv_lstm2d_wide"]
);
layer_test!(
    conv_lstm2d_states,
    model!(|x: [2, 1, 3, 3], h: [2, 2, 2], c: [2, 2, 2]| {
        let lstm = ConvLSTM2D(2, 2, data_format = channels_first, return_sequences = true, return_state = true);
        let (y, h, c) = lstm(x, initial_state = [h, c]);
        (y, h, c)
    }),
    ["conv_lstm2d_states"]
);
layer_test!(
    conv_lstm2d_masked,
    model!(|x: [4, 2, 3, 1], m: [4]| {
        ConvLSTM2D(2, 2, padding = same, go_backwards = true)(x, mask = ReLU()(m))
    }),
    ["conv_lstm2d_masked"]
);
layer_test!(
    conv_lstm2d_shared,
    model!(|x: [2, 3, 2, 2], y: [2, 3, 2, 2]| {
        let lstm = ConvLSTM2D(2, 2);
        lstm(x) + lstm(y)
    }),
    ["conv_lstm2d_shared"]
);
layer_test!(
    conv_lstm2d_dropout,
    sequential!(Input(2, 3, 3, 2), ConvLSTM2D(2, 2, dropout = 0.5, recurrent_dropout = 0.25)),
    ["conv_lstm2d_dropout"]
);
layer_test!(
    conv_lstm2d_bidirectional,
    sequential!(Input(3, 3, 3, 2), Bidirectional(ConvLSTM2D(2, 2, return_sequences = true))),
    ["conv_lstm2d_bidirectional"]
);
layer_test!(conv_lstm3d, sequential!(Input(2, 3, 2, 3, 1), ConvLSTM3D(2, 2)), ["conv_lstm3d"]);
layer_test!(
    conv_lstm3d_same,
    sequential!(
        Input(2, 2, 3, 2, 2),
        ConvLSTM3D(1, (1, 2, 3), padding = same, return_sequences = true, use_bias = false)
    ),
    ["conv_lstm3d_same"]
);
layer_test!(
    conv_lstm3d_first,
    sequential!(Input(2, 1, 3, 2, 3), ConvLSTM3D(2, 2, (1, 1, 2), same, channels_first, go_backwards = true)),
    ["conv_lstm3d_first"]
);

const STEPS: usize = 2;
const FILTERS: usize = 3;
layer_test!(
    conv_lstm_consts,
    sequential!(Input(STEPS, 3, 3, 1), ConvLSTM2D(FILTERS, 2, dropout = 0.25, return_sequences = true))
);
