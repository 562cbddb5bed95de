//! Each layer in the arguments that change what it keeps.

use keras::{layer, model, sequential};

use crate::check::stateful_test;

stateful_test!(lstm, sequential!(Input(4, 3), LSTM(5, stateful = true)), "stateful_lstm");
stateful_test!(
    lstm_backwards,
    sequential!(
        Input(3, 2),
        LSTM(
            2,
            softsign,
            hard_sigmoid,
            return_sequences = true,
            go_backwards = true,
            use_bias = false,
            stateful = true
        )
    ),
    "stateful_lstm_backwards"
);
stateful_test!(
    lstm_masked,
    sequential!(Input(4, 2), Masking(0.25), LSTM(3, return_sequences = true, stateful = true), LSTM(2)),
    "stateful_lstm_masked"
);
stateful_test!(
    lstm_states,
    model!(|x: [3, 2]| {
        let (y, h, c) = LSTM(4, return_sequences = true, return_state = true, stateful = true)(x);
        (y, h, c)
    }),
    "stateful_lstm_states"
);
// It begins with what it is given, whatever the batch before has left.
stateful_test!(
    lstm_given,
    model!(|x: [3, 2], h: [4], c: [4]| LSTM(4, stateful = true)(x, initial_state = [h, c])),
    "stateful_lstm_given"
);
// The second call goes on from the first.
stateful_test!(
    lstm_shared,
    model!(|x: [3, 2], y: [3, 2]| {
        let lstm = LSTM(4, stateful = true);
        Concatenate()(lstm(x), lstm(y))
    }),
    "stateful_lstm_shared"
);
stateful_test!(
    lstm_dropout,
    sequential!(Input(4, 3), LSTM(2, dropout = 0.25, recurrent_dropout = 0.5, stateful = true))
);
stateful_test!(
    gru,
    sequential!(Input(4, 3), GRU(5, return_sequences = true, stateful = true), Dense(2, tanh)),
    "stateful_gru"
);
stateful_test!(
    gru_before,
    sequential!(Input(3, 2), GRU(3, softsign, hard_sigmoid, reset_after = false, stateful = true)),
    "stateful_gru_before"
);
stateful_test!(
    gru_masked,
    sequential!(Input(4, 2), Masking(0.25), GRU(3, go_backwards = true, use_bias = false, stateful = true)),
    "stateful_gru_masked"
);
stateful_test!(simple_rnn, sequential!(Input(4, 3), SimpleRNN(5, stateful = true)), "stateful_simple_rnn");
stateful_test!(
    simple_rnn_backwards,
    sequential!(
        Input(3, 2),
        SimpleRNN(4, mish, return_sequences = true, go_backwards = true, use_bias = false, stateful = true)
    ),
    "stateful_simple_rnn_backwards"
);
stateful_test!(
    simple_rnn_twice,
    sequential!(
        Input(4, 2),
        Masking(0.25),
        SimpleRNN(3, sigmoid, return_sequences = true, stateful = true),
        SimpleRNN(2, stateful = true, recurrent_regularizer = L2(0.1))
    ),
    "stateful_simple_rnn_twice"
);
stateful_test!(rnn, sequential!(Input(4, 3), RNN(LSTMCell(5), stateful = true)), "stateful_rnn");
stateful_test!(
    rnn_backwards,
    sequential!(
        Input(3, 2),
        RNN(SimpleRNNCell(3, softsign), return_sequences = true, go_backwards = true, stateful = true)
    ),
    "stateful_rnn_backwards"
);
stateful_test!(
    rnn_masked,
    sequential!(
        Input(4, 2),
        Masking(0.25),
        RNN(GRUCell(3), return_sequences = true, zero_output_for_mask = true, stateful = true)
    ),
    "stateful_rnn_masked"
);
stateful_test!(
    rnn_states,
    model!(|x: [3, 2]| {
        let (y, h) = RNN(GRUCell(4), return_state = true, stateful = true)(x);
        (y, h)
    }),
    "stateful_rnn_states"
);
stateful_test!(
    stack,
    sequential!(Input(4, 3), RNN([LSTMCell(3), GRUCell(2)], return_sequences = true, stateful = true)),
    "stateful_stack"
);
stateful_test!(
    stack_simple,
    sequential!(Input(3, 2), RNN(StackedRNNCells([SimpleRNNCell(2), LSTMCell(3), LSTMCell(2)]), stateful = true)),
    "stateful_stack_simple"
);
stateful_test!(
    bidirectional,
    sequential!(Input(4, 3), Bidirectional(LSTM(2, stateful = true))),
    "stateful_bidirectional"
);
stateful_test!(
    bidirectional_sequences,
    sequential!(Input(3, 2), Bidirectional(GRU(2, return_sequences = true, stateful = true), merge_mode = sum)),
    "stateful_bidirectional_sequences"
);
stateful_test!(
    bidirectional_masked,
    sequential!(
        Input(4, 2),
        Masking(0.25),
        Bidirectional(SimpleRNN(3, return_sequences = true, stateful = true), merge_mode = mul)
    ),
    "stateful_bidirectional_masked"
);
stateful_test!(
    bidirectional_other,
    sequential!(
        Input(3, 2),
        Bidirectional(LSTM(2, stateful = true), backward_layer = GRU(2, go_backwards = true, stateful = true))
    ),
    "stateful_bidirectional_other"
);
// Keras itself fails here, where it asks for the masks of the states.
stateful_test!(
    bidirectional_states,
    model!(|x: [3, 2]| {
        let both = Bidirectional(LSTM(2, return_state = true, stateful = true), merge_mode = None);
        let (y, z, h, c, hb, cb) = both(x);
        (y, z, h, c, hb, cb)
    })
);
stateful_test!(conv_lstm1d, sequential!(Input(3, 5, 2), ConvLSTM1D(3, 2, stateful = true)), "stateful_conv_lstm1d");
stateful_test!(
    conv_lstm1d_same,
    sequential!(
        Input(2, 4, 2),
        ConvLSTM1D(2, 3, 2, same, return_sequences = true, go_backwards = true, use_bias = false, stateful = true)
    ),
    "stateful_conv_lstm1d_same"
);
stateful_test!(
    conv_lstm1d_first,
    sequential!(Input(2, 2, 4), ConvLSTM1D(2, 3, data_format = channels_first, activation = softsign, stateful = true)),
    "stateful_conv_lstm1d_first"
);
stateful_test!(
    conv_lstm1d_states,
    model!(|x: [2, 2, 4]| {
        let (y, h, c) = ConvLSTM1D(2, 2, data_format = channels_first, return_state = true, stateful = true)(x);
        (y, h, c)
    }),
    "stateful_conv_lstm1d_states"
);
stateful_test!(conv_lstm2d, sequential!(Input(2, 3, 3, 1), ConvLSTM2D(2, 2, stateful = true)), "stateful_conv_lstm2d");
stateful_test!(
    conv_lstm2d_first,
    sequential!(
        Input(2, 1, 3, 2),
        ConvLSTM2D(2, (2, 1), data_format = channels_first, return_sequences = true, stateful = true)
    ),
    "stateful_conv_lstm2d_first"
);
stateful_test!(
    conv_lstm2d_twice,
    sequential!(
        Input(2, 2, 3, 1),
        ConvLSTM2D(2, 2, padding = same, return_sequences = true, go_backwards = true, stateful = true),
        ConvLSTM2D(1, 1, recurrent_activation = hard_sigmoid, stateful = true)
    ),
    "stateful_conv_lstm2d_twice"
);
stateful_test!(
    conv_lstm3d,
    sequential!(Input(2, 2, 2, 3, 1), ConvLSTM3D(2, 2, stateful = true)),
    "stateful_conv_lstm3d"
);
stateful_test!(
    conv_lstm3d_same,
    sequential!(
        Input(2, 2, 3, 2, 1),
        ConvLSTM3D(1, (1, 2, 2), padding = same, return_sequences = true, use_bias = false, stateful = true)
    ),
    "stateful_conv_lstm3d_same"
);
stateful_test!(
    conv_lstm3d_first,
    sequential!(
        Input(2, 1, 2, 2, 2),
        ConvLSTM3D(2, 2, data_format = channels_first, go_backwards = true, stateful = true)
    ),
    "stateful_conv_lstm3d_first"
);

const STEPS: usize = 3;
const UNITS: usize = 2;
stateful_test!(
    consts,
    sequential!(
        Input(STEPS, 2),
        LSTM(UNITS * 2, return_sequences = true, stateful = true),
        RNN([GRUCell(UNITS), LSTMCell(UNITS + 1)], stateful = true)
    )
);

layer! { struct Memory(units) < GRU(units, return_sequences = true, stateful = true) >; }
stateful_test!(block, sequential!(Input(4, 3), self::Memory!(2), self::Memory!(3), Flatten, Dense(2)));

sequential! { struct Inner< Input(4, 2), GRU(2, return_sequences = true, stateful = true) >; }
sequential! { struct Middle< Input(4, 2), self::Inner(output_shape = [4, 2]), LSTM(2, return_sequences = true, stateful = true) >; }
stateful_test!(
    nested,
    sequential!(
        Input(4, 3),
        SimpleRNN(2, return_sequences = true, stateful = true),
        self::Middle,
        self::Inner(output_shape = [4, 2]),
        LSTM(3, stateful = true)
    )
);
