use keras::prelude::*;

// One direction goes on from batch to batch, the other begins anew.
sequential! {
    pub struct Halves<
        Input(28, 28),
        Bidirectional(LSTM(64, stateful = true), backward_layer = LSTM(64, go_backwards = true)),
        Dense(10),
    >;
}

fn main() {
    let _: [f32; 10] = Halves::seeded(1).predict_one(&[[0.5; 28]; 28]);
}
