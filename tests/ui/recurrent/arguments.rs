use keras::prelude::*;

sequential! {
    pub struct Net<
        Input(28, 28),
        LSTM(64, return_sequence = true),
        GRU(32, stateful = yes, recurrent_dropout = 1.0),
        SimpleRNN(16, activation = softmax),
        Dense(10, softmax),
    >;
}

fn main() {
    let _: [f32; 10] = Net::seeded(1).predict_one(&[[0.5; 28]; 28]);
}
