use keras::prelude::*;

sequential! {
    pub struct Flat< Input(28), LSTM(64), Dense(10, softmax) >;
}

model! {
    pub struct States(x: [28, 28], h: [32]) {
        let (y, last) = GRU(64, return_state = true)(x, initial_state = h);
        let (z, _) = LSTM(8, return_state = true)(x, initial_state = [last]);
        (y, z)
    }
}

fn main() {
    let _: [f32; 10] = Flat::seeded(1).predict_one(&[0.5; 28]);
}
