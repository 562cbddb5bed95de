//! A model of two inputs as a layer.

use keras::prelude::*;

model! { pub struct Sum(a: [8], b: [8]) { Dense(4)(a + b) } }
sequential! { pub struct Net< Input(8), self::Sum, Dense(3, softmax) >; }

fn main() {
    let model = Net::new();
    let _: [f32; 3] = model.predict_one(&[0.5; 8]);
}
