//! A type that is no model.

use keras::prelude::*;

pub struct Base;

sequential! { pub struct Net< Input(8), self::Base, Dense(3, softmax) >; }

fn main() {
    let model = Net::new();
    let _: [f32; 3] = model.predict_one(&[0.5; 8]);
}
