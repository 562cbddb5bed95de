use keras::prelude::*;

sequential! {
    pub struct Film< Input(28, 28, 1), ConvLSTM2D(8, 3), Flatten, Dense(10, softmax) >;
}

model! {
    pub struct States(x: [5, 9, 9, 1], h: [8]) {
        let y = ConvLSTM2D(8, 3)(x, initial_state = [h, h]);
        let z = ConvLSTM2D(8, (3, 3, 3), padding = causal)(x);
        let w = ConvLSTM2D(8, 10)(x);
        (y, z, w)
    }
}

fn main() {
    let _: [f32; 10] = Film::seeded(1).predict_one(&[[[0.5]; 28]; 28]);
}
