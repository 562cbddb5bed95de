//! Each layer in the arguments that change its arithmetic.

mod bidirectional;
mod gru;
mod lstm;
mod simple_rnn;
mod time_distributed;
