use keras::prelude::*;

sequential! {
    pub struct Net<
        Input(28, 28),
        Bidirectional(LSTM(64, return_sequences = true), merge_mode = max),
        Bidirectional(Dense(8)),
        TimeDistributed(Dens(8)),
        Dense(10, softmax),
    >;
}

sequential! {
    pub struct Flat< Input(28), TimeDistributed(Dense(8)), Bidirectional(GRU), Dense(10) >;
}

fn main() {
    let _: [f32; 10] = Flat::seeded(1).predict_one(&[0.5; 28]);
}
