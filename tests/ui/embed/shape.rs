//! Weights of another model.

use keras::include_weights;
use keras::prelude::*;

sequential! { struct Digits< Input(64), Dense(48, relu), Dense(10, softmax) >; }

fn main() {
    let model = include_weights!(Digits, "../../../examples/06_digits.safetensors");
    let _: [f32; 10] = model.predict_one(&[0.5; 64]);
}
