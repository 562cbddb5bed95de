use keras::prelude::*;

sequential! { pub struct Net< Input(784), Dense(64, relu), Dense(10, softmax) >; }

fn main() {
    let model = Net::seeded(1);
    let _: [f32; 9] = model.predict_one(&[0.5; 784]);
}
