use keras::prelude::*;

fn main() {
    let hidden = 64;
    let model = sequential!(Input(784), Dense(hidden, relu), Dense(10, softmax));
    let _: [f32; 10] = model.predict_one(&[0.5; 784]);
    println!("{}", model.dense.kernel[3][2]);
}
