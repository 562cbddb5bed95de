use keras::{model, sequential};

use crate::layer_test;

layer_test!(default, sequential!(Input(2, 3, 2, 3, 1), ConvLSTM3D(2, 2)), ["conv_lstm3d"]);
layer_test!(
    same,
    sequential!(
        Input(2, 2, 3, 2, 2),
        ConvLSTM3D(1, (1, 2, 3), padding = same, return_sequences = true, use_bias = false)
    ),
    ["conv_lstm3d_same"]
);
layer_test!(
    first,
    sequential!(Input(2, 1, 3, 2, 3), ConvLSTM3D(2, 2, (1, 1, 2), same, channels_first, go_backwards = true)),
    ["conv_lstm3d_first"]
);
layer_test!(
    dropouts,
    sequential!(Input(2, 2, 3, 2, 1), ConvLSTM3D(2, 2, padding = same, dropout = 0.5, recurrent_dropout = 0.25)),
    ["conv_lstm3d_dropouts"]
);
layer_test!(
    curves,
    sequential!(
        Input(2, 2, 3, 2, 1),
        ConvLSTM3D(2, (1, 2, 1), dilation_rate = (1, 2, 1), activation = softsign, recurrent_activation = silu)
    ),
    ["conv_lstm3d_curves"]
);
layer_test!(
    regularized,
    sequential!(
        Input(2, 2, 2, 1, 2),
        ConvLSTM3D(
            2,
            1,
            unit_forget_bias = false,
            kernel_regularizer = L2(0.1),
            recurrent_regularizer = L1(0.1),
            bias_regularizer = L2(0.2),
            activity_regularizer = L2(0.1)
        )
    ),
    ["conv_lstm3d_regularized"]
);
layer_test!(
    states,
    model!(|x: [2, 1, 2, 2, 1], h: [1, 2, 2, 2], c: [1, 2, 2, 2]| {
        let (y, h, c) = ConvLSTM3D(2, 1, return_state = true)(x, initial_state = [h, c]);
        (y, h, c)
    }),
    ["conv_lstm3d_states"]
);
