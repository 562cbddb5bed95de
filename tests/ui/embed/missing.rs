//! A weight that the file lacks.

use keras::include_weights;
use keras::prelude::*;

sequential! { struct Digits< Input(64), Dense(32, relu), Dense(10, softmax, name = "classes") >; }

fn main() {
    let model = include_weights!(Digits, "../../../examples/06_digits.safetensors");
    let _: [f32; 10] = model.predict_one(&[0.5; 64]);
}
