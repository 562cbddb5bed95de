use keras::sequential;

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
