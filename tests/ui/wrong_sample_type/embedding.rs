use keras::prelude::*;

sequential! {
    struct Net<
        Input(20, dtype = u32),
        Embedding(1000, 16),
        Flatten,
        Dense(2, softmax),
    >;
}

fn main() {
    let _: [f32; 2] = Net::seeded(1).predict_one(&[1.0; 20]);
}
