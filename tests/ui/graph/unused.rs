use keras::prelude::*;

model! {
    pub struct Net(x: [784], extra: [4]) {
        let encoder = Dense(64);
        let h = Dense(64)(x);
        Dense(10, softmax)(x)
    }
}

fn main() {
    let model = Net::seeded(1);
    let _: [f32; 10] = model.predict_one(&([0.5; 784], [0.5; 4]));
}
