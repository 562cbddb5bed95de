use keras::{model, sequential};

use crate::layer_test;
use crate::support::layer_test::generated;

layer_test!(simple_rnn, sequential!(Input(4, 3), SimpleRNN(5)), ["simple_rnn"]);
layer_test!(
    simple_rnn_sequences,
    sequential!(Input(4, 3), SimpleRNN(5, relu, return_sequences = true, use_bias = false)),
    ["simple_rnn_sequences"]
);
layer_test!(
    simple_rnn_backwards,
    sequential!(
        Input(4, 3),
        SimpleRNN(
            5,
            mish,
            go_backwards = true,
            return_sequences = true,
            kernel_regularizer = L2(0.1),
            recurrent_regularizer = L1(0.1),
            bias_regularizer = L2(0.2),
            activity_regularizer = L2(0.2)
        )
    ),
    ["simple_rnn_backwards"]
);
layer_test!(
    simple_rnn_states,
    model!(|x: [3, 2], h: [4]| {
        let (y, h) = SimpleRNN(4, sigmoid, return_state = true)(x, initial_state = [h]);
        (y, h)
    }),
    ["simple_rnn_states"]
);
layer_test!(simple_rnn_dropout, sequential!(Input(4, 3), SimpleRNN(2, dropout = 0.25, recurrent_dropout = 0.5)));

/// More units than vectors have lanes.
#[test]
fn simple_rnn_wide() {
    generated(&sequential!(Input(3, 20), SimpleRNN(70)));
}

layer_test!(simple_rnn_masked, sequential!(Input(4, 2), Masking(0.25), SimpleRNN(3)), ["simple_rnn_masked"]);
layer_test!(simple_rnn_one_dropout, sequential!(Input(3, 4), SimpleRNN(3, dropout = 0.5)), ["simple_rnn_dropout"]);
layer_test!(
    simple_rnn_both_dropouts,
    sequential!(Input(3, 4), SimpleRNN(3, dropout = 0.25, recurrent_dropout = 0.5, return_sequences = true)),
    ["simple_rnn_both_dropouts"]
);
layer_test!(
    simple_rnn_recurrent_dropout,
    sequential!(Input(3, 2), SimpleRNN(5, recurrent_dropout = 0.4, seed = 9)),
    ["simple_rnn_recurrent_dropout"]
);
