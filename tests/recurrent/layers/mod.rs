//! Each layer in the arguments that change its arithmetic.

mod bidirectional;
mod cells;
mod conv_lstm;
mod gru;
mod lstm;
mod rnn;
mod simple_rnn;
mod time_distributed;
