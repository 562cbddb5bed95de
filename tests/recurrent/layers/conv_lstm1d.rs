use keras::{model, sequential};

use crate::layer_test;

layer_test!(default, sequential!(Input(3, 5, 2), ConvLSTM1D(3, 2)), ["conv_lstm1d"]);
layer_test!(
    same,
    sequential!(
        Input(3, 6, 2),
        ConvLSTM1D(2, 3, 2, same, None, 1, softsign, "hard_sigmoid", false, return_sequences = true)
    ),
    ["conv_lstm1d_same"]
);
layer_test!(
    first,
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
    states,
    model!(|x: [2, 4, 2], h: [3, 2], c: [3, 2]| {
        let (y, h, c) = ConvLSTM1D(2, 2, return_state = true)(x, initial_state = [h, c]);
        (y, h, c)
    }),
    ["conv_lstm1d_states"]
);
// So many positions that each step which is left out is one that is not computed.
layer_test!(
    masked_wide,
    model!(|x: [5, 9, 1], m: [5]| {
        let lstm = ConvLSTM1D(2, 3, padding = same, recurrent_dropout = 0.25, return_sequences = true);
        lstm(x, mask = ReLU()(m))
    })
);
// The mask has zeros where its input is below 0.
layer_test!(
    masked,
    model!(|x: [4, 3, 2], m: [4]| { ConvLSTM1D(2, 2, return_sequences = true)(x, mask = ReLU()(m)) }),
    ["conv_lstm1d_masked"]
);
layer_test!(
    dropouts,
    sequential!(Input(2, 4, 2), ConvLSTM1D(3, 2, dropout = 0.25, recurrent_dropout = 0.5)),
    ["conv_lstm1d_dropouts"]
);
layer_test!(
    regularized,
    sequential!(Input(3, 4, 2), ConvLSTM1D(2, 2, unit_forget_bias = false, activity_regularizer = L2(0.1))),
    ["conv_lstm1d_regularized"]
);
