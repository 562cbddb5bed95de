use keras::sequential;

use crate::layer_test;

layer_test!(time_distributed, sequential!(Input(3, 4), TimeDistributed(Dense(2, tanh))), ["time_distributed"]);
layer_test!(
    time_distributed_flatten,
    sequential!(Input(3, 2, 2), TimeDistributed(Flatten), LSTM(2)),
    ["time_distributed_flatten"]
);
layer_test!(time_distributed_lstm, sequential!(Input(2, 3, 2), TimeDistributed(LSTM(2))), ["time_distributed_lstm"]);
