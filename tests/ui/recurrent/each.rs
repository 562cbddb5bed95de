//! What one recurrent layer has and another has not; inputs that are no sequences.
use keras::{model, sequential};

fn main() {
    sequential!(Input(28, 28), SimpleRNN(16, recurrent_activation = sigmoid));
    sequential!(Input(28), SimpleRNN(16));
    sequential!(Input(28, 28), GRU(16, unit_forget_bias = false));
    sequential!(Input(28, 28, 1), GRU(16));
    sequential!(Input(28, 28), RNN(SimpleRNNCell(16, return_state = true)));
    sequential!(Input(28, 28), RNN(GRUCell(16, go_backwards = true)));
    sequential!(Input(28), SimpleRNNCell(5));
    sequential!(Input(28, 28), Bidirectional(LSTM(8), backward_layer = GRU(8, return_sequences = true)));
    sequential!(Input(28, 28), TimeDistributed(LSTMCell(8)));
    model!(|x: [3], h: [4]| {
        let (y, _) = SimpleRNNCell(5)(x, states = h);
        y
    });
}
