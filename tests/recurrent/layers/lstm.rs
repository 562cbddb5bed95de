use keras::{model, sequential};

use crate::layer_test;
use crate::support::layer_test::generated;

layer_test!(lstm, sequential!(Input(4, 3), LSTM(5)), ["lstm"]);
layer_test!(lstm_sequences, sequential!(Input(4, 3), LSTM(5, return_sequences = true)), ["lstm_sequences"]);
layer_test!(
    lstm_backwards,
    sequential!(
        Input(4, 3),
        LSTM(
            5,
            go_backwards = true,
            return_sequences = true,
            unit_forget_bias = false,
            kernel_regularizer = L2(0.1),
            recurrent_regularizer = L1(0.1),
            bias_regularizer = L2(0.2),
            activity_regularizer = L2(0.1)
        )
    ),
    ["lstm_backwards"]
);
layer_test!(
    lstm_curves,
    sequential!(
        Input(4, 3),
        LSTM(2, activation = gelu, recurrent_activation = hard_sigmoid, use_bias = false, use_cudnn = false)
    ),
    ["lstm_curves"]
);
layer_test!(
    lstm_linear,
    sequential!(Input(3, 2), LSTM(2, None, recurrent_activation = "silu", unroll = true)),
    ["lstm_linear"]
);
layer_test!(
    lstm_states,
    model!(|x: [3, 2], h: [4], c: [4]| {
        let (y, h, c) = LSTM(4, return_sequences = true, return_state = true)(x, initial_state = [h, c]);
        (y, h, c)
    }),
    ["lstm_states"]
);
layer_test!(
    lstm_decoder,
    model!(|x: [3, 2], y: [2, 3]| {
        let (_, h, c) = LSTM(4, return_state = true)(x);
        LSTM(4, return_sequences = true)(y, initial_state = [h, c])
    }),
    ["lstm_decoder"]
);
layer_test!(
    lstm_shared,
    model!(|x: [3, 2], y: [3, 2]| {
        let lstm = LSTM(4);
        Concatenate()(lstm(x), lstm(y))
    }),
    ["lstm_shared"]
);

/// More units than vectors have lanes.
#[test]
fn lstm_wide() {
    generated(&sequential!(Input(3, 20), LSTM(70)));
}

layer_test!(lstm_dropout, sequential!(Input(4, 3), LSTM(2, dropout = 0.5)), ["lstm_dropout"]);
layer_test!(lstm_recurrent_dropout, sequential!(Input(4, 3), LSTM(2, recurrent_dropout = 0.5, seed = 3)));
layer_test!(
    lstm_both_dropouts,
    sequential!(Input(4, 3), LSTM(2, dropout = 0.25, recurrent_dropout = 0.5, return_sequences = true))
);

const STEPS: usize = 3;
const UNITS: usize = 4;
layer_test!(lstm_consts, sequential!(Input(STEPS, 2), LSTM(UNITS * 2, return_sequences = true), LSTM(UNITS)));

layer_test!(
    lstm_masked,
    sequential!(Input(4, 2), Masking(0.25), LSTM(3, return_sequences = true), LSTM(2)),
    ["lstm_masked"]
);
layer_test!(lstm_one_dropout, sequential!(Input(3, 4), LSTM(3, dropout = 0.5)), ["lstm_one_dropout"]);
layer_test!(
    lstm_drawn_apart,
    sequential!(Input(3, 4), LSTM(3, dropout = 0.25, recurrent_dropout = 0.5, return_sequences = true)),
    ["lstm_both_dropouts"]
);
layer_test!(
    lstm_drawn_for_h,
    sequential!(Input(3, 2), LSTM(5, recurrent_dropout = 0.4, seed = 9)),
    ["lstm_recurrent_dropout"]
);
layer_test!(
    lstm_tails,
    sequential!(Input(9, 2), Masking(0.25), LSTM(3, return_sequences = true), LSTM(2)),
    ["lstm_tails"]
);
