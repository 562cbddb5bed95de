//! A type that does not exist.

use keras::prelude::*;

sequential! { pub struct Net< Input(8), Dense(4), self::Scale(0.5), Dense(3, softmax) >; }

fn main() {
    let model = Net::new();
    let _: [f32; 3] = model.predict_one(&[0.5; 8]);
}
