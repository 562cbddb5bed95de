//! A model as a layer, for samples of another shape.

use keras::prelude::*;

sequential! { pub struct Base< Input(16), Dense(4, relu) >; }
sequential! { pub struct Net< Input(8), self::Base, Dense(3, softmax) >; }

fn main() {
    let model = Net::new();
    let _: [f32; 3] = model.predict_one(&[0.5; 8]);
}
