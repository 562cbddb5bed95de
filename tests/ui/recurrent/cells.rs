use keras::{model, sequential};

fn main() {
    sequential!(Input(4, 3), RNN(LSTM(5)));
    sequential!(Input(4, 3), RNN([LSTMCell(5), Dense(3)]));
    sequential!(Input(4, 3), RNN());
    sequential!(Input(4, 3), RNN([]));
    sequential!(Input(4, 3), RNN(self::Mean, stateful = true));
    sequential!(Input(4, 3), RNN(LSTMCell(5, return_sequences = true)));
    sequential!(Input(4, 3), RNN(StackedRNNCells(LSTMCell(5))));
    sequential!(Input(3), LSTMCell(5));
    model!(|x: [3], h: [5]| {
        let (y, _, _) = LSTMCell(5)(x, states = h);
        y
    });
    model!(|x: [3], h: [4]| {
        let (y, _) = GRUCell(5)(x, h);
        y
    });
    model!(|x: [4, 3], h: [5]| RNN([LSTMCell(5), GRUCell(2)])(x, initial_state = h));
    model!(|x: [4, 3], h: [5], c: [5], g: [3]| RNN([LSTMCell(5), GRUCell(2)])(x, initial_state = [h, c, g]));
}
