use keras::{model, sequential};

use crate::layer_test;

layer_test!(rnn_lstm, sequential!(Input(4, 3), RNN(LSTMCell(5))), ["rnn_lstm"]);
layer_test!(
    rnn_lstm_sequences,
    sequential!(
        Input(4, 3),
        RNN(LSTMCell(3, softsign, "hard_sigmoid", false), return_sequences = true, go_backwards = true, unroll = true)
    ),
    ["rnn_lstm_sequences"]
);
layer_test!(
    rnn_lstm_regularized,
    sequential!(
        Input(4, 3),
        RNN(LSTMCell(
            2,
            unit_forget_bias = false,
            kernel_regularizer = L2(0.1),
            recurrent_regularizer = L1(0.1),
            bias_regularizer = L2(0.2)
        ))
    ),
    ["rnn_lstm_regularized"]
);
layer_test!(rnn_gru, sequential!(Input(4, 3), RNN(GRUCell(4), return_sequences = true), RNN(GRUCell(2))), ["rnn_gru"]);
layer_test!(
    rnn_gru_before,
    sequential!(Input(3, 2), RNN(GRUCell(3, gelu, silu, reset_after = false), go_backwards = true)),
    ["rnn_gru_before"]
);
layer_test!(
    rnn_gru_regularized,
    sequential!(
        Input(3, 2),
        RNN(
            GRUCell(2, use_bias = false, kernel_regularizer = L2(0.1), recurrent_regularizer = L1(0.1)),
            return_sequences = true
        )
    ),
    ["rnn_gru_regularized"]
);
layer_test!(rnn_simple, sequential!(Input(4, 3), RNN(cell = SimpleRNNCell(5))), ["rnn_simple"]);
layer_test!(
    rnn_simple_sequences,
    sequential!(Input(4, 3), RNN(SimpleRNNCell(3, mish, false), return_sequences = true, go_backwards = true)),
    ["rnn_simple_sequences"]
);
layer_test!(
    rnn_simple_regularized,
    sequential!(
        Input(3, 2),
        RNN(
            SimpleRNNCell(2, kernel_regularizer = L2(0.1), recurrent_regularizer = L1(0.1), bias_regularizer = L2(0.2)),
            unroll = true
        )
    ),
    ["rnn_simple_regularized"]
);
layer_test!(
    rnn_states,
    model!(|x: [3, 2], h: [4], c: [4]| {
        let (y, h, c) = RNN(LSTMCell(4), return_sequences = true, return_state = true)(x, initial_state = [h, c]);
        (y, h, c)
    }),
    ["rnn_states"]
);
layer_test!(
    rnn_shared,
    model!(|x: [3, 2], y: [3, 2]| {
        let rnn = RNN([GRUCell(3), GRUCell(2)]);
        Concatenate()(rnn(x), rnn(y))
    }),
    ["rnn_shared"]
);
layer_test!(
    rnn_masked,
    sequential!(Input(4, 2), Masking(0.25), RNN(LSTMCell(3), return_sequences = true), RNN(GRUCell(2))),
    ["rnn_masked"]
);
layer_test!(
    rnn_zero_masked,
    sequential!(
        Input(4, 2),
        Masking(0.25),
        RNN(GRUCell(3), return_sequences = true, go_backwards = true, zero_output_for_mask = true)
    ),
    ["rnn_zero_masked"]
);
layer_test!(
    rnn_zero_masked_last,
    sequential!(Input(4, 2), Masking(0.25), RNN(LSTMCell(3), zero_output_for_mask = true)),
    ["rnn_zero_masked_last"]
);
layer_test!(
    rnn_bidirectional,
    sequential!(Input(4, 3), Bidirectional(RNN(LSTMCell(2), return_sequences = true)), Bidirectional(RNN(GRUCell(2)))),
    ["rnn_bidirectional"]
);
layer_test!(
    rnn_bidirectional_masked,
    sequential!(
        Input(4, 2),
        Masking(0.25),
        Bidirectional(RNN([GRUCell(2), LSTMCell(3)], return_sequences = true), sum)
    ),
    ["rnn_bidirectional_masked"]
);
layer_test!(
    rnn_time_distributed,
    sequential!(Input(2, 3, 2), TimeDistributed(RNN(LSTMCell(2)))),
    ["rnn_time_distributed"]
);
layer_test!(
    rnn_dropout,
    sequential!(
        Input(4, 3),
        RNN([
            LSTMCell(2, dropout = 0.25),
            GRUCell(3, dropout = 0.25, recurrent_dropout = 0.5, seed = 3),
            SimpleRNNCell(2, recurrent_dropout = 0.5)
        ])
    )
);

layer_test!(stacked, sequential!(Input(4, 3), RNN([LSTMCell(3), GRUCell(2)])), ["stacked"]);
layer_test!(
    stacked_sequences,
    sequential!(
        Input(4, 3),
        RNN(
            StackedRNNCells([SimpleRNNCell(2, sigmoid), LSTMCell(3), LSTMCell(2)]),
            return_sequences = true,
            go_backwards = true
        )
    ),
    ["stacked_sequences"]
);
layer_test!(
    stacked_masked,
    sequential!(
        Input(4, 2),
        Masking(0.25),
        RNN([LSTMCell(3), LSTMCell(2)], return_sequences = true, go_backwards = true)
    ),
    ["stacked_masked"]
);
layer_test!(
    stacked_masked_last,
    sequential!(Input(4, 2), Masking(0.25), RNN([GRUCell(3), LSTMCell(2)], zero_output_for_mask = true)),
    ["stacked_masked_last"]
);
layer_test!(
    stacked_states,
    model!(|x: [3, 2], h: [3], c: [3], g: [2]| {
        let (y, h, c, g) = RNN([LSTMCell(3), GRUCell(2)], return_state = true)(x, initial_state = [h, c, g]);
        (y, h, c, g)
    }),
    ["stacked_states"]
);

const STEPS: usize = 3;
const UNITS: usize = 2;
layer_test!(
    rnn_consts,
    sequential!(Input(STEPS, 2), RNN([LSTMCell(UNITS * 2), GRUCell(UNITS)], return_sequences = true))
);
layer_test!(
    rnn_lstm_dropouts,
    sequential!(Input(3, 2), RNN(LSTMCell(3, dropout = 0.25, recurrent_dropout = 0.5))),
    ["rnn_lstm_dropouts"]
);
layer_test!(
    rnn_gru_dropouts,
    sequential!(Input(3, 2), RNN(GRUCell(3, dropout = 0.5, recurrent_dropout = 0.25), return_sequences = true)),
    ["rnn_gru_dropouts"]
);
layer_test!(
    rnn_simple_dropouts,
    sequential!(Input(3, 2), RNN(SimpleRNNCell(3, dropout = 0.25, recurrent_dropout = 0.5, seed = 9))),
    ["rnn_simple_dropouts"]
);
layer_test!(
    rnn_gru_bias,
    sequential!(Input(3, 2), RNN(GRUCell(2, sigmoid, bias_regularizer = L2(0.2)))),
    ["rnn_gru_bias"]
);
layer_test!(
    rnn_zero_tails,
    sequential!(
        Input(9, 2),
        Masking(0.25),
        RNN([LSTMCell(3), GRUCell(2)], return_sequences = true, zero_output_for_mask = true)
    ),
    ["rnn_zero_tails"]
);
