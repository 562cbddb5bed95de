//! Each layer in the arguments that change its arithmetic.

mod bidirectional;
mod conv_lstm1d;
mod conv_lstm2d;
mod conv_lstm3d;
mod gru;
mod gru_cell;
mod lstm;
mod lstm_cell;
mod rnn;
mod simple_rnn;
mod simple_rnn_cell;
mod stacked_rnn_cells;
mod time_distributed;
