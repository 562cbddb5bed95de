//! Each layer in the arguments that change its arithmetic.

mod gru;
mod lstm;
mod simple_rnn;
